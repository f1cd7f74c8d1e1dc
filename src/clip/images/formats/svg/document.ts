import { gunzip } from 'node:zlib';
import { fileSize } from '../../../../base/format.ts';
import { UserError, messageOf } from '../../../../base/userError.ts';
import type { DrawingGap } from '../../types.ts';
import { readRoot, rootTag, viewportOf, type RootElement, type Viewport } from './rootElement.ts';
import { withImageData, withoutImageData } from './imageData.ts';
import { needsLowering } from './lower/needs.ts';
import { hasSvgRoot } from './root.ts';

/** The part of the coordinate system of a drawing that is shown: x, y, width, height. */
export type ViewBox = readonly [x: number, y: number, width: number, height: number];

/** An SVG whose root element is read. */
export interface SvgDocument {
  /** The bytes of the document in UTF-8, as Latin-1: one character for each byte. */
  readonly text: string;
  readonly root: RootElement;
  readonly viewport: Viewport;
  /** Kinds of content that cannot be drawn. */
  readonly gaps: readonly DrawingGap[];
}

/** A width and height that a root element without them has in CSS: the reference of lengths in percent. */
const DEFAULT_SIZE = { width: 300, height: 150 } as const;
/** Bytes of a drawing, without its images, above which its style sheets are left as they are. */
const LONGEST_LOWERED = 2 * 2 ** 20;
const MOST_TAGS = 60_000;
/** Part by which the proportions of the viewBox may differ from those of width and height, because of rounding. */
const SAME_PROPORTIONS = 0.01;

/**
 * Reads an SVG. The drawing is later passed to a renderer as bytes and not by its path, so the renderer cannot resolve
 * the files that it refers to.
 * @throws UserError where its encoding is unknown; Error where its root element is damaged
 */
export function svgDocument(file: Buffer): SvgDocument {
  return documentOf(toUtf8(file).toString('latin1'), []);
}

function documentOf(text: string, gaps: readonly DrawingGap[]): SvgDocument {
  const root = readRoot(text);
  // The message of a renderer, from which the descriptor takes the reason to show.
  if (!root) throw new Error(`XML parse error on line ${lineOfRoot(text)}`);
  // resvg ends the process if its message quotes this character, which XML does not have.
  if (text.includes('\0'))
    throw new Error(`XML parse error on line ${text.split('\0', 1)[0]?.split('\n').length ?? 1}`);
  return { text, root, viewport: viewportOf(root), gaps };
}

/**
 * Reads an SVG, and replaces its features that the renderers lack, see lowerDrawing.
 * @throws UserError where its encoding is unknown or its size is zero; Error where its root element is damaged
 */
export async function drawableDocument(file: Buffer): Promise<SvgDocument> {
  const document = await loweredDocument(svgDocument(file));
  const { size } = document.viewport;
  if (size && !(isUsable(size.width) && isUsable(size.height))) throw new UserError('SVG without a usable size');
  return document;
}

async function loweredDocument(document: SvgDocument): Promise<SvgDocument> {
  if (!needsLowering(document.text)) return document;
  // Images are put aside, because they are long and contain nothing to replace.
  const { text, images } = withoutImageData(document.text);
  if (text.length > LONGEST_LOWERED || text.split('<').length > MOST_TAGS) return { ...document, gaps: ['styles'] };
  const { lowerDrawing } = await import('./lower/lowerDrawing.ts');
  const unicode = Buffer.from(text, 'latin1').toString();
  const lowered = lowerDrawing(unicode, document.viewport.size ?? DEFAULT_SIZE);
  if (!lowered) return document;
  const bytes = Buffer.from(lowered.text).toString('latin1');
  return documentOf(withImageData(bytes, images), lowered.gaps);
}

/** The document with another text, of the same size and with the same root element. */
export function documentWithText(document: SvgDocument, text: string): SvgDocument {
  return { ...document, text };
}

/** Whether the drawing fills any width and height, because its content keeps no proportions of its own. */
export function canStretch({ root, viewport: { size, viewBox } }: SvgDocument): boolean {
  if (!size || !viewBox || root.attributes.get('preserveAspectRatio')?.trim() === 'none') return true;
  const ratio = (size.width * viewBox[3]) / (size.height * viewBox[2]);
  return Math.abs(ratio - 1) < SAME_PROPORTIONS;
}

/**
 * The document with a root element of a given size.
 * @param size pixels of the renderer
 * @param bounds the part to show, for a document without a size of its own
 * @returns UTF-8
 */
export function sizedDocument(
  document: SvgDocument,
  size: { readonly width: number; readonly height: number },
  bounds: ViewBox | null,
): Buffer {
  const { text, root, viewport } = document;
  const declaration = /^<\?xml[^>]*\?>/.exec(text)?.[0] ?? '';
  // libvips recognises an SVG by the text "<svg", which a root with a prefix ("<ns0:svg") lacks.
  const prologue = `${declaration}${root.name === 'svg' ? '' : '<!--<svg-->'}${text.slice(declaration.length, root.start)}`;
  // The line numbers of error messages stay those of the file.
  const lines = text.slice(root.start, root.end).split('\n').length - 1;
  const content = '\n'.repeat(lines) + text.slice(root.end);
  const sides = { width: String(size.width), height: String(size.height) };
  if (bounds) {
    const { width, height } = DEFAULT_SIZE;
    const inner = rootTag(root, {
      width: String(width),
      height: String(height),
      overflow: 'visible',
      x: null,
      y: null,
    });
    const outer = `<svg xmlns="http://www.w3.org/2000/svg" width="${sides.width}" height="${sides.height}" viewBox="${bounds.join(' ')}" preserveAspectRatio="none">`;
    return Buffer.from(`${prologue}${outer}${inner}${content}</svg>`, 'latin1');
  }
  const viewBox = viewport.viewBox ?? [0, 0, viewport.size?.width ?? 0, viewport.size?.height ?? 0];
  const stretch = canStretch(document) ? { preserveAspectRatio: 'none' } : {};
  const tag = rootTag(root, { ...sides, viewBox: viewBox.join(' '), ...stretch });
  return Buffer.from(`${prologue}${tag}${content}`, 'latin1');
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

/** Renderers read an SVG in UTF-8. A byte order mark or the XML declaration names the encoding. */
function toUtf8(file: Buffer): Buffer {
  const head = file.toString('latin1', 0, 200);
  const declared = /^\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']/i.exec(head)?.[1]?.toLowerCase();
  const marked = head.startsWith('\xff\xfe') ? 'utf-16le' : head.startsWith('\xfe\xff') ? 'utf-16be' : undefined;
  const encoding = marked ?? declared ?? 'utf-8';
  if (/^(?:utf-?8|us-ascii|ascii)$/.test(encoding)) return withoutMark(file);
  let text: string;
  try {
    text = new TextDecoder(encoding).decode(file);
  } catch (error) {
    throw new UserError(`SVG in an unsupported encoding (${encoding})`, { cause: error });
  }
  return Buffer.from(text.replace(/^\s*<\?xml[^>]*\?>/, ''));
}

/** Without a byte order mark of UTF-8. */
function withoutMark(file: Buffer): Buffer {
  return file[0] === 0xef && file[1] === 0xbb && file[2] === 0xbf ? file.subarray(3) : file;
}

function isUsable(side: number): boolean {
  return side > 0 && side <= 1e8;
}

function lineOfRoot(text: string): number {
  return text.slice(0, text.search(/<(?:[\w.-]+:)?svg/)).split('\n').length;
}
