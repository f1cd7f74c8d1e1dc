/**
 * The path of an image that is a part of a file, such as a symbol of an SVG sheet, is the path of the file, '#' and a
 * fragment: "icons.svg#arrow-left". Every module above the decoder passes such a path on as it is. The ones that open
 * the file split it here.
 */
export interface ImagePath {
  readonly file: string;
  /** As encodeFragment writes it; '' for the whole file. */
  readonly fragment: string;
}

/** Extensions of files that contain several images. */
const SHEET = /\.svgz?$/i;
/** Everything but letters of all scripts and punctuation that has no meaning in paths, URLs, markup and strings. */
const ENCODED = /[^\p{L}\p{M}\p{N}._~!$+,=@:-]/gu;

/**
 * Splits a path. A '#' belongs to the name of the file unless the text before the last one is the name of a sheet, so a
 * file such as "a.svg#b.png" cannot be told from a symbol, and is not indexed.
 */
export function splitImagePath(path: string): ImagePath {
  const hash = path.lastIndexOf('#');
  const file = path.slice(0, hash);
  const fragment = path.slice(hash + 1);
  return hash > 0 && isFragment(fragment) && SHEET.test(file) ? { file, fragment } : { file: path, fragment: '' };
}

export function joinImagePath({ file, fragment }: ImagePath): string {
  return fragment === '' ? file : `${file}#${fragment}`;
}

/** Returns the file that contains an image. */
export function fileOfImage(path: string): string {
  return splitImagePath(path).file;
}

/** Returns the same path with the fragment in the form of encodeFragment, for a path that a user typed. */
export function normalImagePath(path: string): string {
  const { file, fragment } = splitImagePath(path);
  return joinImagePath({ file, fragment: normalFragment(fragment) });
}

/**
 * Returns the name that an image has in its file or folder: the identifier of a symbol, or the name of the file without
 * its extension.
 */
export function nameOfImage(path: string): string {
  const { file, fragment } = splitImagePath(path.slice(path.lastIndexOf('/') + 1));
  return fragment === '' ? file.replace(/(?<=.)\.[^.]*$/, '') : fragmentId(fragment);
}

/** Returns where an image is: its folder, or the path of its sheet without the extension. */
export function placeOfImage(path: string): string {
  const { file, fragment } = splitImagePath(path);
  return fragment === '' ? file.slice(0, file.lastIndexOf('/') + 1) : file.replace(SHEET, '');
}

/** Tells whether a file may contain several images, by its name. */
export function mayBeSheet(file: string): boolean {
  return SHEET.test(file);
}

/** Tells whether a text is a fragment that encodeFragment may have written. */
export function isFragment(text: string): boolean {
  return text !== '' && !/[/\\#\p{Cc}]/u.test(text);
}

/**
 * Writes an identifier as a fragment. Letters of all scripts stay readable. The result contains no '/', '#', quote,
 * bracket, space or control character.
 */
export function encodeFragment(id: string): string {
  return id.replace(ENCODED, (character) =>
    Array.from(
      new TextEncoder().encode(character),
      (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    ).join(''),
  );
}

/** Returns the identifier that a fragment stands for. */
export function fragmentId(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment; // a lone "%"
  }
}

/**
 * Returns a fragment as it is written in a text, where other characters may be encoded, in the form of encodeFragment.
 */
export function normalFragment(written: string): string {
  return encodeFragment(fragmentId(written));
}
