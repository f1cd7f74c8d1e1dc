/** Radiance pictures (Ward, "Real Pixels", Graphics Gems II, and the "filefmts" document of Radiance). */
import { UserError } from '../../../../base/userError.ts';
import type { Raster } from '../../raster.ts';
import { toneMap } from './toneMap.ts';

const LONGEST_HEADER = 16_384;

export interface RadianceHeader {
  readonly width: number;
  readonly height: number;
  readonly isTopDown: boolean;
  readonly isLeftToRight: boolean;
  readonly pixelsAt: number;
}

/** @throws UserError where the header is damaged or of a variant that is not supported */
export function readRadianceHeader(file: Buffer): RadianceHeader {
  const text = file.toString('latin1', 0, LONGEST_HEADER);
  if (/^FORMAT=32-bit_rle_xyze/m.test(text))
    throw new UserError('Radiance HDR in the colours XYZ, which are not supported');
  const match = /\n\n([-+])Y (\d{1,6}) ([-+])X (\d{1,6})\n/.exec(text.replaceAll('\r\n', '\n'));
  if (!match || text.includes('\r\n')) throw new UserError('damaged Radiance HDR (header)');
  const [width, height] = [Number(match[4]), Number(match[2])];
  if (width === 0 || height === 0) throw new UserError('Radiance HDR without a usable size');
  const pixelsAt = match.index + match[0].length;
  return { width, height, isTopDown: match[1] === '-', isLeftToRight: match[3] === '+', pixelsAt };
}

/** @throws UserError where the pixels are truncated or damaged */
export function decodeRadiance(file: Buffer, header: RadianceHeader): Raster {
  const { width, height, isTopDown, isLeftToRight } = header;
  const light = new Float32Array(width * height * 3);
  const row = new Uint8Array(width * 4);
  let at = header.pixelsAt;
  for (let y = 0; y < height; y++) {
    at = readRow(file, at, row, width);
    const start = (isTopDown ? y : height - 1 - y) * width;
    for (let x = 0; x < width; x++) {
      const to = 3 * (start + (isLeftToRight ? x : width - 1 - x));
      const exponent = row[4 * x + 3] ?? 0;
      const scale = exponent === 0 ? 0 : 2 ** (exponent - 136);
      for (let c = 0; c < 3; c++) light[to + c] = (row[4 * x + c] ?? 0) * scale;
    }
  }
  return toneMap(light, width, height, 3);
}

/** Reads a row of red, green, blue and exponent. @returns the offset behind it */
function readRow(file: Buffer, at: number, row: Uint8Array, width: number): number {
  const isNew = width >= 8 && width < 0x8000 && file[at] === 2 && file[at + 1] === 2 && (file[at + 2] ?? 128) < 128;
  if (isNew && file.readUInt16BE(at + 2) === width) return readChannels(file, at + 4, row, width);
  return readPixels(file, at, row, width);
}

/** Each channel is stored in run lengths of its own. */
function readChannels(file: Buffer, from: number, row: Uint8Array, width: number): number {
  let at = from;
  for (let channel = 0; channel < 4; channel++) {
    for (let x = 0; x < width;) {
      const count = file[at++] ?? 0;
      const isRun = count > 128;
      const length = isRun ? count - 128 : count;
      if (length === 0 || x + length > width) throw damaged(file, at);
      if (at + (isRun ? 1 : length) > file.length) throw new UserError('truncated Radiance HDR');
      for (let i = 0; i < length; i++) row[4 * x++ + channel] = file[isRun ? at : at + i] ?? 0;
      at += isRun ? 1 : length;
    }
  }
  return at;
}

/** Whole pixels; one of 1, 1, 1 repeats the last one, with the bits of the count in the exponent, lowest first. */
function readPixels(file: Buffer, from: number, row: Uint8Array, width: number): number {
  let at = from;
  let shift = 0;
  for (let x = 0; x < width; at += 4) {
    if (at + 4 > file.length) throw new UserError('truncated Radiance HDR');
    const isRepeat = file[at] === 1 && file[at + 1] === 1 && file[at + 2] === 1;
    if (!isRepeat) {
      row.set(file.subarray(at, at + 4), 4 * x++);
      shift = 0;
      continue;
    }
    const count = (file[at + 3] ?? 0) * 2 ** shift;
    if (x === 0 || x + count > width) throw damaged(file, at);
    for (let i = 0; i < count; i++, x++) row.copyWithin(4 * x, 4 * (x - 1), 4 * x);
    shift += 8;
  }
  return at;
}

function damaged(file: Buffer, at: number): UserError {
  return new UserError(at >= file.length ? 'truncated Radiance HDR' : 'damaged Radiance HDR');
}
