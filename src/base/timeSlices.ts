import { setImmediate as nextTurn } from 'node:timers/promises';

/** Awaited now and then by long work, so that it never holds the thread for long. */
export type Pause = () => Promise<void>;

/** Milliseconds of work between two turns of the thread: a key press is answered within 16. */
const SLICE = 8;

/** A pause that is none until a slice of work is done. */
export function timeSlices(): Pause {
  let end = performance.now() + SLICE;
  return async () => {
    if (performance.now() < end) return;
    await nextTurn();
    end = performance.now() + SLICE;
  };
}
