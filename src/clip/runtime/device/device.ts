import { messageOf } from '../../../base/userError.ts';
import { shared } from '../../../base/shared.ts';
import type { ModelFolder } from '../../base/manifest.ts';
import { readMachine, type Machine } from './machine.ts';
import { runProbe } from './probeProcess.ts';
import { gpuProviders, installedRuntime, PROVIDER_NAMES, type DeviceSetting, type Provider } from './providers.ts';
import { candidatesFor, CHOSEN_BY_USER, decide, onCpu, type Candidates, type Trial, type Verdict } from './verdict.ts';
import { verdictCache, type VerdictCache } from './verdictCache.ts';

/**
 * Options for the device of the image encoder. The text encoder, heatmaps and matrices always run on the CPU, which is
 * fast at them.
 */
export interface DeviceOptions {
  /** Read at each start of the inference process. */
  readonly setting: () => DeviceSetting;
  /** The folder that keeps the results of trials. */
  readonly folder: string;
  /** The script of the probe: probe.ts, or its bundle. */
  readonly probeScript: string | URL;
  /** The version of AssetLens. Another version tries the devices again. */
  readonly version: string;
  readonly onEvent?: ((event: DeviceEvent) => void) | undefined;
  /** Another machine than this one, for tests. */
  readonly machine?: () => Promise<Machine>;
}

export type DeviceEvent =
  /** The user chose a GPU, and the CPU is used instead. Sent once for each setting. */
  | { readonly kind: 'refused'; readonly setting: DeviceSetting; readonly reason: string }
  /** The GPU failed during work. The CPU repeated that work and is used from then on. Sent once. */
  | { readonly kind: 'lost'; readonly provider: Provider; readonly reason: string }
  /** The GPU did not fail after all: an image ended the process, which it does on the CPU as well. */
  | { readonly kind: 'acquitted'; readonly provider: Provider }
  /** A trial of a provider begins, or ends. */
  | { readonly kind: 'trying'; readonly provider: Provider }
  | { readonly kind: 'tried'; readonly trial: Trial };

/** The device of the image encoder, for diagnostics. */
export interface DeviceReport {
  readonly setting: DeviceSetting;
  readonly verdict: Verdict;
  /** The trials of providers on this machine. */
  readonly trials: readonly Trial[];
  readonly runtimeVersion: string;
}

/** Decides where the image encoder runs. */
export interface Device {
  /**
   * The device for a process that starts now. With the setting `auto` this does not wait for trials: `explore` makes
   * them for the next start. With a GPU setting it waits until that GPU was tried once.
   */
  choose(): Promise<Verdict>;
  /** Tries the providers that `auto` has not tried yet. If the signal is aborted, the next call starts again. */
  explore(signal: AbortSignal): Promise<void>;
  /** Tries all providers that the setting allows again; with `auto` also if there seems to be no graphics card. */
  tryAll(signal?: AbortSignal): Promise<void>;
  report(): Promise<DeviceReport>;
  /**
   * The GPU failed: `choose` returns the CPU from now on.
   * @param how `suspected` if the process died while the GPU worked, which can have another cause
   */
  lose(reason: string, how: 'certain' | 'suspected'): void;
  /** The process died of another cause: `choose` returns a GPU again that was only suspected. */
  acquit(): void;
}

/** The CPU. No GPU is tried. */
export const cpuOnly: Device = {
  choose: () => Promise.resolve(onCpu(CHOSEN_BY_USER)),
  explore: () => Promise.resolve(),
  tryAll: () => Promise.resolve(),
  async report() {
    const { version } = await installedRuntime();
    return { setting: 'cpu', verdict: onCpu(CHOSEN_BY_USER), trials: [], runtimeVersion: version };
  },
  lose: () => undefined,
  acquit: () => undefined,
};

/** @param threads the threads of the CPU, which a GPU must beat */
export function chooseDevice(
  model: ModelFolder,
  threads: number,
  options: DeviceOptions,
  log: (line: string) => void,
): Device {
  return new TriedDevice(model, threads, options, log);
}

/** The facts about this machine, and the trials on it. */
interface Facts extends Machine {
  readonly cache: VerdictCache;
  readonly trials: Map<Provider, Trial>;
}

/** A device that is chosen by trials. */
class TriedDevice implements Device {
  readonly #model: ModelFolder;
  readonly #threads: number;
  readonly #options: DeviceOptions;
  readonly #log: (line: string) => void;
  readonly #facts = shared(() => this.#readFacts());
  #chosen: Provider = 'cpu';
  #lost: { readonly provider: Provider; readonly reason: string; readonly isSuspicion: boolean } | undefined;
  /** The setting for which `refused` was sent. */
  #refusedSetting: DeviceSetting | undefined;
  /** The error of a probe that could not try any provider. It is not stored, because the provider is not the cause. */
  #probeError: string | undefined;

