import { UserError } from '../../../../base/userError.ts';
import type { PackedBytes } from '../imageFormat.ts';
import { writeTiff } from '../tiff/writeTiff.ts';
import type { PsdFile } from './psdFile.ts';

const RAW = 0;
const RUN_LENGTHS = 1;
/** Bytes of the directory of a TIFF with the positions of its strips, at most. */
const DIRECTORY = 300_000;

interface ColourMode {
  readonly colours: number;
  /** The value of the tag PhotometricInterpretation of TIFF 6.0. */
  readonly photometric: number;
  /** Bits to invert in the bytes of each plane, because TIFF stores them the other way round. */
  readonly inverted?: readonly number[];
}

const GREY: ColourMode = { colours: 1, photometric: 1 };
const MODES: Readonly<Record<number, ColourMode>> = {
  0: { colours: 1, photometric: 0 },
  1: GREY,
  2: { colours: 1, photometric: 3 },
  3: { colours: 3, photometric: 2 },
  // 0 is full ink.
  4: { colours: 4, photometric: 5, inverted: [0xff, 0xff, 0xff, 0xff] },
  8: GREY,
  // The axes a and b have an offset instead of a sign.
  9: { colours: 3, photometric: 8, inverted: [0, 0x80, 0x80] },
};

/** The longest side of a PSB. */
const LONGEST_SIDE = 300_000;
/** Rows of a strip of the TIFF. */
const STRIP_ROWS = 64;

/**
 * Returns the merged picture as a TIFF, which has the same planes and run lengths. libvips then decodes it row by row,
 * with its colour profile.
 * @throws UserError where it is missing, truncated, or of a variant that is not supported
 */
export function composite(psd: PsdFile): PackedBytes {
  const { width, height, bits, mode: modeCode, channels } = psd;
  const mode = MODES[modeCode];
  if (!psd.hasMergedPicture) {
    throw new UserError('PSD without a merged picture; in Photoshop, save it with "Maximize Compatibility"');
  }
  if (!mode || channels < mode.colours || ![1, 8, 16, 32].includes(bits) || (modeCode === 9 && bits !== 8)) {
    throw new UserError(`PSD with unsupported colours (mode ${modeCode}, ${channels} channels of ${bits} bits)`);
  }
  if (width === 0 || height === 0) throw new UserError('PSD without a usable size');
  if (Math.max(width, height) > LONGEST_SIDE) throw new UserError('damaged PSD');
  const hasAlpha = psd.hasTransparency && channels > mode.colours && modeCode !== 2;
  const strips = readStrips(psd, mode.colours + (hasAlpha ? 1 : 0));
  const length = psd.picture.length + (psd.profile?.length ?? 0) + DIRECTORY;
  // The inverted planes are copies.
  return { length, memory: mode.inverted ? psd.picture.length : 0, unpack: () => tiffOf(psd, mode, hasAlpha, strips) };
}

function tiffOf(psd: PsdFile, mode: ColourMode, hasAlpha: boolean, strips: readonly (readonly Buffer[])[]): Buffer {
  const { width, height, bits, palette, profile } = psd;
  const isPackBits = psd.picture.readUInt16BE(0) === RUN_LENGTHS;
  return writeTiff({
    ...{ width, height, bits, hasAlpha, isPackBits, photometric: mode.photometric, isFloat: bits === 32 },
    rowsPerStrip: STRIP_ROWS,
    strips: strips.map((plane, i) => invert(plane, mode.inverted?.[i] ?? 0, isPackBits)),
    colourMap: psd.mode === 2 ? Array.from({ length: 768 }, (_, i) => 257 * (palette[i] ?? 0)) : null,
    profile,
  });
}

/** @returns [planes][strips]: the bytes of some rows, which follow each other in the file */
function readStrips({ picture, width, height, bits, channels, isLarge }: PsdFile, planes: number): Buffer[][] {
  const compression = picture.readUInt16BE(0);
  if (compression !== RAW && compression !== RUN_LENGTHS) {
    throw new UserError(`PSD with an unsupported compression (${compression})`);
  }
  const lengthBytes = isLarge ? 4 : 2;
  const rowBytes = Math.ceil((width * bits) / 8);
  let at = 2 + (compression === RUN_LENGTHS ? channels * height * lengthBytes : 0);
  if (at > picture.length) throw new UserError('truncated PSD');
  const strips: Buffer[][] = [];
  for (let plane = 0; plane < planes; plane++) {
    const ofPlane: Buffer[] = [];
    for (let first = 0; first < height; first += STRIP_ROWS) {
      let length = 0;
      for (let row = first; row < Math.min(height, first + STRIP_ROWS); row++) {
        const index = plane * height + row;
        length += compression === RAW ? rowBytes : picture.readUIntBE(2 + index * lengthBytes, lengthBytes);
      }
      if (at + length > picture.length) throw new UserError('truncated PSD');
      ofPlane.push(picture.subarray(at, at + length));
      at += length;
    }
    strips.push(ofPlane);
  }
  return strips;
}

/** Inverts bits of all bytes of pixels, and leaves the counts of run lengths as they are. */
function invert(strips: readonly Buffer[], bits: number, isPackBits: boolean): readonly Buffer[] {
  if (bits === 0) return strips;
  return strips.map((strip) =>
    isPackBits ? invertRunLengths(strip, bits) : Buffer.from(strip.map((byte) => byte ^ bits)),
  );
}

function invertRunLengths(strip: Buffer, bits: number): Buffer {
  const inverted = Buffer.from(strip);
  for (let at = 0; at < strip.length;) {
    const count = strip[at++] ?? 0;
    // 128 stands for nothing, a larger count repeats one byte, and a smaller one precedes bytes.
    const bytes = count === 128 ? 0 : count > 128 ? 1 : count + 1;
    for (const end = Math.min(strip.length, at + bytes); at < end; at++) inverted[at] = (strip[at] ?? 0) ^ bits;
  }
  return inverted;
}
