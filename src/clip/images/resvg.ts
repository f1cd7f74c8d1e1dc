/** The only module that imports resvg, without fonts: drawings with text are drawn by librsvg. */
import { renderAsync, Resvg, type ResvgRenderOptions } from '@resvg/resvg-js';
import type { Raster } from './raster.ts';

const OPTIONS: ResvgRenderOptions = { font: { loadSystemFonts: false }, logLevel: 'off' };

/**
 * Draws an SVG on a thread of libuv, at the size of its root element. resvg reads no other file and opens no
 * connection. It stops at one million nodes and at 1,024 levels.
 * @throws Error where the drawing is damaged or expands without limit
 */
export async function drawWithResvg(svg: Buffer): Promise<Raster> {
  const { pixels, width, height } = await renderAsync(svg, OPTIONS);
  return { data: unpremultiply(pixels), width, height, channels: 4 };
}

/**
 * Whether everything that an SVG draws is within the picture or at most its own size away from it. Parses the drawing
 * on the JavaScript thread.
 */
export function isNearPicture(svg: Buffer): boolean {
  const drawing = new Resvg(svg, OPTIONS);
  const { width, height } = drawing;
  const box = drawing.getBBox();
  if (!box) return false;
  const isNear = (start: number, length: number, side: number): boolean => start >= -side && start + length <= 2 * side;
  return isNear(box.x, box.width, width) && isNear(box.y, box.height, height);
}

/**
 * Divides the colours by alpha, in place, because a copy of each picture would keep the garbage collector busy.
 * @param pixels RGBA, with alpha multiplied into the colours
 */
function unpremultiply(pixels: Uint8Array): Uint8Array {
  for (let at = 0; at < pixels.length; at += 4) {
    const alpha = pixels[at + 3] ?? 0;
    if (alpha === 0 || alpha === 255) continue;
    const scale = 255 / alpha;
    pixels[at] = (pixels[at] ?? 0) * scale + 0.5;
    pixels[at + 1] = (pixels[at + 1] ?? 0) * scale + 0.5;
    pixels[at + 2] = (pixels[at + 2] ?? 0) * scale + 0.5;
  }
  return pixels;
}
