import { messageOf } from '../../../base/userError.ts';
import { dot } from '../../base/vectors.ts';
import { plainReason } from './probeProtocol.ts';
import type { LazySession } from '../sessions.ts';

/** What there is to tell of a GPU. */
export interface GpuListener {
  /** Before it is given work, and after. */
  readonly onBusy: (busy: boolean) => void;
  /** Once: it failed at what the processor did, which does all from here on. */
  readonly onLost: (reason: string) => void;
}

/**
 * The image encoder on a GPU, and on the processor once the GPU fails: a driver that is reset, a card that is unplugged, no memory
 * left. What it failed at is done again, so nothing is lost. A model that the processor cannot run either is no failure of the GPU.
 */
export function gpuSession(
  gpu: LazySession,
  processor: LazySession,
  embeddingSize: number,
  { onBusy, onLost }: GpuListener,
): LazySession {
  let isLost = false;
  let users = 0;

  const onGpu: LazySession['use'] = async (work) => {
    if (users++ === 0) onBusy(true);
    try {
      const result = await gpu.use(work);
      assertEmbeddings(result, embeddingSize);
      return result;
    } finally {
      if (--users === 0) onBusy(false);
    }
  };

  const lose = (error: unknown): void => {
    if (isLost) return; // by another run at the same time
    isLost = true;
    onLost(plainReason(messageOf(error instanceof Error ? (error.cause ?? error) : error)));
  };

  return {
    get state() {
      return (isLost ? processor : gpu).state;
    },
    async use(work) {
      if (isLost) return processor.use(work);
      try {
        return await onGpu(work);
      } catch (error) {
        const result = await processor.use(work);
        lose(error);
        return result;
      }
    },
  };
}

/**
 * Some drivers report a lost device, or one without memory, to their log alone, and leave the output as it was: zeros, or anything. Rows
 * of embeddings are unit vectors.
 * @throws Error where a result is an array that cannot be embeddings
 */
function assertEmbeddings(result: unknown, embeddingSize: number): void {
  if (!(result instanceof Float32Array)) return;
  for (let at = 0; at < result.length; at += embeddingSize) {
    const row = result.subarray(at, at + embeddingSize);
    if (!(Math.abs(dot(row, row) - 1) < 0.01)) throw new Error('what it put out are no embeddings');
  }
}
