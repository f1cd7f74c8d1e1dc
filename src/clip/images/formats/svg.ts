import { gunzip } from 'node:zlib';
import { UserError, messageOf } from '../../../base/userError.ts';
import type { DrawingSize } from '../types.ts';
import { isSvg, rootAt } from './formats.ts';

/**
 * Dots per inch at which a drawing is measured and drawn. librsvg takes them for two things at once: the scale, and the
 * length of pt, mm and the like in pixels. Where a drawing has such lengths they have to be the 96 of CSS, or they would
 * stretch against the rest; where all is in pixels 72 are the scale of 1, and 32 times that measures to a 32nd of a pixel.
 */
export interface SvgDocument {
  /** UTF-8, not compressed. */
  readonly bytes: Uint8Array;
  readonly density: number;
  /** Pixels at that density for each pixel of the drawing as a browser shows it. */
  readonly scale: number;
}

/** Bytes that are looked at for the root element. */
const LONGEST_PROLOGUE = 256 * 1024;
const PHYSICAL_LENGTH = /\d\s*(?:pt|pc|mm|cm|in|q)(?![a-z\d])/i;

/**
 * Brings an SVG into the form in which librsvg takes it. The drawing is passed on as bytes and never by its path: bytes have
 * no neighbours, so that nothing it refers to outside of itself is read.
 * @throws UserError where its encoding is unknown.
 */
export function svgDocument(bytes: Uint8Array): SvgDocument {
  const source = toUtf8(bytes);
  const text = Buffer.from(source.buffer, source.byteOffset, source.length).toString('latin1');
  const physical = PHYSICAL_LENGTH.test(text);
  const document = physical ? { density: 96, scale: 96 / 72 } : { density: 72 * 32, scale: 32 };
  return { bytes: text.includes('<svg') ? source : withHint(source), ...document };
}

/** What the root element says of the size of the drawing. */
export function drawingSize({ bytes }: SvgDocument): DrawingSize {
  const text = new TextDecoder().decode(bytes.subarray(0, LONGEST_PROLOGUE));
  const attributes =
    /^<[^\s/>]+((?:\s+[^\s=/>]+\s*=\s*(?:"[^"]*"|'[^']*'))*)/.exec(text.slice(rootAt(text)))?.[1] ?? '';
  const valueOf = (name: string): string | null => {
    const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(attributes);
    return (found?.[1] ?? found?.[2])?.trim().slice(0, 100) ?? null;
  };
  return { viewBox: valueOf('viewBox'), width: valueOf('width'), height: valueOf('height') };
}

/** Uncompresses an .svgz, within the limit. */
export async function gunzipSvg(bytes: Uint8Array, maximum: number): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  gunzip(bytes, { maxOutputLength: maximum }, (error, plain) => {
    if (error) reject(new UserError(gunzipReason(error, maximum), { cause: error }));
    else resolve(plain);
  });
  const plain = await promise;
  if (!isSvg(plain)) throw new UserError('not an image that AssetLens reads (found: gzip)');
  return plain;
}

function gunzipReason(error: NodeJS.ErrnoException, maximum: number): string {
  if (error.code === 'ERR_BUFFER_TOO_LARGE')
    return `SVG that uncompresses to more than the limit of ${maximum / 2 ** 20} MB`;
  return messageOf(error).includes('unexpected end') ? 'truncated SVG (gzip)' : 'damaged SVG (gzip)';
}

/** libvips passes on as SVG what has UTF-8 and "<svg" in it; other encodings are told by a mark or by the XML declaration. */
function toUtf8(bytes: Uint8Array): Uint8Array {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 200)).toString('latin1');
  const declared = /^\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']/i.exec(head)?.[1]?.toLowerCase();
  const marked = head.startsWith('\xff\xfe') ? 'utf-16le' : head.startsWith('\xfe\xff') ? 'utf-16be' : undefined;
  const encoding = marked ?? declared ?? 'utf-8';
  if (/^(?:utf-?8|us-ascii|ascii)$/.test(encoding)) return bytes;
  let text: string;
  try {
    text = new TextDecoder(encoding).decode(bytes);
  } catch (error) {
    throw new UserError(`SVG in an encoding that is not read (${encoding})`, { cause: error });
  }
  return new TextEncoder().encode(text.replace(/^\s*<\?xml[^>]*\?>/, ''));
}

/** A root with a prefix ("<ns0:svg") is not recognised by libvips without a comment that names it. */
function withHint(source: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(source);
  const declaration = /^\s*<\?xml[^>]*\?>/.exec(text)?.[0] ?? '';
  return new TextEncoder().encode(`${declaration}<!--<svg-->${text.slice(declaration.length)}`);
}
