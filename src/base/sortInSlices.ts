import type { Pause } from './timeSlices.ts';

/** Number of items that are sorted or merged between two pauses. */
const RUN = 256;

/**
 * Sorts in time slices by a stable merge sort. The built-in sort would block the thread for half a second for 100,000
 * names.
 * @returns a sorted copy
 */
export async function sortInSlices(
  items: Uint32Array,
  compare: (a: number, b: number) => number,
  pause: Pause,
): Promise<Uint32Array> {
  let source = items.slice();
  for (let start = 0; start < source.length; start += RUN) {
    source.subarray(start, start + RUN).sort(compare);
    await pause();
  }
  let target = new Uint32Array(source.length);
  for (let width = RUN; width < source.length; width *= 2) {
    for (let start = 0; start < source.length; start += 2 * width) {
      const middle = Math.min(start + width, source.length);
      await merge(source, target, start, middle, Math.min(middle + width, source.length), compare, pause);
    }
    [source, target] = [target, source];
  }
  return source;
}

/** Merges the sorted ranges [start, middle) and [middle, end) of the source into the target. */
async function merge(
  source: Uint32Array,
  target: Uint32Array,
  start: number,
  middle: number,
  end: number,
  compare: (a: number, b: number) => number,
  pause: Pause,
): Promise<void> {
  const at = (i: number): number => source[i] ?? 0;
  if (middle >= end || compare(at(middle - 1), at(middle)) <= 0) {
    target.set(source.subarray(start, end), start); // already in order, which is common for paths
    await pause();
    return;
  }
  let [left, right] = [start, middle];
  for (let i = start; i < end; i++) {
    const takeLeft = left < middle && (right >= end || compare(at(left), at(right)) <= 0);
    target[i] = takeLeft ? at(left++) : at(right++);
    if (i % RUN === 0) await pause();
  }
}
