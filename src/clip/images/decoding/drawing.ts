import { UserError } from '../../../base/userError.ts';
import { canStretch, sizedDocument, type SvgDocument, type ViewBox } from '../formats/svg/document.ts';
import { hasLayers, isSimpleDrawing } from '../formats/svg/simple.ts';
import type { Size } from '../formats/imageFormat.ts';
import type { Raster } from '../raster.ts';
import { drawWithResvg, isNearPicture } from '../resvg.ts';
import { runQueued, type DecodeOptions } from './decodeOptions.ts';
import { drawingNeeds } from './drawingNeeds.ts';
import { drawingMemory } from './memory.ts';
import { pipeline, rasterPipeline, render } from './pipeline.ts';

/** CSS pixels per inch, which the renderers need for lengths such as "1pt". */
const DENSITY = 96;
/** sharp scales a drawing by its density. This factor cancels it. */
const SCALE = 72 / DENSITY;
/** The longest side that the renderers draw. */
const LONGEST_SIDE = 32_767;
/** Sides of the squares around the origin in which content is looked for, in CSS pixels. */
const SEARCHED = [8192, 131_072, 2_097_152] as const;
/** Pixels of a side of the picture that content is looked for in. */
const SEARCH_PICTURE = 1024;
/** Part of the picture that the content should fill, so that its bounds are exact enough. */
const FILLED = 0.4;
const MOST_STEPS = 8;

/**
 * Draws an SVG at exactly this size. resvg draws the drawings that it draws like a browser, because it needs a tenth of
 * the time of librsvg for an icon. librsvg draws all others, and those that resvg rejects.
 * @param bounds the part to show, for a document without a size of its own
 * @throws Error of librsvg where the drawing is damaged; UserError where it is too long
 */
export async function drawDocument(
  document: SvgDocument,
  size: Size,
  bounds: ViewBox | null,
  options: DecodeOptions,
): Promise<Raster> {
  const natural = naturalSize(document, size, bounds);
  if (Math.max(natural.width, natural.height) > LONGEST_SIDE)
    throw new UserError('SVG that is too long and thin to draw');
  if (isSimpleDrawing(document)) {
    const drawn = await tryResvg(sizedDocument(document, natural, bounds), hasLayers(document));
    if (drawn)
      return natural === size ? drawn : render(rasterPipeline(drawn).resize({ ...size, fit: 'fill' }), options.limits);
  }
  const scaled = { width: natural.width * SCALE, height: natural.height * SCALE };
  return withLibrsvg(sizedDocument(document, scaled, bounds), size, options);
}

/**
 * Finds the bounds of everything that a drawing without a size shows, by drawing it.
 * @throws UserError where it shows nothing
 */
export async function drawnBounds(document: SvgDocument, options: DecodeOptions): Promise<ViewBox> {
  const picture = { width: SEARCH_PICTURE, height: SEARCH_PICTURE };
  const bytes = Buffer.from(document.text, 'latin1');
  const memory = drawingMemory(await drawingNeeds(bytes, options), bytes, picture);
  for (const side of SEARCHED) {
    let view: ViewBox = [-side / 2, -side / 2, side, side];
    for (let step = 0; step < MOST_STEPS; step++) {
      const found = visiblePart(await runQueued(() => drawDocument(document, picture, view, options), memory, options));
      if (!found) break;
      const isCut = step === 0 && touchesEdge(found) && side !== SEARCHED.at(-1);
      if (isCut) break;
      const bounds = toDrawing(found, view);
      if (Math.max(found.width, found.height) >= FILLED * SEARCH_PICTURE || step === MOST_STEPS - 1) return bounds;
      // A margin of one pixel, because the edges of the content may be rounded away.
      const [pixelX, pixelY] = [view[2] / SEARCH_PICTURE, view[3] / SEARCH_PICTURE];
      const longest = Math.max(bounds[2], bounds[3]) + 2 * Math.max(pixelX, pixelY);
      view = [bounds[0] - pixelX, bounds[1] - pixelY, longest, longest];
    }
  }
  throw new UserError('SVG that shows nothing');
}

interface Part extends Size {
  readonly left: number;
  readonly top: number;
}

/** The smallest rectangle with all pixels that are not transparent; null where there are none. */
function visiblePart({ data, width, height, channels }: Raster): Part | null {
  if (channels === 3) return { left: 0, top: 0, width, height };
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[(y * width + x) * 4 + 3] === 0) continue;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = y;
    }
  }
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

function touchesEdge({ left, top, width, height }: Part): boolean {
  return left === 0 || top === 0 || left + width === SEARCH_PICTURE || top + height === SEARCH_PICTURE;
}

function toDrawing({ left, top, width, height }: Part, [x, y, across, down]: ViewBox): ViewBox {
  const [pixelX, pixelY] = [across / SEARCH_PICTURE, down / SEARCH_PICTURE];
  return [x + left * pixelX, y + top * pixelY, width * pixelX, height * pixelY];
}

/** The size to draw at: in the proportions of the drawing, unless its content can be stretched. */
function naturalSize(document: SvgDocument, size: Size, bounds: ViewBox | null): Size {
  const own = document.viewport.size;
  if (bounds || !own || canStretch(document)) return size;
  const ratio = own.width / own.height;
  const isSame = Math.abs(size.width - size.height * ratio) < 1 || Math.abs(size.height - size.width / ratio) < 1;
  if (isSame) return size;
  // Large enough on both sides, so that the picture is only reduced.
  const isWider = ratio > size.width / size.height;
  return isWider
    ? { width: Math.round(size.height * ratio), height: size.height }
    : { width: size.width, height: Math.round(size.width / ratio) };
}

/** @returns null where resvg cannot draw it, so that librsvg draws it or reports its error */
async function tryResvg(svg: Buffer, checkLayers: boolean): Promise<Raster | null> {
  try {
    return checkLayers && !isNearPicture(svg) ? null : await drawWithResvg(svg);
  } catch {
    return null;
  }
}

async function withLibrsvg(svg: Buffer, size: Size, { limits }: DecodeOptions): Promise<Raster> {
  const drawn = pipeline(svg, { density: DENSITY }).resize({ ...size, fit: 'fill', kernel: 'cubic' });
  return render(drawn, limits);
}
