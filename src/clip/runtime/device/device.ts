import { messageOf } from '../../../base/userError.ts';
import type { ModelFolder } from '../../base/manifest.ts';
import { readMachine, type Machine } from './machine.ts';
import { runProbe } from './probeProcess.ts';
import { gpuProviders, installedRuntime, PROVIDER_NAMES, type DeviceSetting, type Provider } from './providers.ts';
import { ASKED_FOR, candidatesFor, decide, onProcessor, type Candidates, type Trial, type Verdict } from './verdict.ts';
import { verdictCache, type VerdictCache } from './verdictCache.ts';

/** Where the image encoder is to run. Text encoder, heatmaps and matrices stay on the processor, which is quick at them. */
export interface DeviceOptions {
  /** Read whenever the inference process starts. */
  readonly setting: () => DeviceSetting;
  /** What was found out about devices is kept there, by everything that it depends on. */
  readonly folder: string;
  /** The script of the probe: probe.ts, or its bundle. */
  readonly probeScript: string | URL;
  /** Of AssetLens: another one tries anew. */
  readonly version: string;
  readonly onEvent?: ((event: DeviceEvent) => void) | undefined;
  /** Another machine than this one, for tests. */
  readonly machine?: () => Promise<Machine>;
}

export type DeviceEvent =
  /** A GPU was asked for, and the processor has to do. Once for each setting. */
  | { readonly kind: 'refused'; readonly setting: DeviceSetting; readonly reason: string }
  /** The GPU failed at work, which the processor did and goes on with. Once. */
  | { readonly kind: 'lost'; readonly provider: Provider; readonly reason: string }
  /** It did not fail after all: an image did, which ends the process on the processor as well. */
  | { readonly kind: 'acquitted'; readonly provider: Provider }
  /** A provider is being tried, or was. */
  | { readonly kind: 'trying'; readonly provider: Provider }
  | { readonly kind: 'tried'; readonly trial: Trial };

/** For people and for diagnostics. */
export interface DeviceReport {
  readonly setting: DeviceSetting;
  readonly verdict: Verdict;
  /** Whatever is known of providers on this machine. */
  readonly trials: readonly Trial[];
  readonly runtimeVersion: string;
}

/** Decides where the image encoder runs. */
export interface Device {
  /**
   * For a process that starts now. `auto` never waits: what was not tried yet is tried by `explore`, for the next start. Who asks
   * for a GPU waits until it was tried, once.
   */
  choose(): Promise<Verdict>;
  /** Tries what `auto` has not tried yet; stopped by its signal, it is begun anew next time. */
  explore(signal: AbortSignal): Promise<void>;
  /** Tries all that the setting allows anew, and of `auto` what a machine without a graphics card is spared. */
  tryAll(signal?: AbortSignal): Promise<void>;
  report(): Promise<DeviceReport>;
  /**
   * The GPU failed: the processor does the rest, as long as this lives.
   * @param how `suspected` where the process died while the GPU worked, which may have had another cause
   */
  readonly lose: (reason: string, how: 'certain' | 'suspected') => void;
  /** What the process died of was something else: a GPU that was only suspected is chosen again for the next start. */
  acquit(): void;
}

interface Facts extends Machine {
  readonly cache: VerdictCache;
  readonly trials: Map<Provider, Trial>;
}

/** For whom nothing is tried. */
export const processorAlone: Device = {
  choose: () => Promise.resolve(onProcessor(ASKED_FOR)),
  explore: () => Promise.resolve(),
  tryAll: () => Promise.resolve(),
  async report() {
    const { version } = await installedRuntime();
    return { setting: 'cpu', verdict: onProcessor(ASKED_FOR), trials: [], runtimeVersion: version };
  },
  lose: () => undefined,
  acquit: () => undefined,
};

