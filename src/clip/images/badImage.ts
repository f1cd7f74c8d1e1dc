import { UserError, messageOf } from '../../base/userError.ts';
import { FORMAT_NAMES, type ImageFormat } from './formats/formats.ts';
import { NoThreadLeft, TooSlow } from './turns.ts';

type Meanings = readonly (readonly [words: RegExp, meaning: string])[];

/** Words of librsvg and libxml2, and what they mean to people. The first that matches counts. */
const OF_DRAWINGS: Meanings = [
  [/amplification|excessive depth|exceeded more than|recursi/i, 'SVG that expands without end'],
  [/bad dimensions|zero-sized|out of range/i, 'SVG without a usable size'],
  [/32767/, 'SVG that is too long and thin to draw'],
];

/**
 * A decoder's error as a UserError with a short reason; the raw one stays as its cause, for the log. NoThreadLeft says nothing
 * about the image and stays as it is.
 */
export function badImage(error: unknown, format: ImageFormat, bytes: Uint8Array, milliseconds: number): Error {
  if (error instanceof UserError || error instanceof NoThreadLeft) return error;
  const message = messageOf(error);
  if (/timeout/i.test(message)) return new TooSlow(milliseconds);
  return new UserError(reasonOf(message, format, bytes), { cause: error });
}

/**
 * libvips has one buffer of error messages for all its threads, so that two images that fail at once may swap theirs: words
 * count only where they can be about this format, and the file's own structure comes first.
 */
function reasonOf(message: string, format: ImageFormat, bytes: Uint8Array): string {
  const name = FORMAT_NAMES[format];
  if (isCutShort(format, bytes, message)) return `truncated ${name}`;
  if (format !== 'svg' && format !== 'svgz') return `damaged ${name}`;
  const known = OF_DRAWINGS.find(([words]) => words.test(message))?.[1];
  const line = /XML parse error.*?(?:on line |\(null\):)(\d+)/s.exec(message)?.[1];
  return known ?? (line === undefined ? 'damaged SVG' : `SVG with an XML error in line ${line}`);
}

/** Whether a file ends before its own structure says so. */
function isCutShort(format: ImageFormat, bytes: Uint8Array, message: string): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (format) {
    case 'png':
      return !file.subarray(-4096).includes('IEND');
    case 'webp':
      return file.length < 12 || file.readUInt32LE(4) + 8 > file.length;
    case 'tiff':
      // Where the directory lies, which most writers put behind the pixels.
      return file.length < 8 || (file[0] === 0x49 ? file.readUInt32LE(4) : file.readUInt32BE(4)) + 2 > file.length;
    case 'svg':
      return !/<\/(?:[\w.-]+:)?svg\s*>|\/>\s*$/.test(file.toString('latin1', Math.max(0, file.length - 4096)));
    case 'jpeg':
      return /premature end|no image/i.test(message);
    case 'gif':
      return /unexpected end/i.test(message);
    case 'avif':
      return /end of file|outside of file|file size too small/i.test(message);
    case 'ico':
      return /premature end|read error/i.test(message);
    case 'bmp':
    case 'svgz':
      return false;
  }
}
