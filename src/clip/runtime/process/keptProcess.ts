import type { DecodeLimits } from '../../images/limits.ts';
import type { Device } from '../device/device.ts';
import type { HostOptions } from '../protocol.ts';
import { InferenceProcess, ProcessDied } from './inferenceProcess.ts';

const MINUTE = 60_000;
const PROCESS_IDLE = 5 * MINUTE;
const SESSION_IDLE = 2 * MINUTE;
const EXPLORE_IDLE = 10_000;

export interface KeptProcessOptions extends Pick<
  HostOptions,
  'modelFolder' | 'threads' | 'decodeThreads' | 'thumbnailFolder'
> {
  /** The script of the inference process: host.ts, or its bundle. */
  readonly hostScript: string | URL;
  readonly device: Device;
  /** Called at each start of the process. */
  readonly limits: () => DecodeLimits;
  /** The process ends after this idle time. Default: 5 minutes. */
  readonly processIdleMilliseconds?: number | undefined;
  /** Devices are explored after this idle time. Default: 10 seconds. */
  readonly exploreIdleMilliseconds?: number | undefined;
  readonly log?: ((line: string) => void) | undefined;
}

/**
 * The inference process for its clients: it starts when it is needed, ends when it is idle, and restarts if it died.
 */
export class KeptProcess {
  readonly #options: KeptProcessOptions;
  #running: InferenceProcess | undefined;
  #starting: Promise<InferenceProcess> | undefined;
  #isDisposed = false;
  #users = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  #exploreTimer: NodeJS.Timeout | undefined;
  #exploring: AbortController | undefined;
  /** Resolves when the process to replace has no more users. */
  #renewal: PromiseWithResolvers<void> | undefined;

  constructor(options: KeptProcessOptions) {
    this.#options = options;
  }

  /** The process. If none runs, one is started for all callers. */
  current(signal?: AbortSignal): Promise<InferenceProcess> {
    this.#assertUsable();
    signal?.throwIfAborted();
    if (this.#running?.isAlive) return Promise.resolve(this.#running);
    this.#starting ??= this.#start().finally(() => (this.#starting = undefined));
    return unlessAborted(this.#starting, signal);
  }

  /** Keeps the process running while `work` runs. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#exploreTimer);
    this.#exploring?.abort();
    this.#users++;
    try {
      return await work();
    } finally {
      this.#users--;
      if (this.#users === 0) this.#rest();
    }
  }

  /** Runs `work`, and once more with a new process if the process dies during it. */
  useTwice<T>(work: (process: InferenceProcess) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.use(async () => {
      try {
        return await work(await this.current(signal));
      } catch (error) {
        if (!(error instanceof ProcessDied)) throw error;
        return await work(await this.current(signal));
      }
    });
  }

  /** Ends the process as soon as it has no users, and resolves then. The next use starts a new one. */
  renew(): Promise<void> {
    this.#renewal ??= Promise.withResolvers();
    const { promise } = this.#renewal;
    if (this.#users === 0) this.#endOutdated();
    return promise;
  }

  /** Ends the process for good, and waits until it has exited. */
  async end(): Promise<void> {
    this.#isDisposed = true;
    this.#resolveRenewal();
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#exploreTimer);
    this.#exploring?.abort();
    await this.#running?.stop();
  }

  async #start(): Promise<InferenceProcess> {
    this.#resolveRenewal();
    const { hostScript, modelFolder, threads, decodeThreads, limits, thumbnailFolder, device, log } = this.#options;
    const { provider, batch } = await device.choose();
    this.#assertUsable();
    this.#running = new InferenceProcess(
      hostScript,
      {
        ...{ modelFolder, device: provider, batch, threads, decodeThreads, limits: limits(), thumbnailFolder },
        sessionIdleMilliseconds: SESSION_IDLE,
      },
      {
        log,
        onGpuLost: (reason, how) => {
          device.lose(reason, how);
        },
      },
    );
    return this.#running;
  }

  #rest(): void {
    if (this.#isDisposed) return;
    if (this.#renewal) this.#endOutdated();
    const { processIdleMilliseconds = PROCESS_IDLE, exploreIdleMilliseconds = EXPLORE_IDLE } = this.#options;
    this.#idleTimer = setTimeout(() => void this.#running?.stop(), processIdleMilliseconds).unref();
    this.#exploreTimer = setTimeout(() => void this.#explore(), exploreIdleMilliseconds).unref();
  }

  /**
   * Tries the devices that `auto` has not tried yet. That happens in a pause, so that the first use does not wait for
   * it and other work does not make the CPU look slow. The next use stops it, and the next pause starts it again.
   */
  async #explore(): Promise<void> {
    this.#exploring = new AbortController();
    await this.#options.device.explore(this.#exploring.signal);
  }

  #endOutdated(): void {
    void this.#running?.stop();
    this.#resolveRenewal();
  }

  #resolveRenewal(): void {
    this.#renewal?.resolve();
    this.#renewal = undefined;
  }

  #assertUsable(): void {
    if (this.#isDisposed) throw new Error('This inference was disposed.');
  }
}

/** @throws the reason of the signal once it is aborted; the promise continues for others */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => {
    reject(signal.reason as Error);
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
