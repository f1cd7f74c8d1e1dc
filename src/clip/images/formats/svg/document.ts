import { gunzip } from 'node:zlib';
import { fileSize } from '../../../../base/format.ts';
import { UserError, messageOf } from '../../../../base/userError.ts';
import type { DrawingSize } from '../../types.ts';
import { treeAndLayers } from './needs.ts';
import type { DrawingNeeds } from '../../decoding/memory.ts';
import { hasSvgRoot, LONGEST_PROLOGUE, rootOffset } from './root.ts';

/** An SVG in the form that librsvg needs. */
export interface SvgDocument {
  /** UTF-8, not compressed. */
  readonly bytes: Uint8Array;
  /**
   * Dots per inch to measure and draw at. librsvg uses it twice: as the scale, and to convert pt, mm and other physical
   * lengths to pixels. A drawing with physical lengths needs the 96 of CSS, else these lengths are scaled differently
   * from the others. For all other drawings, 72 is the scale of 1, and 32 times as much measures them to 1/32 pixel.
   */
  readonly density: number;
  /** Pixels at that density for each pixel of the drawing in a browser. */
  readonly scale: number;
  readonly needs: Pick<DrawingNeeds, 'tree' | 'layers'>;
}

const PHYSICAL_LENGTH = /\d\s*(?:pt|pc|mm|cm|in|q)(?![a-z\d])/i;

/**
 * Converts an SVG to the form that librsvg needs. The drawing is passed as bytes and not by its path, so librsvg cannot
 * resolve the files that it refers to.
 * @throws UserError where its encoding is unknown
 */
export function svgDocument(file: Buffer): SvgDocument {
  const source = toUtf8(file);
  const text = source.toString('latin1');
  const hasPhysicalLength = PHYSICAL_LENGTH.test(text);
  const resolution = hasPhysicalLength ? { density: 96, scale: 96 / 72 } : { density: 72 * 32, scale: 32 };
  const bytes = text.includes('<svg') ? source : withSvgComment(source);
  return { bytes, needs: treeAndLayers(bytes), ...resolution };
}

/** The attributes of the root element that determine the size of a drawing. */
export function drawingSize({ bytes }: SvgDocument): DrawingSize {
  const text = new TextDecoder().decode(bytes.subarray(0, LONGEST_PROLOGUE));
  const attributes =
    /^<[^\s/>]+((?:\s+[^\s=/>]+\s*=\s*(?:"[^"]*"|'[^']*'))*)/.exec(text.slice(rootOffset(text)))?.[1] ?? '';
  const valueOf = (name: string): string | null => {
    const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(attributes);
    return (match?.[1] ?? match?.[2])?.trim().slice(0, 100) ?? null;
  };
  return { viewBox: valueOf('viewBox'), width: valueOf('width'), height: valueOf('height') };
}

/**
 * Decompresses an .svgz.
 * @throws UserError where the result is larger than the maximum number of bytes, or not an SVG
 */
export async function gunzipSvg(file: Buffer, maximum: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  gunzip(file, { maxOutputLength: maximum }, (error, plain) => {
    if (error) reject(new UserError(gunzipReason(error, maximum), { cause: error }));
    else resolve(plain);
  });
  const plain = await promise;
  if (!hasSvgRoot(plain)) throw new UserError('not a supported image (found: gzip)');
  return plain;
}

function gunzipReason(error: NodeJS.ErrnoException, maximum: number): string {
  if (error.code === 'ERR_BUFFER_TOO_LARGE')
    return `SVG that decompresses to more than the limit of ${fileSize(maximum)}`;
  return messageOf(error).includes('unexpected end') ? 'truncated SVG (gzip)' : 'damaged SVG (gzip)';
}

/** libvips recognises an SVG only in UTF-8. A byte order mark or the XML declaration names the encoding. */
function toUtf8(file: Buffer): Buffer {
  const head = file.toString('latin1', 0, 200);
  const declared = /^\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']/i.exec(head)?.[1]?.toLowerCase();
  const marked = head.startsWith('\xff\xfe') ? 'utf-16le' : head.startsWith('\xfe\xff') ? 'utf-16be' : undefined;
  const encoding = marked ?? declared ?? 'utf-8';
  if (/^(?:utf-?8|us-ascii|ascii)$/.test(encoding)) return file;
  let text: string;
  try {
    text = new TextDecoder(encoding).decode(file);
  } catch (error) {
    throw new UserError(`SVG in an unsupported encoding (${encoding})`, { cause: error });
  }
  return Buffer.from(text.replace(/^\s*<\?xml[^>]*\?>/, ''));
}

/**
 * libvips recognises an SVG by the text "<svg". A root with a prefix ("<ns0:svg") lacks it, so a comment contains it.
 */
function withSvgComment(source: Buffer): Buffer {
  const text = new TextDecoder().decode(source); // without a byte order mark
  const declaration = /^\s*<\?xml[^>]*\?>/.exec(text)?.[0] ?? '';
  return Buffer.from(`${declaration}<!--<svg-->${text.slice(declaration.length)}`);
}
