import type { SvgDocument } from './document.ts';

/** An image that a drawing shows. */
export interface ImageReference {
  /** Offsets of the value of its attribute in the text of the drawing. */
  readonly start: number;
  readonly end: number;
  readonly href: string;
}

const IMAGE = /<(?:[\w.-]+:)?(?:image|feImage)\b[^<>]*>/g;
const HREF = /\s(?:[\w.-]+:)?href\s*=\s*(?:"([^"]*)"|'([^']*)')/;
const DATA = /^\s*data:(image\/[\w.+-]+)(?:;[\w=-]+)*;base64,/i;
/** Formats that librsvg draws. */
const DRAWN = /^image\/(?:png|jpe?g|svg\+xml)$/i;
/** libxml2 rejects attributes of ten million characters. */
const LONGEST = 9_000_000;

/** The images in the root element of a drawing, except references to its own elements. */
export function imageReferences({ text, root }: SvgDocument): ImageReference[] {
  const references: ImageReference[] = [];
  for (const { index, 0: tag } of text.matchAll(IMAGE)) {
    const match = HREF.exec(tag);
    const href = match?.[1] ?? match?.[2];
    if (index < root.end || !match || href === undefined || href.startsWith('#')) continue;
    const end = index + match.index + match[0].length - 1;
    references.push({ start: end - href.length, end, href });
  }
  return references;
}

/** The encoded image in a data URI; null for a link. */
export function imageData(href: string): Buffer | null {
  const [prefix] = DATA.exec(href) ?? [];
  if (prefix === undefined) return null;
  return Buffer.from(href.slice(prefix.length).replace(/%2B|%2F|%3D/gi, decodeURIComponent), 'base64');
}

/** Whether librsvg draws the image of a data URI as it is. */
export function isDrawn(href: string): boolean {
  const [, type] = DATA.exec(href) ?? [];
  if (type === undefined) return /^\s*data:/i.test(href);
  return DRAWN.test(type) && href.length <= LONGEST;
}
