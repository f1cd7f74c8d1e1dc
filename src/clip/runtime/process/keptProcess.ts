import type { InferenceOptions } from './client.ts';
import type { Device } from '../device/device.ts';
import { startProcess, type HostProcess } from './process.ts';

const MINUTE = 60_000;
const EXPLORE_IDLE = 10_000;
const THUMBNAIL_BYTES = 256 * 2 ** 20;

/** The inference process as its client sees it: there whenever it is asked for, gone when it was idle. */
export interface KeptProcess {
  /** The process, started where there is none: one for all who ask meanwhile. */
  readonly current: (signal?: AbortSignal) => Promise<HostProcess>;
  /** Keeps the process from ending while `work` goes on. */
  readonly busy: <T>(work: () => Promise<T>) => Promise<T>;
  /** Ends the process as soon as nobody needs it, and tells when it is; the next one is started anew. */
  readonly renew: () => Promise<void>;
  /** Ends it for good, and waits until it is gone. */
  readonly end: () => Promise<void>;
}

export function keepProcess(options: InferenceOptions & { readonly threads: number }, device: Device): KeptProcess {
  const processIdle = options.processIdleMilliseconds ?? 5 * MINUTE;
  let running: HostProcess | undefined;
  let starting: Promise<HostProcess> | undefined;
  let disposed = false;
  let users = 0;
  let idleTimer: NodeJS.Timeout | undefined;
  let exploreTimer: NodeJS.Timeout | undefined;
  let exploring: AbortController | undefined;
  /** Of a process that is to end, until it has. */
  let renewal: PromiseWithResolvers<void> | undefined;

  const assertUsable = (): void => {
    if (disposed) throw new Error('This inference was disposed.');
  };

  const renewed = (): void => {
    renewal?.resolve();
    renewal = undefined;
  };

  const start = async (): Promise<HostProcess> => {
    renewed();
    const { provider, batch } = await device.choose();
    assertUsable();
    running = startProcess(
      options.hostScript,
      {
        modelFolder: options.model.folder,
        device: provider,
        batch,
        threads: options.threads,
        sessionIdleMilliseconds: 2 * MINUTE,
        thumbnailFolder: options.thumbnailFolder && { bytes: THUMBNAIL_BYTES, ...options.thumbnailFolder },
      },
      { log: options.log, onGpuLost: device.lose },
    );
    return running;
  };

  /**
   * What `auto` has not tried yet is tried in a pause: neither does the first use wait for it, nor does work at the same time make the
   * processor look slow. Who comes in ends it, and it is begun anew in the next pause.
   */
  const explore = async (): Promise<void> => {
    exploring = new AbortController();
    await device.explore(exploring.signal);
  };

  const endOutdated = (): void => {
    void running?.stop();
    renewed();
  };

  const rest = (): void => {
    if (disposed) return;
    if (renewal) endOutdated();
    idleTimer = setTimeout(() => void running?.stop(), processIdle).unref();
    exploreTimer = setTimeout(() => void explore(), options.exploreIdleMilliseconds ?? EXPLORE_IDLE).unref();
  };

  return {
    current(signal) {
      assertUsable();
      signal?.throwIfAborted();
      if (running?.alive) return Promise.resolve(running);
      starting ??= start().finally(() => (starting = undefined));
      return unlessAborted(starting, signal);
    },
    async busy(work) {
      clearTimeout(idleTimer);
      clearTimeout(exploreTimer);
      exploring?.abort();
      users++;
      try {
        return await work();
      } finally {
        users--;
        if (users === 0) rest();
      }
    },
    renew() {
      renewal ??= Promise.withResolvers();
      const { promise } = renewal;
      if (users === 0) endOutdated();
      return promise;
    },
    async end() {
      disposed = true;
      renewed();
      clearTimeout(idleTimer);
      clearTimeout(exploreTimer);
      exploring?.abort();
      await running?.stop();
    },
  };
}

/** @throws the signal's reason once it is aborted; the promise goes on for others */
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
