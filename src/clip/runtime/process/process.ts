import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { UserError } from '../../../base/userError.ts';
import type { FromHost, HostOptions, Replies, Request, ToHost } from '../protocol.ts';

/** How to fill the matrix of image embeddings in the inference process, whenever it does not hold it. */
export interface MatrixSource {
  /** Two sources of the same key agree in all rows that both have: one of them only has more. */
  readonly key: string;
  readonly rows: number;
  readonly columns: number;
  /** The rows from this one on: float16 bit patterns, row-major, whole rows a chunk. */
  chunks(from: number): AsyncIterable<Uint16Array> | Iterable<Uint16Array>;
}

/** The inference process ended under a request. */
export class ProcessDied extends Error {
  /** How it ended, in words: "signal SIGSEGV", "exit code 134". */
  readonly how: string;

  constructor(how: string, log: string) {
    super(`The inference process ended (${how}).${log ? `\n${log}` : ''}`);
    this.how = how;
  }
}

/** One life of the inference process. */
export interface HostProcess {
  /** False as well once its decoders hang: it answers what it was asked before, and ends. */
  readonly alive: boolean;
  /**
   * @throws ProcessDied when the process ends first; UserError when it could not even start; the signal's reason when aborted
   */
  ask<R extends Request>(request: R, signal?: AbortSignal): Promise<Replies[R['kind']]>;
  /** Sends those rows of the matrix over that the process does not hold yet. One at a time: their rows must not mix. */
  holdMatrix(source: MatrixSource, signal?: AbortSignal): Promise<void>;
  /** Ends it, and waits until it is gone. */
  stop(): Promise<void>;
}

/** Matrices a process holds at a time: those of so many workspace folders. */
const MOST_MATRICES = 3;
/** A process that says nothing for this long while requests wait hangs (in a native library, say) and is ended. */
const HUNG_MILLISECONDS = 5 * 60_000;
const LOG_CHARACTERS = 4000;

export interface ProcessListener {
  readonly log?: ((line: string) => void) | undefined;
  /**
   * The GPU failed. By an error the process has told of, or, which is `suspected` alone, the process ended while the GPU worked; then it is told
   * before the requests of that process fail.
   */
  readonly onGpuLost?: (reason: string, how: 'certain' | 'suspected') => void;
}

