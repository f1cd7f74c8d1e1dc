import type { DecodeLimits } from '../limits.ts';
import type { DecodeQueue } from './decodeQueue.ts';

/** The queue and the limits that all images of a process share. */
export interface Decoding {
  readonly queue: DecodeQueue;
  readonly limits: DecodeLimits;
}

export interface DecodeOptions extends Decoding {
  readonly signal?: AbortSignal | undefined;
  /** See QueueOptions. */
  readonly urgent?: boolean | undefined;
}

/**
 * Runs native work in the queue, under the time limit of decoding. See DecodeQueue.run for the errors.
 * @param bytes estimate of the bytes that the work holds in memory, see memory.ts
 */
export function runQueued<T>(work: () => Promise<T>, bytes: number, options: DecodeOptions): Promise<T> {
  const { queue, limits, signal, urgent } = options;
  return queue.run(work, { milliseconds: limits.milliseconds, bytes, signal, urgent });
}

/** The time limit in the unit of sharp's own timeout. */
export function secondsOf({ milliseconds }: DecodeLimits): number {
  return Math.ceil(milliseconds / 1000);
}
