import { parse as parseProfile } from 'icc';
import type { DecodeOptions } from './decoding/decodeOptions.ts';
import { lacksImages } from './decoding/drawnImages.ts';
import { openImage, type OpenDrawing, type OpenImage } from './decoding/openImage.ts';
import { readExif } from './exif.ts';
import type { HeaderInfo, NamedBytes } from './formats/imageFormat.ts';
import { writtenSize } from './formats/svg/rootElement.ts';
import type { Metadata } from './sharp.ts';
import type { ImageDetails } from './types.ts';

/** The details of an opaque still image of 3 channels whose headers contain nothing else. */
const DEFAULTS: HeaderInfo = {
  colours: 'rgb',
  bits: null,
  palette: false,
  alpha: false,
  frames: 1,
  shownFrame: 1,
  milliseconds: null,
  density: null,
  profile: null,
  orientation: 1,
  progressive: false,
  camera: null,
  icons: [],
  drawing: null,
  gaps: [],
};

/**
 * Reads the details of an image from its headers. Only the choice of the frame of an animation decodes pixels.
 * @throws UserError with a short reason where the image cannot be opened; the signal's reason when it aborts
 */
export async function readDetails(file: NamedBytes, options: DecodeOptions): Promise<ImageDetails> {
  const image = await openImage(file, Infinity, options);
  const info = image.format.details ? await image.format.details(image.file) : await defaultDetails(image, options);
  return { ...DEFAULTS, ...info, ...image.shown, format: image.format.name, bytes: file.bytes.length };
}

async function defaultDetails(image: OpenImage, options: DecodeOptions): Promise<Partial<HeaderInfo>> {
  switch (image.kind) {
    case 'encoded':
      return { ...fromMetadata(image.metadata), shownFrame: image.frame + 1, ...image.details };
    case 'drawing':
      return drawingDetails(image, options);
    case 'raster':
      return image.details;
  }
}

async function drawingDetails({ document, links }: OpenDrawing, options: DecodeOptions): Promise<Partial<HeaderInfo>> {
  const images = (await lacksImages(document, links, options)) ? (['images'] as const) : [];
  return { alpha: true, drawing: writtenSize(document.root), gaps: [...document.gaps, ...images] };
}

function fromMetadata(metadata: Metadata): Partial<HeaderInfo> {
  const { delay, pages = 1 } = metadata;
  return {
    colours: colourSpace(metadata.space),
    bits: metadata.bitsPerSample ?? BITS[metadata.depth] ?? null,
    palette: metadata.isPalette,
    alpha: metadata.hasAlpha,
    frames: pages,
    milliseconds: delay && pages > 1 ? delay.reduce((sum, frame) => sum + frame, 0) : null,
    density: metadata.density ?? null,
    profile: profileName(metadata.icc),
    orientation: metadata.orientation ?? 1,
    progressive: metadata.isProgressive,
    camera: readExif(metadata.exif),
  };
}

/** Bits of the number types of libvips. */
const BITS: Readonly<Record<string, number>> = { uchar: 8, char: 8, ushort: 16, short: 16, float: 32 };

/** @param space the name of a colour space in libvips */
function colourSpace(space: string): ImageDetails['colours'] {
  if (/rgb/i.test(space)) return 'rgb';
  if (/^(?:b-w|grey)/.test(space)) return 'grey';
  return space === 'cmyk' ? 'cmyk' : 'other';
}

/** @returns null where there is no profile, or it has no name or is damaged */
function profileName(profile: Buffer | undefined): string | null {
  if (!profile) return null;
  try {
    const name = parseProfile(profile)
      .description?.replace(/[\p{Cc}\s]+/gu, ' ')
      .trim();
    return name === undefined || name === '' ? null : name;
  } catch {
    return null;
  }
}
