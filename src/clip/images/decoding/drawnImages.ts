import { documentWithText, type SvgDocument } from '../formats/svg/document.ts';
import { imageData, imageReferences, isDrawn } from '../formats/svg/imageReferences.ts';
import { hasSvgRoot } from '../formats/svg/root.ts';
import type { LinkedFiles } from '../linkedFiles.ts';
import { runQueued, secondsOf, type DecodeOptions } from './decodeOptions.ts';
import { encodingMemory } from './memory.ts';
import { openImage } from './openImage.ts';
import { rasterPipeline } from './pipeline.ts';
import { readPixels } from './readPixels.ts';

/** Longest side of an image in a drawing: that of the largest picture of a drawing. */
const LONGEST_SIDE = 2048;
/** Images that are decoded for one drawing. */
const MOST_IMAGES = 64;
/** With alpha, an image of this many pixels fits an attribute of ten million characters even without compression. */
const MOST_TRANSPARENT_PIXELS = 1_500_000;

/**
 * Replaces images that librsvg does not draw by PNG and JPEG: other formats, images of more than ten million
 * characters, and linked files. An image that cannot be decoded stays as it is and is not drawn.
 * @throws the signal's reason when it aborts
 */
export async function withDrawnImages(
  document: SvgDocument,
  links: LinkedFiles | undefined,
  options: DecodeOptions,
): Promise<SvgDocument> {
  const { text } = document;
  const replaced: string[] = [];
  let from = 0;
  for (const { start, end, href } of imageReferences(document).slice(0, MOST_IMAGES)) {
    const uri = isDrawn(href) ? null : await drawnUri(href, links, options);
    if (uri === null) continue;
    replaced.push(text.slice(from, start), uri);
    from = end;
  }
  return from === 0 ? document : documentWithText(document, [...replaced, text.slice(from)].join(''));
}

/** Whether an image of a drawing is missing, elsewhere, or of a format that AssetLens does not read. */
export async function lacksImages(
  document: SvgDocument,
  links: LinkedFiles | undefined,
  options: DecodeOptions,
): Promise<boolean> {
  for (const { href } of imageReferences(document).slice(0, MOST_IMAGES)) {
    if (!isDrawn(href) && (await drawnUri(href, links, options)) === null) return true;
  }
  return false;
}

/** A data URI of a format that librsvg draws; null where the image cannot be read. */
async function drawnUri(href: string, links: LinkedFiles | undefined, options: DecodeOptions): Promise<string | null> {
  const bytes = imageData(href) ?? (await links?.read(unescaped(href))) ?? null;
  if (!bytes) return null;
  if (hasSvgRoot(bytes)) return `data:image/svg+xml;base64,${bytes.toString('base64')}`;
  try {
    const image = await openImage({ name: 'image', bytes }, LONGEST_SIDE, options);
    if (image.kind === 'drawing') return null;
    const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
    const [width, height] = [image.width, image.height].map((side) => Math.max(1, Math.round(side * scale)));
    if (width === undefined || height === undefined) return null;
    const view = { width, height, region: { left: 0, top: 0, width, height }, shrinkOnLoad: true };
    const raster = await readPixels(image, view, options);
    return await runQueued(() => encode(raster), encodingMemory(raster), options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    return null;
  }

  async function encode(raster: Parameters<typeof rasterPipeline>[0]): Promise<string> {
    const pixels = rasterPipeline(raster).timeout({ seconds: secondsOf(options.limits) });
    const isOpaque = raster.channels === 3 || !raster.data.some((value, at) => at % 4 === 3 && value < 255);
    if (isOpaque) return uriOf('jpeg', await pixels.flatten().jpeg({ quality: 92 }).toBuffer());
    const factor = Math.min(1, Math.sqrt(MOST_TRANSPARENT_PIXELS / (raster.width * raster.height)));
    const width = Math.max(1, Math.round(raster.width * factor));
    return uriOf('png', await pixels.resize({ width }).png({ compressionLevel: 3 }).toBuffer());
  }
}

function uriOf(type: 'jpeg' | 'png', bytes: Buffer): string {
  return `data:image/${type};base64,${bytes.toString('base64')}`;
}

/** A link without the escapes of XML. */
function unescaped(href: string): string {
  return Buffer.from(href, 'latin1').toString().replaceAll('&amp;', '&');
}
