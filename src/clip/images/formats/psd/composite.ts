import { UserError } from '../../../../base/userError.ts';
import { writeTiff } from '../tiff/writeTiff.ts';
import type { PsdFile } from './psdFile.ts';

const RAW = 0;
const RUN_LENGTHS = 1;

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

/**
 * Converts the merged picture to a TIFF, which has the same planes and run lengths. libvips then decodes it row by row,
 * with its colour profile.
 * @throws UserError where it is missing, truncated, or of a variant that is not supported
 */
export function compositeTiff(psd: PsdFile): Buffer {
  const { width, height, bits, mode: modeCode, channels, palette } = psd;
  const mode = MODES[modeCode];
  if (!psd.hasMergedPicture) {
    throw new UserError('PSD without a merged picture; in Photoshop, save it with "Maximize Compatibility"');
  }
  if (!mode || channels < mode.colours || ![1, 8, 16, 32].includes(bits) || (modeCode === 9 && bits !== 8)) {
    throw new UserError(`PSD with unsupported colours (mode ${modeCode}, ${channels} channels of ${bits} bits)`);
  }
  if (width === 0 || height === 0) throw new UserError('PSD without a usable size');
  const hasAlpha = psd.hasTransparency && channels > mode.colours && modeCode !== 2;
  const rows = readRows(psd, mode.colours + (hasAlpha ? 1 : 0));
  const isPackBits = psd.picture.readUInt16BE(0) === RUN_LENGTHS;
  return writeTiff({
    ...{ width, height, bits, hasAlpha, isPackBits, photometric: mode.photometric, isFloat: bits === 32 },
    rows: rows.map((plane, i) => invert(plane, mode.inverted?.[i] ?? 0, isPackBits)),
    colourMap: modeCode === 2 ? Array.from({ length: 768 }, (_, i) => 257 * (palette[i] ?? 0)) : null,
    profile: psd.profile,
  });
}

/** @returns [planes][height]: the bytes of each row */
function readRows({ picture, width, height, bits, channels, isLarge }: PsdFile, planes: number): Buffer[][] {
  const compression = picture.readUInt16BE(0);
  if (compression !== RAW && compression !== RUN_LENGTHS) {
    throw new UserError(`PSD with an unsupported compression (${compression})`);
  }
  const lengthBytes = isLarge ? 4 : 2;
  const rowBytes = Math.ceil((width * bits) / 8);
  let at = 2 + (compression === RUN_LENGTHS ? channels * height * lengthBytes : 0);
  const least = compression === RAW ? at + planes * height * rowBytes : at;
  if (least > picture.length) throw new UserError('truncated PSD');
  const rows: Buffer[][] = [];
  for (let plane = 0; plane < planes; plane++) {
    const ofPlane: Buffer[] = [];
    for (let row = 0; row < height; row++) {
      const index = plane * height + row;
      const length = compression === RAW ? rowBytes : picture.readUIntBE(2 + index * lengthBytes, lengthBytes);
      if (at + length > picture.length) throw new UserError('truncated PSD');
      ofPlane.push(picture.subarray(at, at + length));
      at += length;
    }
    rows.push(ofPlane);
  }
  return rows;
}

/** Inverts bits of all bytes of pixels, and leaves the counts of run lengths as they are. */
function invert(rows: readonly Buffer[], bits: number, isPackBits: boolean): readonly Buffer[] {
  if (bits === 0) return rows;
  return rows.map((row) => (isPackBits ? invertRunLengths(row, bits) : Buffer.from(row.map((byte) => byte ^ bits))));
}

function invertRunLengths(row: Buffer, bits: number): Buffer {
  const inverted = Buffer.from(row);
  for (let at = 0; at < row.length;) {
    const count = row[at++] ?? 0;
    // 128 stands for nothing, a larger count repeats one byte, and a smaller one precedes bytes.
    const bytes = count === 128 ? 0 : count > 128 ? 1 : count + 1;
    for (const end = Math.min(row.length, at + bytes); at < end; at++) inverted[at] = (row[at] ?? 0) ^ bits;
  }
  return inverted;
}
