import type { ImageFormat } from './imageFormat.ts';
import { hasSignature } from './signature.ts';
import { drawableDocument, gunzipSvg } from './svg/document.ts';
import { hasSvgRoot, isUtf16 } from './svg/root.ts';

/** Bytes at the end of a file that contain the end tag of the root element. */
const TAIL = 4096;
/** Messages of librsvg and libxml2 with the reason to show. The first match counts. */
const REASONS: readonly (readonly [message: RegExp, reason: string])[] = [
  [/amplification|excessive depth|exceeded more than|recursi/i, 'SVG that expands without limit'],
  [/bad dimensions|zero-sized|out of range/i, 'SVG without a usable size'],
  [/32767/, 'SVG that is too long and thin to draw'],
];

export const svg: ImageFormat = {
  id: 'svg',
  name: 'SVG',
  extensions: ['svg', 'svgz'],
  sniff: (file) => isGzip(file) || hasSvgRoot(file),
  async open(file, { limits }) {
    const plain = isGzip(file) ? await gunzipSvg(file, limits.bytes) : file;
    return { kind: 'drawing', document: await drawableDocument(plain) };
  },
  // gunzipSvg detects a truncated .svgz itself.
  isTruncated: (file) => !isGzip(file) && !hasRootEnd(file),
  errorReason(message) {
    const line = /XML parse error.*?(?:on line |\(null\):)(\d+)/s.exec(message)?.[1];
    const reason = REASONS.find(([pattern]) => pattern.test(message))?.[1];
    return reason ?? (line === undefined ? undefined : `SVG with an XML error in line ${line}`);
  },
};

function isGzip(file: Buffer): boolean {
  return hasSignature(file, '\x1f\x8b\x08');
}

/** Whether a file ends with the end tag of an SVG, or with an empty element. */
function hasRootEnd(file: Buffer): boolean {
  const tail = file.toString('latin1', Math.max(0, file.length - TAIL));
  return /<\/(?:[\w.-]+:)?svg\s*>|\/>\s*$/.test(isUtf16(file) ? tail.replaceAll('\0', '') : tail);
}
