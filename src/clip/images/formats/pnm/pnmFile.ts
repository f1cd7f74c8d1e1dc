/** The formats of Netpbm: PBM, PGM, PPM and PAM. */
import { UserError } from '../../../../base/userError.ts';
import type { Raster } from '../../raster.ts';

/** Bytes of the header that are read at most. */
const LONGEST_HEADER = 4096;

export interface PnmHeader {
  /** 1 to 7: the digit of the signature. */
  readonly kind: number;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly maximum: number;
  readonly pixelsAt: number;
}

/** Whether a file begins with the signature and a number, or with the first field of PAM. */
export function isPnm(file: Buffer): boolean {
  const start = file.toString('latin1', 0, 300);
  return (
    /^P[1-6](?:\s+|\s*#[^\n]*\n\s*)+\d/.test(start) ||
    /^P7\s*\n(?:#[^\n]*\n)*\s*(?:WIDTH|HEIGHT|DEPTH|MAXVAL|TUPLTYPE) /.test(start)
  );
}

/** @throws UserError where the header is damaged or of a variant that is not supported */
export function readPnmHeader(file: Buffer): PnmHeader {
  const text = file.toString('latin1', 0, LONGEST_HEADER);
  const kind = Number(text[1]);
  const header = kind === 7 ? pamHeader(text) : plainHeader(text, kind);
  const { width, height, channels, maximum } = header;
  const isValid = width > 0 && height > 0 && channels >= 1 && channels <= 4 && maximum >= 1 && maximum <= 65535;
  if (!isValid) throw new UserError('damaged PNM (header)');
  return header;
}

function plainHeader(text: string, kind: number): PnmHeader {
  // A bitmap has no maximum. One white space follows the last number.
  const count = kind === 1 || kind === 4 ? 2 : 3;
  const numbers: number[] = [];
  const token = /\s*(?:#[^\n]*\n\s*)*(\d{1,9})/y;
  token.lastIndex = 2;
  while (numbers.length < count) {
    const match = token.exec(text);
    if (!match) throw new UserError('damaged PNM (header)');
    numbers.push(Number(match[1]));
  }
  const [width = 0, height = 0, maximum = 1] = numbers;
  return { kind, width, height, maximum, channels: kind === 3 || kind === 6 ? 3 : 1, pixelsAt: token.lastIndex + 1 };
}

function pamHeader(text: string): PnmHeader {
  const end = text.indexOf('ENDHDR\n');
  if (end < 0) throw new UserError('damaged PNM (header)');
  const field = (name: string): number =>
    Number(new RegExp(`^${name}\\s+(\\d{1,9})\\s*$`, 'm').exec(text.slice(0, end))?.[1] ?? 0);
  return {
    ...{ kind: 7, width: field('WIDTH'), height: field('HEIGHT'), channels: field('DEPTH'), maximum: field('MAXVAL') },
    pixelsAt: end + 'ENDHDR\n'.length,
  };
}

/** @throws UserError where the pixels are truncated */
export function decodePnm(file: Buffer, header: PnmHeader): Raster {
  const { kind, width, height, channels, maximum } = header;
  const samples =
    kind <= 3 ? textSamples(file, header) : kind === 4 ? bitSamples(file, header) : binarySamples(file, header);
  const isInverted = kind === 1 || kind === 4; // 1 is black
  const isGrey = channels < 3;
  const hasAlpha = channels % 2 === 0;
  const out = hasAlpha ? 4 : 3;
  const data = new Uint8Array(width * height * out);
  const toByte = (value: number): number =>
    Math.min(255, Math.round(((isInverted ? maximum - value : value) * 255) / maximum));
  for (let i = 0; i < width * height; i++) {
    const at = i * channels;
    for (let c = 0; c < 3; c++) data[i * out + c] = toByte(samples(at + (isGrey ? 0 : c)));
    if (hasAlpha) data[i * 4 + 3] = toByte(samples(at + channels - 1));
  }
  return { data, width, height, channels: out };
}

type Samples = (index: number) => number;

function binarySamples(file: Buffer, { width, height, channels, maximum, pixelsAt }: PnmHeader): Samples {
  const bytes = maximum > 255 ? 2 : 1;
  if (pixelsAt + width * height * channels * bytes > file.length) throw new UserError('truncated PNM');
  return bytes === 1 ? (i) => file[pixelsAt + i] ?? 0 : (i) => file.readUInt16BE(pixelsAt + 2 * i);
}

/** Rows of bits, each padded to a byte. */
function bitSamples(file: Buffer, { width, height, pixelsAt }: PnmHeader): Samples {
  const stride = Math.ceil(width / 8);
  if (pixelsAt + stride * height > file.length) throw new UserError('truncated PNM');
  return (i) => {
    const x = i % width;
    return ((file[pixelsAt + Math.floor(i / width) * stride + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1;
  };
}

/** Decimal numbers with white space between them; the digits of a bitmap may lack it. */
function textSamples(file: Buffer, { kind, width, height, channels, pixelsAt }: PnmHeader): Samples {
  const count = width * height * channels;
  if (pixelsAt + count > file.length + 1) throw new UserError('truncated PNM');
  const samples = new Uint16Array(count);
  let at = pixelsAt - 1;
  for (let i = 0; i < count; i++) {
    at = nextDigit(file, at);
    let value = 0;
    for (let digit = digitAt(file, at); digit >= 0; digit = digitAt(file, at)) {
      value = Math.min(65535, value * 10 + digit);
      at++;
      if (kind === 1) break;
    }
    samples[i] = value;
  }
  return (i) => samples[i] ?? 0;
}

/** Skips white space and comments. */
function nextDigit(file: Buffer, from: number): number {
  let at = from;
  for (; digitAt(file, at) < 0; at++) {
    if (at >= file.length) throw new UserError('truncated PNM');
    if (file[at] === 0x23) while (at < file.length && file[at] !== 10) at++;
  }
  return at;
}

function digitAt(file: Buffer, at: number): number {
  const digit = (file[at] ?? 0) - 48;
  return digit >= 0 && digit <= 9 ? digit : -1;
}
