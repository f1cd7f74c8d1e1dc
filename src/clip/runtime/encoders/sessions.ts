import type * as ort from 'onnxruntime-node';
import { UserError, messageOf } from '../../../base/userError.ts';

/**
 * Session options for one execution provider. The list has one provider: ONNX Runtime runs on the CPU whatever that
 * provider does not support. Threads do not spin while they wait, because spinning threads take cores from decoding:
 * without spinning, a busy machine embeds 25 % more images per second.
 *
 * Equal constants are not shared, because ONNX Runtime does not join a ReLU6 with its convolution if the bounds are
 * float16 and shared: with EfficientNet-Lite in fp16, drawings would take 18 % and photos 25 % more time.
 */
export function sessionOptions({
  provider,
  threads,
}: {
  readonly provider: string;
  readonly threads: number;
}): ort.InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    enableMemPattern: provider !== 'dml', // DirectML does not support it
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    extra: {
      session: { intra_op: { allow_spinning: '0' } },
      optimization: { disable_specified_optimizers: 'ConstantSharing' },
    },
  };
}

/** A session that is loaded at its first use, shared by all users, and released after an idle time. */
export interface LazySession {
  /** Runs `work` with the session, which is not released during that time. */
  use<T>(work: (session: ort.InferenceSession) => Promise<T>): Promise<T>;
  readonly state: 'not loaded' | 'loaded';
}

/** @param name names the model in the error if it cannot be loaded */
export function lazySession(
  name: string,
  load: () => Promise<ort.InferenceSession>,
  idleMilliseconds: number,
): LazySession {
  let loading: Promise<ort.InferenceSession> | undefined;
  let users = 0;
  let idleTimer: NodeJS.Timeout | undefined;

  const release = (): void => {
    const session = loading;
    loading = undefined;
    // If the release fails, the process returns the memory when it ends.
    session?.then((s) => s.release()).catch(() => undefined);
  };

  const loaded = async (): Promise<ort.InferenceSession> => {
    loading ??= load();
    try {
      return await loading;
    } catch (error) {
      loading = undefined; // the next use tries again: the file may have been repaired
      throw new UserError(`The ${name} cannot be loaded: ${messageOf(error)}. Convert or install the model again.`, {
        cause: error,
      });
    }
  };

  return {
    get state() {
      return loading ? 'loaded' : 'not loaded';
    },
    async use(work) {
      clearTimeout(idleTimer);
      users++;
      try {
        return await work(await loaded());
      } finally {
        users--;
        if (users === 0) idleTimer = setTimeout(release, idleMilliseconds).unref();
      }
    },
  };
}

/** @throws UserError if the graph has no output of this name */
export function tensorOutput(outputs: ort.InferenceSession.ReturnType, name: string): ort.Tensor {
  const output = outputs[name];
  if (!output) throw new UserError(`The model has no output "${name}". Convert its checkpoint again.`);
  return output;
}

/** @throws UserError if the graph has no float32 output of this name */
export function floatOutput(outputs: ort.InferenceSession.ReturnType, name: string): Float32Array {
  const output = tensorOutput(outputs, name);
  if (!(output.data instanceof Float32Array)) {
    throw new UserError(
      `The model's output "${name}" has the type ${output.type} instead of float32. Convert its checkpoint again.`,
    );
  }
  return output.data;
}
