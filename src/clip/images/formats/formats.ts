/** Formats told by their content; the name of a file says nothing, as many are misnamed. */
export type ImageFormat = 'png' | 'jpeg' | 'gif' | 'webp' | 'avif' | 'tiff' | 'bmp' | 'ico' | 'svg' | 'svgz';

export const FORMAT_NAMES: Readonly<Record<ImageFormat, string>> = {
  png: 'PNG',
  jpeg: 'JPEG',
  gif: 'GIF',
  webp: 'WebP',
  avif: 'AVIF',
  tiff: 'TIFF',
  bmp: 'BMP',
  ico: 'ICO',
  svg: 'SVG',
  svgz: 'SVG',
};

/** As much as a prologue of licence, comments and entities may take before the root element. */
const PROLOGUE = 256 * 1024;
/** What may stand before the root element of an XML document, repeatedly. */
const BEFORE_ROOT = /(?:\s+|<\?[^]*?\?>|<!--[^]*?-->|<!DOCTYPE[^[>]*(?:\[[^]*?\]\s*)?>)*/iy;
const BMP_HEADER_SIZES = new Set([12, 16, 40, 52, 56, 64, 108, 124]);

/** The format of an image that AssetLens reads, or null. */
export function sniffFormat(bytes: Uint8Array): ImageFormat | null {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 64));
  const has = (text: string, at = 0): boolean => head.toString('latin1', at, at + text.length) === text;
  if (has('\x89PNG\r\n\x1a\n')) return 'png';
  if (has('\xff\xd8\xff')) return 'jpeg';
  if (has('GIF87a') || has('GIF89a')) return 'gif';
  if (has('RIFF') && has('WEBP', 8)) return 'webp';
  if (has('ftyp', 4) && /avi[fs]/.test(head.toString('latin1', 8, 40))) return 'avif';
  if (/^(?:II[*+]\0|MM\0[*+])/.test(head.toString('latin1', 0, 4))) return 'tiff';
  if (has('BM') && head.length >= 18 && BMP_HEADER_SIZES.has(head.readUInt32LE(14))) return 'bmp';
  if (isIcon(head)) return 'ico';
  if (has('\x1f\x8b\x08')) return 'svgz';
  return isSvg(bytes) ? 'svg' : null;
}

/** Icons and cursors have no magic bytes worth the name: the first entry has to make sense as well. */
function isIcon(head: Buffer): boolean {
  if (head.length < 22 || head.readUInt16LE(0) !== 0) return false;
  const count = head.readUInt16LE(4);
  const firstData = head.readUInt32LE(18);
  return [1, 2].includes(head.readUInt16LE(2)) && count > 0 && head[9] === 0 && firstData >= 6 + 16 * count;
}

export function isSvg(bytes: Uint8Array): boolean {
  const utf16 =
    bytes.length >= 2 && ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff));
  const start = bytes.subarray(0, PROLOGUE);
  // Latin-1 maps each byte to a character: names of elements are ASCII in every encoding but UTF-16.
  const text = utf16
    ? new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(start)
    : Buffer.from(start.buffer, start.byteOffset, start.length)
        .toString('latin1')
        .replace(/^\xef\xbb\xbf/, '');
  const root = rootAt(text);
  return /^<(?:[\w.-]+:)?svg[\s/>]/.test(text.slice(root, root + 100));
}

/** Where the root element of an XML document begins. */
export function rootAt(text: string): number {
  BEFORE_ROOT.lastIndex = 0;
  return BEFORE_ROOT.exec(text)?.[0].length ?? 0;
}

/** First bytes (Latin-1) of what else lies among the files of a workspace, for people. */
const OTHERS: readonly (readonly [start: RegExp, name: string])[] = [
  [/^version https:\/\/git-lfs/, 'a Git LFS pointer; "git lfs pull" fetches the image'],
  [/^%PDF/, 'PDF'],
  [/^%!PS|^\xc5\xd0\xd3\xc6/, 'PostScript'],
  [/^8BPS/, 'Photoshop'],
  [/^gimp xcf/, 'GIMP'],
  [/^....ftyp(?:hei|hev|mif1|msf1)/s, 'HEIC'],
  [/^\xff\x0a|^\0\0\0\x0cJXL /, 'JPEG XL'],
  [/^\xff\x4f\xff\x51|^\0\0\0\x0cjP {2}/, 'JPEG 2000'],
  [/^v\/1\x01/, 'OpenEXR'],
  [/^#\?(?:RADIANCE|RGBE)/, 'Radiance HDR'],
  [/^DDS |^\xabKTX|^PVR/, 'GPU texture'],
  [/^qoif/, 'QOI'],
  [/^P[1-7]\s/, 'Netpbm'],
  [/^icns/, 'Apple icon'],
  [/^PK[\x03\x05]/, 'ZIP'],
  [/^....ftyp|^\x1aE\xdf\xa3|^RIFF....AVI /s, 'video'],
  [/^OggS|^ID3|^RIFF....WAVE/s, 'sound'],
  [/^(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html)/i, 'HTML'],
  [/^(?:\xef\xbb\xbf)?\s*<\?xml/, 'XML'],
];

/** What bytes are that hold no image, in a word or two for people. */
export function describeContent(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 512));
  const start = head.toString('latin1');
  const known = OTHERS.find(([pattern]) => pattern.test(start));
  if (known) return known[1];
  if (head.every((byte) => byte === 0)) return 'nothing but zeros';
  // Control characters other than white space and escape mark binary data.
  return head.some((byte) => byte < 32 && ![9, 10, 12, 13, 27].includes(byte)) ? 'unknown data' : 'text';
}
