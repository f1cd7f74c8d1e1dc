import { messageOf } from '../../../base/userError.ts';
import { dot } from '../../base/vectors.ts';
import type { LazySession } from '../encoders/sessions.ts';
import { plainReason } from './probeProtocol.ts';

export interface GpuListener {
  /** Called before the GPU starts to work, and after it is done. */
  readonly onBusy: (busy: boolean) => void;
  /** Called once, if the GPU failed at a run that the CPU completed. The CPU is used from then on. */
  readonly onLost: (reason: string) => void;
}

/**
 * The image encoder on a GPU, and on the CPU once the GPU fails: the driver is reset, the card is removed, or no memory
 * is left. The CPU repeats the run that failed, so no result is lost. If the CPU fails as well, the cause is the model
 * and not the GPU.
 */
export function gpuSession(
  gpu: LazySession,
  cpu: LazySession,
  embeddingSize: number,
  { onBusy, onLost }: GpuListener,
): LazySession {
  let isLost = false;
  let users = 0;

  const useGpu: LazySession['use'] = async (work) => {
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
    if (isLost) return; // a concurrent run has reported it
    isLost = true;
    onLost(plainReason(messageOf(error instanceof Error ? (error.cause ?? error) : error)));
  };

  return {
    get state() {
      return (isLost ? cpu : gpu).state;
    },
    async use(work) {
      if (isLost) return cpu.use(work);
      try {
        return await useGpu(work);
      } catch (error) {
        const result = await cpu.use(work);
        lose(error);
        return result;
      }
    },
  };
}

/**
 * Checks the output of a GPU. Some drivers report a lost device, or a lack of memory, only to their log and leave the
 * output unchanged: zeros, or arbitrary values. Rows of embeddings are unit vectors.
 * @throws Error if the result is an array whose rows are not unit vectors
 */
function assertEmbeddings(result: unknown, embeddingSize: number): void {
  if (!(result instanceof Float32Array)) return;
  for (let start = 0; start < result.length; start += embeddingSize) {
    const row = result.subarray(start, start + embeddingSize);
    if (!(Math.abs(dot(row, row) - 1) < 0.01)) throw new Error('its output is not a set of embeddings');
  }
}
