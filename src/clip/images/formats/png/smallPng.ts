/**
 * Decodes small still PNG on the JavaScript thread. A pipeline of sharp takes a millisecond of processor time to start,
 * which is many times what an icon of 64 pixels needs. PNG packages on npm inflate in JavaScript and without a limit.
 */
import { crc32, inflateSync } from 'node:zlib';
import type { Raster } from '../../raster.ts';
import { chunksOf } from './chunks.ts';

/** Above it, sharp is faster. */
const MOST_PIXELS = 128 * 128;
/** Bytes of a file, which may have metadata, that are examined. */
const MOST_BYTES = 128 * 1024;
/** Samples of a pixel by colour type; 3 is a palette. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const [GREY, PALETTE, GREY_ALPHA] = [0, 3, 4];
/** Chunks that do not change the pixels. sharp ignores the values of gAMA, cHRM and sRGB, too. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set([
  ...['tEXt', 'zTXt', 'iTXt', 'tIME', 'pHYs', 'bKGD', 'sBIT', 'hIST', 'sPLT', 'vpAg', 'gAMA', 'cHRM', 'sRGB'],
]);

interface Header {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly colourType: number;
}

/** @returns the pixels as sharp decodes them; null where sharp has to decode it, or to report what is wrong with it */
export function decodeSmallPng(file: Buffer): Raster | null {
  const header = readHeader(file);
  if (!header) return null;
  const { width, height, bits, colourType } = header;
  const content = readChunks(file, colourType);
  if (!content) return null;
  const samples = SAMPLES[colourType] ?? 0;
  const rowBytes = Math.ceil((width * samples * bits) / 8);
  const rows = inflated(content.data, (rowBytes + 1) * height);
  if (!rows || !unfilter(rows, rowBytes, samples)) return null;
  if (colourType === PALETTE) return fromPalette(rows, header, content.palette, content.alpha);
  return fromSamples(rows, header, samples);
}

/** @returns null for a large or interlaced picture, and for bits that only sharp reads */
function readHeader(file: Buffer): Header | null {
  if (file.length > MOST_BYTES || file.length < 33 || file.toString('latin1', 12, 16) !== 'IHDR') return null;
  if (file.readUInt32BE(8) !== 13 || crc32(file.subarray(12, 29)) !== file.readUInt32BE(29)) return null;
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
  const [bits = 0, colourType = 0, compression, filter, interlace] = file.subarray(24, 29);
  const isKnown = bits === 8 || (colourType === PALETTE && [1, 2, 4].includes(bits));
  if (!isKnown || !(colourType in SAMPLES) || compression !== 0 || filter !== 0 || interlace !== 0) return null;
  if (width === 0 || height === 0 || width * height > MOST_PIXELS) return null;
  return { width, height, bits, colourType };
}

interface Content {
  readonly data: Buffer;
  /** RGB of each index. */
  readonly palette: Buffer;
  /** Alpha of the first indexes; null without a tRNS chunk. */
  readonly alpha: Buffer | null;
}

function readChunks(file: Buffer, colourType: number): Content | null {
  const data: Buffer[] = [];
  let palette: Buffer = Buffer.alloc(0);
  let alpha: Buffer | null = null;
  for (const { name, data: bytes, crc } of chunksOf(file)) {
    if (crc32(bytes, crc32(name)) !== crc) return null;
    if (name === 'IEND') return data.length > 0 ? { data: Buffer.concat(data), palette, alpha } : null;
    if (name === 'IDAT') data.push(bytes);
    else if (name === 'PLTE') palette = bytes;
    else if (name === 'tRNS' && colourType === PALETTE) alpha = bytes;
    else if (!WITHOUT_EFFECT.has(name)) return null;
  }
  return null;
}

/** @returns null unless it has exactly so many bytes */
function inflated(data: Buffer, length: number): Buffer | null {
  try {
    const rows = inflateSync(data, { maxOutputLength: length, chunkSize: Math.max(64, length) });
    return rows.length === length ? rows : null;
  } catch {
    return null;
  }
}

/**
 * Reverses the filters of the rows, in place (PNG specification, section 9).
 * @param step bytes of a pixel
 * @returns false for an unknown filter
 */
function unfilter(rows: Buffer, rowBytes: number, step: number): boolean {
  for (let start = 0; start < rows.length; start += rowBytes + 1) {
    const filter = rows[start] ?? 0;
    if (filter === 0) continue;
    if (filter > 4) return false;
    const above = start === 0 ? -1 : -rowBytes - 1;
    for (let i = 0; i < rowBytes; i++) {
      const at = start + 1 + i;
      const left = i < step ? 0 : (rows[at - step] ?? 0);
      const up = above === -1 ? 0 : (rows[at + above] ?? 0);
      let predicted: number;
      if (filter === 1) predicted = left;
      else if (filter === 2) predicted = up;
      else if (filter === 3) predicted = (left + up) >> 1;
      else predicted = paeth(left, up, i < step || above === -1 ? 0 : (rows[at + above - step] ?? 0));
      rows[at] = (rows[at] ?? 0) + predicted;
    }
  }
  return true;
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [toLeft, toUp, toCorner] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/** @returns null where an index is not in the palette */
function fromPalette(
  rows: Buffer,
  { width, height, bits }: Header,
  palette: Buffer,
  alpha: Buffer | null,
): Raster | null {
  const channels = alpha ? 4 : 3;
  const data = new Uint8Array(width * height * channels);
  const rowBytes = Math.ceil((width * bits) / 8);
  for (let y = 0, to = 0; y < height; y++) {
    const start = y * (rowBytes + 1) + 1;
    for (let x = 0; x < width; x++, to += channels) {
      const bit = x * bits;
      const index = ((rows[start + (bit >> 3)] ?? 0) >> (8 - bits - (bit & 7))) & ((1 << bits) - 1);
      if (3 * index + 3 > palette.length) return null;
      data[to] = palette[3 * index] ?? 0;
      data[to + 1] = palette[3 * index + 1] ?? 0;
      data[to + 2] = palette[3 * index + 2] ?? 0;
      if (alpha) data[to + 3] = alpha[index] ?? 255;
    }
  }
  return { data, width, height, channels };
}

function fromSamples(rows: Buffer, { width, height, colourType }: Header, samples: number): Raster {
  const isGrey = colourType === GREY || colourType === GREY_ALPHA;
  const channels = samples % 2 === 0 ? 4 : 3;
  const data = new Uint8Array(width * height * channels);
  for (let y = 0, to = 0; y < height; y++) {
    const start = y * (width * samples + 1) + 1;
    if (!isGrey) {
      data.set(rows.subarray(start, start + width * samples), y * width * samples);
      continue;
    }
    for (let from = start; from < start + width * samples; from += samples, to += channels) {
      data.fill(rows[from] ?? 0, to, to + 3);
      if (channels === 4) data[to + 3] = rows[from + 1] ?? 0;
    }
  }
  return { data, width, height, channels };
}