export function startProcess(
  script: string | URL,
  options: HostOptions,
  { log, onGpuLost }: ProcessListener = {},
  hungMilliseconds = HUNG_MILLISECONDS,
): HostProcess {
  const child = fork(script, [JSON.stringify(options)], {
    serialization: 'advanced',
    execArgv: [], // the parent's flags (a debugger's port, a test runner's loader) are not for the child
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      ...process.env,
      ORT_DISABLE_TELEMETRY: '1', // or the runtime writes a device id below the home folder
      UV_THREADPOOL_SIZE: String(Math.max(4, 2 * availableParallelism())),
    },
  });
  /** What the child has not answered yet, requests included that nobody waits for any more. */
  const pending = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  let nextId = 1;
  let alive = true;
  let ready = false;
  let stuck = false;
  let gpuIsBusy = false;
  let lastLines = '';
  let watchdog: NodeJS.Timeout | undefined;
  /** Rows of each matrix that the child holds, by key; that used last is last. */
  const held = new Map<string, number>();

  /** From the last that was heard of the child, or from the first request that it owes an answer to. */
  const watch = (): void => {
    clearTimeout(watchdog);
    if (pending.size > 0) watchdog = setTimeout(() => child.kill('SIGKILL'), hungMilliseconds).unref();
  };

  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastLines = (lastLines + text).slice(-LOG_CHARACTERS);
    log?.(text.trimEnd());
  });

  const end = (how: string): void => {
    if (!alive) return;
    alive = false;
    clearTimeout(watchdog);
    const error = ready
      ? new ProcessDied(how, lastLines)
      : new UserError(
          `The inference process cannot start (${how}).\n${lastLines}\nCheck that it has memory left and that no other program blocks it; in the editor, the output "AssetLens" says more, on the command line "assetlens doctor".`,
        );
    if (gpuIsBusy) onGpuLost?.(`the process ended while it worked (${how})`, 'suspected');
    for (const { reject } of pending.values()) reject(error);
    pending.clear();
  };
  const gone = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      end(signal ? `signal ${signal}` : `exit code ${code ?? 'unknown'}`);
      resolve();
    });
    child.once('error', (error) => {
      end(error.message);
      if (child.pid === undefined) resolve(); // it never began, so it will not exit
    });
  });

  child.on('message', (message: FromHost) => {
    if (message.type === 'ready') ready = true;
    if (message.type === 'stuck') stuck = true;
    if (message.type === 'onGpu') gpuIsBusy = message.busy;
    if (message.type === 'gpuLost') onGpuLost?.(message.reason, 'certain');
    if (message.type === 'reply' || message.type === 'failure') settle(message);
    watch();
    if (stuck && pending.size === 0) child.kill('SIGKILL');
  });

  const settle = (message: Extract<FromHost, { id: number }>): void => {
    const waiting = pending.get(message.id);
    pending.delete(message.id);
    if (!waiting) return; // it was stopped meanwhile
    // The host answers request n with the reply type of request n's kind.
    if (message.type === 'reply') waiting.resolve(message.reply as never);
    else waiting.reject(errorOf(message.failure));
  };

  const send = (message: ToHost): void => {
    child.send(message, (error) => {
      if (error) end(error.message);
    });
  };

  const ask = <R extends Request>(request: R, signal?: AbortSignal): Promise<Replies[R['kind']]> =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      if (!alive || stuck) throw new ProcessDied('it had ended before', lastLines);
      const id = nextId++;
      const abort = (): void => {
        send({ type: 'cancel', id });
        reject(signal?.reason as Error);
      };
      const settled = (): void => signal?.removeEventListener('abort', abort);
      signal?.addEventListener('abort', abort, { once: true });
      pending.set(id, {
        resolve: (value) => {
          settled();
          resolve(value);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      send({ type: 'request', id, request });
      if (pending.size === 1) watch();
    });

  const begin = async ({ key, columns }: MatrixSource): Promise<void> => {
    for (const other of held.keys()) {
      if (held.size < MOST_MATRICES || held.has(key)) break;
      held.delete(other);
      await ask({ kind: 'forgetMatrix', key: other });
    }
    held.delete(key);
    await ask({ kind: 'beginMatrix', key, columns });
  };

  const holdMatrix = async (source: MatrixSource, signal?: AbortSignal): Promise<void> => {
    const { key, columns } = source;
    let rows = held.get(key) ?? Infinity;
    if (rows > source.rows) {
      await begin(source);
      rows = 0;
    }
    held.delete(key);
    held.set(key, rows);
    if (rows === source.rows) return;
    for await (const chunk of source.chunks(rows)) {
      signal?.throwIfAborted(); // what is there by now stays, and the next caller goes on from there
      await ask({ kind: 'appendRows', key, rows: chunk });
      rows += chunk.length / columns;
      held.set(key, rows);
    }
    if (rows !== source.rows) throw new Error(`The matrix ${key} has ${rows} rows, not ${source.rows}.`);
  };

  return {
    get alive() {
      return alive && !stuck;
    },
    ask,
    holdMatrix,
    async stop() {
      gpuIsBusy = false; // it ends because it is told to
      if (alive) child.disconnect(); // the host ends when its parent is gone
      end('it was stopped');
      const kill = setTimeout(() => child.kill('SIGKILL'), 2000);
      await gone;
      clearTimeout(kill);
    },
  };
}

function errorOf(failure: Extract<FromHost, { type: 'failure' }>['failure']): Error {
  if (failure.kind === 'human') return new UserError(failure.message);
  const error = new Error(failure.message);
  error.stack = failure.stack;
  return error;
}
