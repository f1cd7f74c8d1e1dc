import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';
import { peakMegabytes } from '../processes.ts';
import type { FuzzFailure, FuzzJob, FuzzMessage } from './worker.ts';

/** The end of a job. `at`: the case during which the process ended. */
export type JobEnd =
  { readonly kind: 'done' } | { readonly kind: 'hung' | 'crashed'; readonly at: number; readonly log: string };

export interface FuzzProcess {
  /** Runs one job at a time. */
  readonly run: (job: FuzzJob, onFailure: (failure: FuzzFailure) => void) => Promise<JobEnd>;
  /** The highest resident memory of the process, in MB. */
  readonly peak: () => number;
}

/** Time without progress after which the process hangs. Inputs take microseconds. */
const HANG_MILLISECONDS = 20_000;
const POLL_MILLISECONDS = 250;
const MOST_LOG = 2000;

/** A process that is started for the first job, and again after a job that ended it. It ends with this process. */
export function createFuzzProcess(): FuzzProcess {
  let child: ChildProcess | undefined;
  let log = '';
  const start = (): ChildProcess => {
    const started = fork(path.join(import.meta.dirname, 'worker.ts'), {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    log = '';
    started.stderr?.setEncoding('utf8').on('data', (text: string) => (log = (log + text).slice(-MOST_LOG)));
    // The process must not keep this one running.
    started.unref();
    started.channel?.unref();
    (started.stderr as Socket | null)?.unref();
    return started;
  };
  return {
    peak: () => (child?.pid === undefined ? 0 : peakMegabytes(child.pid)),
    async run(job, onFailure) {
      const worker = (child ??= start());
      const { promise, resolve } = Promise.withResolvers<JobEnd>();
      let [position, changedAt, isHung] = [-1, Date.now(), false];
      const onMessage = (message: FuzzMessage): void => {
        if (message === 'done') resolve({ kind: 'done' });
        else onFailure(message);
      };
      const onExit = (): void => {
        child = undefined;
        resolve({ kind: isHung ? 'hung' : 'crashed', at: Math.max(job.first, positionIn(job.file)), log });
      };
      worker.on('message', onMessage).once('exit', onExit);
      worker.send(job);
      const watchdog = setInterval(() => {
        const now = positionIn(job.file);
        if (now !== position) [position, changedAt] = [now, Date.now()];
        else if (Date.now() - changedAt > HANG_MILLISECONDS) isHung = worker.kill('SIGKILL');
      }, POLL_MILLISECONDS);
      try {
        return await promise;
      } finally {
        clearInterval(watchdog);
        worker.off('message', onMessage).off('exit', onExit);
      }
    },
  };
}

/** -1 before the first case */
function positionIn(file: string): number {
  try {
    return readFileSync(file).readUInt32LE();
  } catch {
    return -1;
  }
}
