import { z } from 'zod';
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

/** Images a run on the processor: larger batches are no faster there and make other requests wait longer. */
export const CPU_BATCH = 8;

/** Why it is the processor, where it is because somebody wants it so. */
export const ASKED_FOR = 'as it was asked for';

/** How one provider did with one model, see probe.ts. */
export const trialSchema = z.object({
  provider: z.enum(PROVIDERS),
  /** `slower`: as right as the processor, and no faster. `wrong`: other embeddings. `failed`: none at all. */
  outcome: z.enum(['accepted', 'slower', 'wrong', 'failed']),
  /** For people. */
  reason: z.string(),
  /** The least over all images that were compared; null where it put out none. */
  cosine: z.number().nullable(),
  imagesPerSecond: z.number().nullable(),
  /** Of the processor in the same process, right before. */
  cpuImagesPerSecond: z.number().nullable(),
  /** Images a run at which it was fastest. */
  batch: z.int().positive(),
  /** When it was, in milliseconds since 1970. */
  at: z.number(),
});
export type Trial = z.infer<typeof trialSchema>;

/** Where images are embedded, and why there. */
export interface Verdict {
  readonly device: 'cpu' | 'gpu';
  readonly provider: Provider;
  /** For people. */
  readonly reason: string;
  readonly batch: number;
  /** Null where it was not measured. */
  readonly imagesPerSecond: { readonly cpu: number | null; readonly gpu: number | null };
  readonly cosine: number | null;
}

/** What a setting asks to be tried, in this order. */
export interface Candidates {
  readonly providers: readonly Provider[];
  /** Why there are none, where there are none. */
  readonly reason: string;
  /** Whether one that is right will do even where it is slower: it was asked for by name. */
  readonly named: boolean;
}

/** @param graphicsCard whether the system shows one; of interest to `auto` alone, which tries nothing in vain */
export function candidatesFor(
  setting: DeviceSetting,
  runtime: InstalledRuntime,
  precision: ModelManifest['precision'],
  graphicsCard: boolean,
): Candidates {
  const none = (reason: string): Candidates => ({ providers: [], reason, named: false });
  if (setting === 'cpu') return none(ASKED_FOR);
  if (precision === 'int8') return none('a model of precision int8 is computed by the processor alone');
  if (setting !== 'auto' && setting !== 'gpu') {
    const missing = missingProvider(setting, runtime);
    return missing === undefined ? { providers: [setting], reason: '', named: true } : none(missing);
  }
  const providers = gpuProviders(runtime);
  if (providers.length === 0) return none(`ONNX Runtime has no GPU provider on ${runtime.platform}-${runtime.arch}`);
  if (setting === 'auto' && !graphicsCard) return none('this system shows no graphics card');
  return { providers, reason: '', named: false };
}

/** The first of the candidates that will do, or the processor; and which one has to be tried before that is sure. */
export function decide(
  { providers, reason, named }: Candidates,
  trials: ReadonlyMap<Provider, Trial>,
): { readonly verdict: Verdict; readonly untried: Provider | null } {
  const refused: Trial[] = [];
  for (const provider of providers) {
    const trial = trials.get(provider);
    if (!trial) {
      return { verdict: onProcessor(`${PROVIDER_NAMES[provider]} was not tried yet`, refused), untried: provider };
    }
    if (trial.outcome === 'accepted' || (named && trial.outcome === 'slower')) {
      return { verdict: onGpu(trial), untried: null };
    }
    refused.push(trial);
  }
  const reasons = refused.map((trial) => `${PROVIDER_NAMES[trial.provider]}: ${trial.reason}`);
  return { verdict: onProcessor(reasons.join('; ') || reason, refused), untried: null };
}

/** @param refused what was tried before, whose figures are told */
export function onProcessor(reason: string, refused: readonly Trial[] = []): Verdict {
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
