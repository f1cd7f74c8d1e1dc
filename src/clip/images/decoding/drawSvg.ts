import type { Size } from '../formats/imageFormat.ts';
import type { Raster } from '../raster.ts';
import type { DecodeOptions } from './decodeOptions.ts';
import { drawDocument } from './drawing.ts';
import { withDrawnImages } from './drawnImages.ts';
import { drawingNeeds } from './drawingNeeds.ts';
import { drawingMemory } from './memory.ts';
import type { OpenDrawing } from './openImage.ts';
import { decodeQueued } from './readPixels.ts';

/**
 * Draws an SVG at exactly this size.
 * @throws UserError with a short reason where the drawing is damaged, expands without limit, or takes longer than the
 * limit
 */
export async function drawSvg(image: OpenDrawing, size: Size, options: DecodeOptions): Promise<Raster> {
  const document = await withDrawnImages(image.document, image.links, options);
  const bytes = Buffer.from(document.text, 'latin1');
  const memory = drawingMemory(await drawingNeeds(bytes, options), bytes, size);
  return decodeQueued(image, () => drawDocument(document, size, image.bounds, options), memory, options);
}