/** @param threads of the processor, which a GPU has to beat */
export function chooseDevice(
  { folder: modelFolder, manifest }: ModelFolder,
  threads: number,
  { setting, folder, probeScript, version, onEvent, machine = readMachine }: DeviceOptions,
  log: (line: string) => void,
): Device {
  let facts: Promise<Facts> | undefined;
  let lost: { readonly provider: Provider; readonly reason: string; readonly isSuspicion: boolean } | undefined;
  let chosen: Provider = 'cpu';
  let toldRefusal: DeviceSetting | undefined;
  /** Of a probe that could not try anything: not kept, for it says nothing of the provider. */
  let trouble: string | undefined;

  const readFacts = async (): Promise<Facts> => {
    const here = await machine();
    const cache = verdictCache(folder, manifest.id, [version, JSON.stringify(here.runtime), ...here.identity]);
    const trials = new Map((await cache.read()).map((trial) => [trial.provider, trial]));
    return { ...here, cache, trials };
  };
  const known = async (): Promise<Facts> => {
    try {
      return await (facts ??= readFacts());
    } catch (error) {
      facts = undefined; // the next use may find the installation mended
      throw error;
    }
  };

  const tryOne = async ({ cache, trials }: Facts, provider: Provider, signal?: AbortSignal): Promise<void> => {
    onEvent?.({ kind: 'trying', provider });
    const trial = await runProbe(probeScript, { modelFolder, provider, threads }, signal);
    trials.set(provider, trial);
    log(`${PROVIDER_NAMES[provider]}: ${trial.outcome}, ${trial.reason}`);
    onEvent?.({ kind: 'tried', trial });
    // Then it is tried again next time, no more.
    await cache.write([...trials.values()]).catch((error: unknown) => {
      log(`What was found out about devices cannot be kept: ${messageOf(error)}`);
    });
  };

  const candidates = ({ runtime, graphicsCard }: Facts, asked = setting()): Candidates =>
    candidatesFor(asked, runtime, manifest.precision, graphicsCard);

  const tryUntried = async (signal?: AbortSignal): Promise<void> => {
    const all = await known();
    for (let next; (next = decide(candidates(all), all.trials).untried) !== null;) await tryOne(all, next, signal);
  };

  const verdictNow = async (): Promise<Verdict> => {
    const all = await known();
    if (lost) return onProcessor(`${PROVIDER_NAMES[lost.provider]} failed: ${lost.reason}`);
    const { verdict, untried } = decide(candidates(all), all.trials);
    return untried !== null && trouble !== undefined ? onProcessor(trouble) : verdict;
  };

  return {
    async choose() {
      const asked = setting();
      if (asked !== 'auto' && asked !== 'cpu' && !lost && trouble === undefined) {
        await tryUntried().catch((error: unknown) => {
          trouble = messageOf(error);
        });
      }
      const verdict = await verdictNow();
      chosen = verdict.provider;
      if (asked !== 'auto' && asked !== 'cpu' && verdict.device === 'cpu' && !lost && toldRefusal !== asked) {
        toldRefusal = asked;
        onEvent?.({ kind: 'refused', setting: asked, reason: verdict.reason });
      }
      return verdict;
    },
    async explore(signal) {
      if (setting() !== 'auto' || lost || trouble !== undefined) return;
      await tryUntried(signal).catch((error: unknown) => {
        if (signal.aborted) return;
        trouble = messageOf(error);
        log(trouble);
      });
    },
    async tryAll(signal) {
      const all = await known();
      const asked = setting();
      const { providers } = candidates(all, asked === 'auto' ? 'gpu' : asked);
      for (const provider of providers) await tryOne(all, provider, signal);
    },
    async report() {
      const { runtime, trials } = await known();
      const order = [...gpuProviders(runtime), ...trials.keys()];
      const inOrder = [...new Set(order)].flatMap((provider) => trials.get(provider) ?? []);
      return {
        setting: setting(),
        verdict: await verdictNow(),
        trials: inOrder,
        runtimeVersion: runtime.version,
      };
    },
    lose(reason, how) {
      if (lost || chosen === 'cpu') return;
      lost = { provider: chosen, reason, isSuspicion: how === 'suspected' };
      onEvent?.({ kind: 'lost', provider: chosen, reason });
    },
    acquit() {
      if (!lost?.isSuspicion) return;
      onEvent?.({ kind: 'acquitted', provider: lost.provider });
      lost = undefined;
    },
  };
}
