import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * A function that long work awaits regularly, so that it never blocks the thread for long. It rejects to cancel the
 * work.
 */
export type Pause = () => Promise<void>;

/** Milliseconds of work between two turns of the event loop. A key press should be answered within 16. */
const SLICE = 8;

/** Returns a pause that yields to the event loop only after a time slice is used up. */
export function timeSlices(): Pause {
  let end = performance.now() + SLICE;
  return async () => {
    if (performance.now() < end) return;
    await nextTurn();
    end = performance.now() + SLICE;
  };
}

/** Number of items between two pauses. */
const RUN = 256;

/** Calls `visit` for each item in order and pauses regularly. */
export async function forEachInSlices<T>(
  items: Iterable<T>,
  visit: (item: T, index: number) => void,
  pause: Pause,
): Promise<void> {
  let index = 0;
  for (const item of items) {
    if (index % RUN === 0) await pause();
    visit(item, index++);
  }
}

/** Returns the items that pass a test, in order. */
export async function filterInSlices(
  items: Uint32Array,
  passes: (item: number) => boolean,
  pause: Pause,
): Promise<Uint32Array> {
  const passing = new Uint32Array(items.length);
  let count = 0;
  const visit = (item: number): void => {
    if (passes(item)) passing[count++] = item;
  };
  await forEachInSlices(items, visit, pause);
  return passing.slice(0, count);
}
