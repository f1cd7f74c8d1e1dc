import type { Raster } from './raster.ts';

/** Opacity, 0 to 255, from which a pixel is content. */
const VISIBLE = 16;
/** Least share of a side that is kept, so that a dot does not look like a disc. */
const LEAST_SHARE = 0.5;

/** Cuts off transparent margins, up to half of a side. An image that is not transparent is returned unchanged. */
export function withoutMargins(raster: Raster): Raster {
  const { data, width, height, channels } = raster;
  if (channels === 3) return raster;
  let [left, top, right, bottom] = [width, height, 0, 0];
  for (let y = 0, at = 3; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      if ((data[at] ?? 0) < VISIBLE) continue;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = y + 1;
    }
  }
  if (left >= right) return raster; // nothing is visible
  const [x, y] = [kept(left, right, width), kept(top, bottom, height)];
  const cut = new Uint8Array(x.length * y.length * 4);
  for (let row = 0; row < y.length; row++) {
    const from = ((y.start + row) * width + x.start) * 4;
    cut.set(data.subarray(from, from + x.length * 4), row * x.length * 4);
  }
  return { data: cut, width: x.length, height: y.length, channels };
}

/** The part of a side that contains the content and has at least the least length. */
function kept(from: number, to: number, side: number): { readonly start: number; readonly length: number } {
  const length = Math.max(to - from, Math.ceil(side * LEAST_SHARE));
  const start = Math.round((from + to - length) / 2);
  return { start: Math.min(side - length, Math.max(0, start)), length };
}
