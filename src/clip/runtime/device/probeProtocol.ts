import type { Provider } from './providers.ts';
import type { Trial } from './verdict.ts';

/** What the probe is started with (its only command-line argument, as JSON). */
export interface ProbeOptions {
  readonly modelFolder: string;
  readonly provider: Provider;
  readonly threads: number;
  /** It begins nothing that would go on for longer. */
  readonly milliseconds: number;
}

/** Probe → parent. `step` says what it does next, for whoever asks what it died of; one of the others ends it. */
export type FromProbe =
  | { readonly type: 'step'; readonly what: string }
  | { readonly type: 'trial'; readonly trial: Trial }
  | { readonly type: 'unusable'; readonly reason: string };

/** What ONNX Runtime and its providers say where something usual is missing, and what that means. */
const KNOWN: readonly (readonly [RegExp, string])[] = [
  [/Failed to get a WebGPU adapter|No supported adapters/, 'no graphics driver is installed that WebGPU can use'],
  [/requires f16 but the device does not support it/, 'it cannot compute in half precision, which this model is in'],
  [/libcud(a|nn|art)|libcublas|libcurand|libcufft/, 'CUDA or cuDNN is not installed, or in another version'],
];

/** What the runtime says, without the place in its source; in plain words where they are known. */
export function plainReason(message: string): string {
  const known = KNOWN.find(([pattern]) => pattern.test(message));
  if (known) return known[1];
  const said = message.replace(/^\S+\.(cc|cpp|h):\d+ .*? was false\. /s, '').trim();
  return said.length > 300 ? `${said.slice(0, 300)}…` : said;
}
