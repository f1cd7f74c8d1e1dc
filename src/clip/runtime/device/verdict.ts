import * as z from 'zod';
import type { ModelManifest } from '../../base/manifest.ts';
import {
  gpuProviders,
  missingProvider,
  PROVIDER_NAMES,
  PROVIDERS,
  type DeviceSetting,
  type InstalledRuntime,
  type Provider,
} from './providers.ts';

/** Batch size on the CPU. Larger batches are not faster there, and other requests wait longer. */
export const CPU_BATCH = 8;

/** The reason of a verdict for the CPU if the setting is `cpu`. */
export const CHOSEN_BY_USER = 'as requested';

/** The result of trying one provider with one model, see probe.ts. */
export const trialSchema = z.object({
  provider: z.enum(PROVIDERS),
  /** `slower`: correct, and not faster than the CPU. `wrong`: other embeddings. `failed`: no embeddings. */
  outcome: z.enum(['accepted', 'slower', 'wrong', 'failed']),
  /** Reason for the user. */
  reason: z.string(),
  /** The lowest cosine between an embedding and that of the CPU; null if there are no embeddings. */
  cosine: z.number().nullable(),
  imagesPerSecond: z.number().nullable(),
  /** Measured on the CPU in the same process, just before. */
  cpuImagesPerSecond: z.number().nullable(),
  /** The fastest batch size. */
  batch: z.int().positive(),
  /** Time of the trial in milliseconds since 1970. */
  at: z.number(),
});
export type Trial = z.infer<typeof trialSchema>;

/** The device of the image encoder, and the reason for it. */
export interface Verdict {
  readonly device: 'cpu' | 'gpu';
  readonly provider: Provider;
  /** Reason for the user. */
  readonly reason: string;
  /** Batch size. */
  readonly batch: number;
  /** Null if not measured. */
  readonly imagesPerSecond: { readonly cpu: number | null; readonly gpu: number | null };
  readonly cosine: number | null;
}

/** The providers to try for a setting, in this order. */
export interface Candidates {
  readonly providers: readonly Provider[];
  /** The reason why there are none; empty otherwise. */
  readonly reason: string;
  /** Whether the setting names the provider: it is then used even if it is slower than the CPU. */
  readonly named: boolean;
}

/** @param graphicsCard whether there is a graphics card; `auto` tries nothing without one */
export function candidatesFor(
  setting: DeviceSetting,
  runtime: InstalledRuntime,
  precision: ModelManifest['precision'],
  graphicsCard: boolean,
): Candidates {
  const none = (reason: string): Candidates => ({ providers: [], reason, named: false });
  if (setting === 'cpu') return none(CHOSEN_BY_USER);
  if (precision === 'int8') return none('models in int8 run only on the CPU');
  if (setting !== 'auto' && setting !== 'gpu') {
    const missing = missingProvider(setting, runtime);
    return missing === undefined ? { providers: [setting], reason: '', named: true } : none(missing);
  }
  const providers = gpuProviders(runtime);
  if (providers.length === 0) return none(`ONNX Runtime has no GPU provider on ${runtime.platform}-${runtime.arch}`);
  if (setting === 'auto' && !graphicsCard) return none('no graphics card was found');
  return { providers, reason: '', named: false };
}

/**
 * Decides from the trials so far: the first provider that was accepted, or the CPU.
 * @returns the verdict, and the provider that has to be tried before the verdict is final; null if it is final
 */
export function decide(
  { providers, reason, named }: Candidates,
  trials: ReadonlyMap<Provider, Trial>,
): { readonly verdict: Verdict; readonly untried: Provider | null } {
  const refused: Trial[] = [];
  for (const provider of providers) {
    const trial = trials.get(provider);
    if (!trial) {
      return { verdict: onCpu(`${PROVIDER_NAMES[provider]} was not tried yet`, refused), untried: provider };
    }
    if (trial.outcome === 'accepted' || (named && trial.outcome === 'slower')) {
      return { verdict: onGpu(trial), untried: null };
    }
    refused.push(trial);
  }
  const reasons = refused.map((trial) => `${PROVIDER_NAMES[trial.provider]}: ${trial.reason}`);
  return { verdict: onCpu(reasons.join('; ') || reason, refused), untried: null };
}

/** @param refused the trials that were made before; the verdict reports the figures of one of them */
export function onCpu(reason: string, refused: readonly Trial[] = []): Verdict {
  const measured = refused.find(({ imagesPerSecond }) => imagesPerSecond !== null) ?? refused[0];
  return {
    device: 'cpu',
    provider: 'cpu',
    reason,
    batch: CPU_BATCH,
    imagesPerSecond: { cpu: measured?.cpuImagesPerSecond ?? null, gpu: measured?.imagesPerSecond ?? null },
    cosine: measured?.cosine ?? null,
  };
}

function onGpu({ provider, reason, batch, cpuImagesPerSecond, imagesPerSecond, cosine }: Trial): Verdict {
  return {
    device: 'gpu',
    provider,
    reason,
    batch,
    imagesPerSecond: { cpu: cpuImagesPerSecond, gpu: imagesPerSecond },
    cosine,
  };
}
