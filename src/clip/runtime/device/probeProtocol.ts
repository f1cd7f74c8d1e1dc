import type { Provider } from './providers.ts';
import type { Trial } from './verdict.ts';

/** The options of the probe: its only command-line argument, as JSON. */
export interface ProbeOptions {
  readonly modelFolder: string;
  readonly provider: Provider;
  readonly threads: number;
  /** The probe starts nothing that would take longer than this. */
  readonly milliseconds: number;
}

/**
 * The messages of the probe. `step` names the next step, so that a crash can be attributed to it. One of the others is
 * the last message. `unusable`: the model or the CPU failed, and the provider is not the cause.
 */
export type FromProbe =
  | { readonly type: 'step'; readonly what: string }
  | { readonly type: 'trial'; readonly trial: Trial }
  | { readonly type: 'unusable'; readonly reason: string };

/** Common messages of ONNX Runtime and its providers, and their meaning. */
const KNOWN: readonly (readonly [RegExp, string])[] = [
  [/Failed to get a WebGPU adapter|No supported adapters/, 'no graphics driver for WebGPU is installed'],
  [/requires f16 but the device does not support it/, 'it does not support half precision, which this model uses'],
  [/libcud(a|nn|art)|libcublas|libcurand|libcufft/, 'CUDA or cuDNN is missing, or has an unsupported version'],
];

/**
 * A message of ONNX Runtime for the user: its meaning if it is known, else its text without the location in the source.
 */
export function plainReason(message: string): string {
  const known = KNOWN.find(([pattern]) => pattern.test(message));
  if (known) return known[1];
  const text = message.replace(/^\S+\.(cc|cpp|h):\d+ .*? was false\. /s, '').trim();
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
