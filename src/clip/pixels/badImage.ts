import { HumanError, messageOf } from '../humanError.ts';
import { FORMAT_NAMES, type ImageFormat } from './formats.ts';
import { tooSlow } from './turns.ts';

/** Words of libvips and the libraries below it, and what they mean to people. The first that matches counts. */
const MEANINGS: readonly (readonly [words: RegExp, meaning: (name: string) => string])[] = [
  [/amplification|excessive depth|exceeded more than|recursi/i, (name) => `${name} that expands without end`],
  [/bad dimensions|zero-sized|out of range/i, (name) => `${name} without a usable size`],
  [/32767/, (name) => `${name} that is too long and thin to draw`],
  [
    /premature end|unexpected end|end of data|couldn't find end|outside of file|file size too small|end of file/i,
    (name) => `truncated ${name}`,
  ],
  [/channel limit/, (name) => `${name} with more channels than colours need`],
];

/** A decoder's error as a short reason for people; the raw one stays as its cause, for the log. */
export function badImage(error: unknown, format: ImageFormat, bytes: Uint8Array, milliseconds: number): HumanError {
  if (error instanceof HumanError) return error;
  const message = messageOf(error);
  if (/timeout/i.test(message)) return tooSlow(milliseconds);
  const name = FORMAT_NAMES[format];
  const known = MEANINGS.find(([words]) => words.test(message))?.[1](name);
  const line = /XML parse error.*?(?:on line |\(null\):)(\d+)/s.exec(message)?.[1];
  const damaged = line === undefined ? `damaged ${name}` : `${name} with an XML error in line ${line}`;
  return new HumanError(known ?? (isCutShort(format, bytes) ? `truncated ${name}` : damaged), { cause: error });
}

/** Whether a file ends before its own structure says so, for formats whose decoder does not tell that from other damage. */
function isCutShort(format: ImageFormat, bytes: Uint8Array): boolean {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (format === 'png') return !view.subarray(-4096).includes('IEND');
  if (format === 'svg')
    return !/<\/(?:[\w.-]+:)?svg\s*>/.test(view.toString('latin1', Math.max(0, view.length - 4096)));
  if (format === 'webp') return view.length < 12 || view.readUInt32LE(4) + 8 > view.length;
  if (format !== 'tiff') return false;
  if (view.length < 8) return true;
  return (view[0] === 0x49 ? view.readUInt32LE(4) : view.readUInt32BE(4)) + 2 > view.length;
}
