/** Other file formats by their first bytes (Latin-1), with their names for users. */
const UNSUPPORTED: readonly (readonly [start: RegExp, name: string])[] = [
  [/^version https:\/\/git-lfs/, 'a Git LFS pointer; "git lfs pull" fetches the image'],
  [/^%PDF/, 'PDF'],
  [/^%!PS|^\xc5\xd0\xd3\xc6/, 'PostScript'],
  [/^gimp xcf/, 'GIMP'],
  [/^....ftyp(?:hei|hev|mif1|msf1)/s, 'HEIC'],
  [/^\xff\x0a|^\0\0\0\x0cJXL /, 'JPEG XL'],
  [/^\xff\x4f\xff\x51|^\0\0\0\x0cjP {2}/, 'JPEG 2000'],
  [/^v\/1\x01/, 'OpenEXR'],
  [/^\xabKTX|^PVR/, 'GPU texture'],
  [/^PK[\x03\x05]/, 'ZIP'],
  [/^....ftyp|^\x1aE\xdf\xa3|^RIFF....AVI /s, 'video'],
  [/^OggS|^ID3|^RIFF....WAVE/s, 'sound'],
  [/^(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html)/i, 'HTML'],
  [/^(?:\xef\xbb\xbf)?\s*<\?xml/, 'XML'],
];

/** Control characters that occur in texts: tab, line feed, form feed, carriage return, escape. */
const TEXT_CONTROLS = new Set([9, 10, 12, 13, 27]);

/** A short description for users of a file that no image format recognises. */
export function describeUnsupported(file: Buffer): string {
  const head = file.subarray(0, 512);
  const start = head.toString('latin1');
  const known = UNSUPPORTED.find(([pattern]) => pattern.test(start));
  if (known) return known[1];
  if (head.every((byte) => byte === 0)) return 'only zeros';
  return head.some((byte) => byte < 32 && !TEXT_CONTROLS.has(byte)) ? 'unknown data' : 'text';
}
