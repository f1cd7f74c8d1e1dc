import { parse as parseProfile } from 'icc';
import { openImage, type DecodeOptions, type OpenImage } from './decode.ts';
import type { ImageDetails } from './types.ts';
import { bitmapHeader } from './formats/bitmap.ts';
import { readExif } from './formats/exif.ts';
import { FORMAT_NAMES } from './formats/formats.ts';
import { readIconEntries } from './formats/icon.ts';
import { sharp, type Metadata } from './sharp.ts';
import { drawingSize } from './formats/svg.ts';
import { inTurn } from './turns.ts';

/** What a file says of its picture without its pixels being read. */
type Told = Omit<ImageDetails, 'format' | 'width' | 'height' | 'bytes'>;

const NOTHING: Told = {
  colours: 'rgb',
  bits: null,
  palette: false,
  alpha: false,
  frames: 1,
  milliseconds: null,
  density: null,
  profile: null,
  orientation: 1,
  progressive: false,
  camera: null,
  icons: [],
  drawing: null,
};

/**
 * What there is to know of an image, from its headers alone.
 * @throws UserError with a short reason where the image cannot be decoded; the signal's reason when it aborts
 */
export async function readDetails(bytes: Uint8Array, options: DecodeOptions): Promise<ImageDetails> {
  const image = await openImage(bytes, Infinity, options);
  const told = await toldOf(image, bytes, options);
  return { ...NOTHING, ...told, ...image.shown, format: FORMAT_NAMES[image.format], bytes: bytes.length };
}

async function toldOf(image: OpenImage, bytes: Uint8Array, options: DecodeOptions): Promise<Partial<Told>> {
  if (image.format === 'ico') {
    const icons = readIconEntries(bytes).map(({ width, height, bitsPerPixel: bits }) => ({ width, height, bits }));
    return { alpha: true, icons: icons.sort((a, b) => b.width - a.width || b.bits - a.bits) };
  }
  if (image.kind === 'drawing') return { alpha: true, drawing: drawingSize(image.document) };
  if (image.kind === 'bitmap') return ofBitmap(image.bytes);
  const { limits, signal, urgent } = options;
  return ofMetadata(await inTurn(() => sharp(image.bytes).metadata(), limits.milliseconds, signal, urgent));
}

function ofBitmap(bytes: Uint8Array): Partial<Told> {
  const { bitsPerPixel, masks } = bitmapHeader(bytes);
  const palette = bitsPerPixel <= 8;
  const alpha = bitsPerPixel === 32 && masks[3] !== 0;
  return { palette, alpha, bits: palette ? bitsPerPixel : bitsPerPixel === 16 ? 5 : 8 };
}

function ofMetadata(metadata: Metadata): Told {
  const { delay, pages = 1 } = metadata;
  return {
    ...NOTHING,
    colours: coloursOf(metadata.space),
    bits: metadata.bitsPerSample ?? BITS[metadata.depth] ?? null,
    palette: metadata.isPalette,
    alpha: metadata.hasAlpha,
    frames: pages,
    milliseconds: delay && pages > 1 ? delay.reduce((sum, one) => sum + one, 0) : null,
    density: metadata.density ?? null,
    profile: profileName(metadata.icc),
    orientation: metadata.orientation ?? 1,
    progressive: metadata.isProgressive,
    camera: readExif(metadata.exif),
  };
}

const BITS: Readonly<Record<string, number>> = { uchar: 8, char: 8, ushort: 16, short: 16, float: 32 };

/** libvips' name of a colour space. */
function coloursOf(space: string): ImageDetails['colours'] {
  if (/rgb/i.test(space)) return 'rgb';
  if (/^(?:b-w|grey)/.test(space)) return 'grey';
  return space === 'cmyk' ? 'cmyk' : 'other';
}

/** Null where there is none, it has no name, or it is damaged. */
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
