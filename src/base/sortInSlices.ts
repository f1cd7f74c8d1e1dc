import type { Pause } from './timeSlices.ts';

/** Items sorted or merged between two pauses. */
const RUN = 256;

/**
 * A stable merge sort that pauses: the built-in sort would hold the thread for as long as it takes, which is half a second for
 * 100,000 names.
 * @returns a sorted copy
 */
export async function sortInSlices(
  items: Uint32Array,
  compare: (a: number, b: number) => number,
  pause: Pause,
): Promise<Uint32Array> {
  let from = items.slice();
  for (let start = 0; start < from.length; start += RUN) {
    from.subarray(start, start + RUN).sort(compare);
    await pause();
  }
  let into = new Uint32Array(from.length);
  for (let width = RUN; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(start + width, from.length);
      await merge(from, into, start, middle, Math.min(middle + width, from.length), compare, pause);
    }
    [from, into] = [into, from];
  }
  return from;
}

/** Merges the sorted parts [start, middle) and [middle, end). */
async function merge(
  from: Uint32Array,
  into: Uint32Array,
  start: number,
  middle: number,
  end: number,
  compare: (a: number, b: number) => number,
  pause: Pause,
): Promise<void> {
  const at = (i: number): number => from[i] ?? 0;
  if (middle >= end || compare(at(middle - 1), at(middle)) <= 0) {
    into.set(from.subarray(start, end), start); // in order already, as paths mostly are
    await pause();
    return;
  }
  let [left, right] = [start, middle];
  for (let i = start; i < end; i++) {
    const takeLeft = left < middle && (right >= end || compare(at(left), at(right)) <= 0);
    into[i] = takeLeft ? at(left++) : at(right++);
    if ((i & (RUN - 1)) === 0) await pause();
  }
}
