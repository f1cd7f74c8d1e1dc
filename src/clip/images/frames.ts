/** Frames of an animation to compare. */
const COMPARED = 8;
/** The first frame is shown unless another one shows clearly more. */
const CLEARLY = 1.25;

/** The indices of the frames to compare: the first, the last, and frames between them at equal distances. */
export function framesToCompare(count: number): number[] {
  if (count <= COMPARED) return Array.from({ length: count }, (_, i) => i);
  return Array.from({ length: COMPARED }, (_, i) => Math.round((i * (count - 1)) / (COMPARED - 1)));
}

/**
 * Chooses the frame that shows most: visible area, and variety of colours. The first frames of many animations are
 * blank.
 * @param frames RGBA of each frame, possibly reduced
 * @returns its index; 0 where no frame shows clearly more than the first
 */
export function frameThatShowsMost(frames: readonly Uint8Array[]): number {
  const shown = frames.map(visibleContent);
  const most = Math.max(0, ...shown);
  return most > CLEARLY * (shown[0] ?? 0) ? shown.indexOf(most) : 0;
}

/** The visible part of the area, times one more than the entropy of its colours in bits, at 4 bits a channel. */
function visibleContent(rgba: Uint8Array): number {
  const counts = new Map<number, number>();
  let visible = 0;
  for (let at = 0; at < rgba.length; at += 4) {
    if ((rgba[at + 3] ?? 0) < 32) continue;
    visible++;
    const colour = (((rgba[at] ?? 0) >> 4) << 8) | (((rgba[at + 1] ?? 0) >> 4) << 4) | ((rgba[at + 2] ?? 0) >> 4);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  if (visible === 0) return 0;
  let entropy = 0;
  for (const count of counts.values()) entropy -= (count / visible) * Math.log2(count / visible);
  return (visible / (rgba.length / 4)) * (1 + entropy);
}