  constructor(model: ModelFolder, threads: number, options: DeviceOptions, log: (line: string) => void) {
    this.#model = model;
    this.#threads = threads;
    this.#options = options;
    this.#log = log;
  }

  async choose(): Promise<Verdict> {
    const setting = this.#options.setting();
    const isGpuChosen = setting !== 'auto' && setting !== 'cpu';
    if (isGpuChosen && !this.#lost && this.#probeError === undefined) {
      await this.#tryUntried().catch((error: unknown) => {
        this.#probeError = messageOf(error);
      });
    }
    const verdict = await this.#verdict();
    this.#chosen = verdict.provider;
    if (isGpuChosen && verdict.device === 'cpu' && !this.#lost && this.#refusedSetting !== setting) {
      this.#refusedSetting = setting;
      this.#options.onEvent?.({ kind: 'refused', setting, reason: verdict.reason });
    }
    return verdict;
  }

  async explore(signal: AbortSignal): Promise<void> {
    if (this.#options.setting() !== 'auto' || this.#lost || this.#probeError !== undefined) return;
    await this.#tryUntried(signal).catch((error: unknown) => {
      if (signal.aborted) return;
      this.#probeError = messageOf(error);
      this.#log(this.#probeError);
    });
  }

  async tryAll(signal?: AbortSignal): Promise<void> {
    const facts = await this.#facts.get();
    const setting = this.#options.setting();
    const { providers } = this.#candidates(facts, setting === 'auto' ? 'gpu' : setting);
    for (const provider of providers) await this.#tryProvider(facts, provider, signal);
  }

  async report(): Promise<DeviceReport> {
    const { runtime, trials } = await this.#facts.get();
    const order = new Set([...gpuProviders(runtime), ...trials.keys()]);
    return {
      setting: this.#options.setting(),
      verdict: await this.#verdict(),
      trials: [...order].flatMap((provider) => trials.get(provider) ?? []),
      runtimeVersion: runtime.version,
    };
  }

  lose(reason: string, how: 'certain' | 'suspected'): void {
    if (this.#lost || this.#chosen === 'cpu') return;
    this.#lost = { provider: this.#chosen, reason, isSuspicion: how === 'suspected' };
    this.#options.onEvent?.({ kind: 'lost', provider: this.#chosen, reason });
  }

  acquit(): void {
    if (!this.#lost?.isSuspicion) return;
    this.#options.onEvent?.({ kind: 'acquitted', provider: this.#lost.provider });
    this.#lost = undefined;
  }

  async #readFacts(): Promise<Facts> {
    const { folder, version, machine = readMachine } = this.#options;
    const here = await machine();
    const { id } = this.#model.manifest;
    const cache = verdictCache(folder, id, [version, JSON.stringify(here.runtime), ...here.identity]);
    const trials = new Map((await cache.read()).map((trial) => [trial.provider, trial]));
    return { ...here, cache, trials };
  }

  async #verdict(): Promise<Verdict> {
    const facts = await this.#facts.get();
    if (this.#lost) return onCpu(`${PROVIDER_NAMES[this.#lost.provider]} failed: ${this.#lost.reason}`);
    const { verdict, untried } = decide(this.#candidates(facts), facts.trials);
    return untried !== null && this.#probeError !== undefined ? onCpu(this.#probeError) : verdict;
  }

  async #tryUntried(signal?: AbortSignal): Promise<void> {
    const facts = await this.#facts.get();
    for (let next; (next = decide(this.#candidates(facts), facts.trials).untried) !== null;) {
      await this.#tryProvider(facts, next, signal);
    }
  }

  async #tryProvider({ cache, trials }: Facts, provider: Provider, signal?: AbortSignal): Promise<void> {
    const { onEvent, probeScript } = this.#options;
    onEvent?.({ kind: 'trying', provider });
    const options = { modelFolder: this.#model.folder, provider, threads: this.#threads };
    const trial = await runProbe(probeScript, options, signal);
    trials.set(provider, trial);
    this.#log(`${PROVIDER_NAMES[provider]}: ${trial.outcome}, ${trial.reason}`);
    onEvent?.({ kind: 'tried', trial });
    await cache.write([...trials.values()]).catch((error: unknown) => {
      this.#log(`The results of device trials cannot be stored: ${messageOf(error)}`);
    });
  }

  #candidates({ runtime, graphicsCard }: Facts, setting = this.#options.setting()): Candidates {
    return candidatesFor(setting, runtime, this.#model.manifest.precision, graphicsCard);
  }
}
