import type * as ort from 'onnxruntime-node';
import { UserError, messageOf } from '../../base/userError.ts';
import type { HostOptions } from './protocol.ts';

/**
 * Options for a session on a device. One provider alone: what it cannot do, the runtime
 * gives to the processor anyway.
 * Threads that spin while they wait take the cores from decoding: without spinning a busy machine embeds a quarter more
 * images a second.
 */
export function sessionOptions(options: Pick<HostOptions, 'device' | 'threads'>): ort.InferenceSession.SessionOptions {
  return {
    executionProviders: [options.device],
    enableMemPattern: options.device !== 'dml', // which does not bear it
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  };
}

/** A session that is loaded at its first use, shared by all users, and released when it was idle for a while. */
export interface LazySession {
  /** Runs `work` with the session; it is not released meanwhile. */
  use<T>(work: (session: ort.InferenceSession) => Promise<T>): Promise<T>;
  readonly state: 'not loaded' | 'loaded';
}

/** @param name says in an error which model could not be loaded */
export function lazySession(
  name: string,
  load: () => Promise<ort.InferenceSession>,
  idleMilliseconds: number,
): LazySession {
  let loading: Promise<ort.InferenceSession> | undefined;
  let users = 0;
  let idle: NodeJS.Timeout | undefined;

  const release = (): void => {
    const session = loading;
    loading = undefined;
    // A session that fails to go leaves nothing to do about it: the process gives its memory back when it ends.
    session?.then((s) => s.release()).catch(() => undefined);
  };

  return {
    get state() {
      return loading ? 'loaded' : 'not loaded';
    },
    async use(work) {
      clearTimeout(idle);
      users++;
      try {
        loading ??= load();
        let session;
        try {
          session = await loading;
        } catch (error) {
          loading = undefined; // the next use may find the file mended
          throw new UserError(
            `The ${name} cannot be loaded: ${messageOf(error)}. Convert or install the model again.`,
            { cause: error },
          );
        }
        return await work(session);
      } finally {
        users--;
        if (users === 0) idle = setTimeout(release, idleMilliseconds).unref();
      }
    },
  };
}

/** The output of that name, or a clear error when the graph is not what its manifest says. */
export function tensorOutput(outputs: ort.InferenceSession.ReturnType, name: string): ort.Tensor {
  const output = outputs[name];
  if (!output) throw new UserError(`The model has no output "${name}". Convert its checkpoint again.`);
  return output;
}

/** The float32 output of that name, or a clear error when the graph is not what its manifest says. */
export function floatOutput(outputs: ort.InferenceSession.ReturnType, name: string): Float32Array {
  const output = tensorOutput(outputs, name);
  if (!(output.data instanceof Float32Array)) {
    throw new UserError(`The model's output "${name}" is ${output.type}, not float32. Convert its checkpoint again.`);
  }
  return output.data;
}
