import { fork, type ChildProcess } from 'node:child_process';
import { RpcClient } from '../../../base/rpc/client.ts';
import type { Message } from '../../../base/rpc/message.ts';
import type { MethodName, Params, Result } from '../../../base/rpc/protocol.ts';
import { UserError } from '../../../base/userError.ts';
import type { MatrixSource } from '../matrix/matrixSource.ts';
import { MatrixUploads } from '../matrix/matrixUploads.ts';
import type { HostOptions, InferenceProtocol } from '../protocol.ts';

/**
 * A process that sends nothing for this long while requests wait is killed: it hangs, for example in a native library.
 */
const HANG_MILLISECONDS = 5 * 60_000;
const STOP_MILLISECONDS = 2000;
const LOG_CHARACTERS = 4000;

/** The inference process ended before it answered a request. */
export class ProcessDied extends Error {
  /** The end of the process: "signal SIGSEGV", "exit code 134". */
  readonly how: string;

  constructor(how: string, log: string) {
    super(`The inference process ended (${how}).${log ? `\n${log}` : ''}`);
    this.how = how;
  }
}

export interface ProcessListener {
  readonly log?: ((line: string) => void) | undefined;
  /**
   * Called if the GPU failed. `certain`: it reported an error. `suspected`: the process ended while the GPU worked. The
   * call comes before the requests of the process fail.
   */
  readonly onGpuLost?: (reason: string, how: 'certain' | 'suspected') => void;
}

/** `stuck`: hanging decoders hold every thread; the process answers the requests that it has, and is ended then. */
type State = 'starting' | 'running' | 'stuck' | 'ended';

/** One inference process, from its start to its end. */
export class InferenceProcess {
  readonly #child: ChildProcess;
  readonly #client: RpcClient<InferenceProtocol>;
  readonly #matrices: MatrixUploads;
  readonly #listener: ProcessListener;
  readonly #hangMilliseconds: number;
  readonly #exited: Promise<void>;
  #state: State = 'starting';
  #isGpuBusy = false;
  /** The end of what the process wrote to its standard error stream. */
  #log = '';
  #watchdog: NodeJS.Timeout | undefined;

  constructor(
    script: string | URL,
    options: HostOptions,
    listener: ProcessListener = {},
    hangMilliseconds = HANG_MILLISECONDS,
  ) {
    this.#listener = listener;
    this.#hangMilliseconds = hangMilliseconds;
    this.#child = forkHost(script, options);
    this.#client = new RpcClient<InferenceProtocol>(
      (message) => {
        this.#post(message);
      },
      {
        ready: () => {
          if (this.#state === 'starting') this.#state = 'running';
        },
        alive: () => undefined, // each message restarts the watchdog
        stuck: () => {
          if (this.isAlive) this.#state = 'stuck';
        },
        onGpu: ({ busy }) => (this.#isGpuBusy = busy),
        gpuLost: ({ reason }) => listener.onGpuLost?.(reason, 'certain'),
      },
    );
    this.#matrices = new MatrixUploads((method, params, signal) => this.call(method, params, signal));
    this.#exited = this.#listen();
  }

  /** Whether it takes requests: false once it has ended or is stuck. */
  get isAlive(): boolean {
    return this.#state === 'starting' || this.#state === 'running';
  }

  /**
   * Calls a method of the process.
   * @throws ProcessDied if the process ends first; UserError if it cannot start; the reason of the signal if aborted
   */
  async call<M extends MethodName<InferenceProtocol>>(
    method: M,
    params: Params<InferenceProtocol, M>,
    signal?: AbortSignal,
  ): Promise<Result<InferenceProtocol, M>> {
    signal?.throwIfAborted();
    if (!this.isAlive) throw new ProcessDied('it ended before the request', this.#log);
    const result = this.#client.call(method, params, signal);
    if (this.#client.unanswered === 1) this.#watch();
    return result;
  }

  /** Sends the rows of a matrix that the process does not hold yet. Call it for one matrix at a time. */
  uploadMatrix(source: MatrixSource, signal?: AbortSignal): Promise<void> {
    return this.#matrices.upload(source, signal);
  }

  /** Ends the process, and waits until it has exited. */
  async stop(): Promise<void> {
    this.#isGpuBusy = false; // the GPU is not the cause of this end
    if (this.#state !== 'ended') this.#child.disconnect(); // the host exits when its parent disconnects
    this.#end('it was stopped');
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MILLISECONDS);
    await this.#exited;
    clearTimeout(kill);
  }

  /** @returns a promise that resolves when the process has exited */
  #listen(): Promise<void> {
    const child = this.#child;
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-LOG_CHARACTERS);
      this.#listener.log?.(text.trimEnd());
    });
    child.on('message', (message) => {
      this.#client.receive(message);
      this.#watch();
      if (this.#state === 'stuck' && this.#client.unanswered === 0) child.kill('SIGKILL');
    });
    return new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#end(signal ? `signal ${signal}` : `exit code ${code ?? 'unknown'}`);
        resolve();
      });
      child.once('error', (error) => {
        this.#end(error.message);
        if (child.pid === undefined) resolve(); // it did not start, so it does not exit
      });
    });
  }

  /** Restarts the watchdog: at each message of the process, and at the first request that waits for an answer. */
  #watch(): void {
    clearTimeout(this.#watchdog);
    if (this.#client.unanswered === 0) return;
    this.#watchdog = setTimeout(() => this.#child.kill('SIGKILL'), this.#hangMilliseconds).unref();
  }

  #post(message: Message): void {
    this.#child.send(message, (error) => {
      if (error) this.#end(error.message);
    });
  }

  #end(how: string): void {
    if (this.#state === 'ended') return;
    const error = this.#state === 'starting' ? startError(how, this.#log) : new ProcessDied(how, this.#log);
    this.#state = 'ended';
    clearTimeout(this.#watchdog);
    if (this.#isGpuBusy) this.#listener.onGpuLost?.(`the process ended while it worked (${how})`, 'suspected');
    this.#client.close(error);
  }
}

/**
 * glibc keeps memory that decoders freed, in an arena for each thread. With these settings, it returns large blocks to
 * the system at once. Other systems ignore them.
 */
const MALLOC = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '1048576', MALLOC_TRIM_THRESHOLD_: '1048576' };

function forkHost(script: string | URL, options: HostOptions): ChildProcess {
  return fork(script, [JSON.stringify(options)], {
    serialization: 'advanced',
    execArgv: [], // without the parent's flags, such as the port of a debugger or the loader of a test runner
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      ...process.env,
      ORT_DISABLE_TELEMETRY: '1', // otherwise the runtime writes a device id into the home folder
      UV_THREADPOOL_SIZE: String(options.decodeThreads + 1), // one more, to read files
      ...MALLOC,
    },
  });
}

function startError(how: string, log: string): UserError {
  return new UserError([
    `The inference process cannot start (${how}).`,
    ...log.split(/\r?\n/),
    `Check that the machine has enough free memory and that no security software blocks the process. For details, see the output channel "AssetLens" in the editor, or run "assetlens doctor".`,
  ]);
}
