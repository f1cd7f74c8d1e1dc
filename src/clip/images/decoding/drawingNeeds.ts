import { embeddedImages, treeAndLayers } from '../formats/svg/needs.ts';
import { runQueued, type DecodeOptions } from './decodeOptions.ts';
import { headerMemory, type DrawingNeeds } from './memory.ts';
import { pipeline } from './pipeline.ts';

/** The memory that the renderers need for a drawing, besides its pixels. @param svg UTF-8 */
export async function drawingNeeds(svg: Uint8Array, options: DecodeOptions): Promise<DrawingNeeds> {
  return { ...treeAndLayers(svg), embeddedPixels: await embeddedPixels(svg, options) };
}

/** Pixels of the largest image in a drawing. librsvg draws nothing for an image whose header cannot be read. */
async function embeddedPixels(svg: Uint8Array, options: DecodeOptions): Promise<number> {
  let largest = 0;
  for (const bytes of embeddedImages(svg)) {
    const read = () =>
      pipeline(bytes)
        .metadata()
        .catch(() => undefined);
    const header = await runQueued(read, headerMemory(bytes), options);
    if (header) largest = Math.max(largest, header.width * header.height);
  }
  return largest;
}
