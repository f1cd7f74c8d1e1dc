import { fileOfImage } from '../../base/imagePath.ts';

/** Formats that the editor can show as an icon. Its protocol for local files serves no others. */
const SHOWN_AS_ICON = /\.(png|jpe?g|gif|bmp|webp|svg)$/i;
/** Bytes from which a file needs a thumbnail: the editor would decode a whole photograph for an icon of 16 pixels. */
const LARGE = 200_000;

/**
 * Returns whether the icon of an image must be a thumbnail instead of the file itself, as for an image in a sheet.
 * @param file its path, with the fragment of an image in a sheet
 */
export function needsThumbnail(file: string, bytes: number): boolean {
  return bytes > LARGE || !SHOWN_AS_ICON.test(file) || fileOfImage(file) !== file;
}

/** Larger pictures are mostly photos and screenshots, which have no margins and are slow to decode. */
const MAX_PIXELS = 512 * 512;

/** An image of the index. */
export interface IndexedPicture {
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
}

/**
 * Returns whether an icon made of the image may be better than the file itself: the editor shows margins, and drawings
 * that are invisible on the background of the theme.
 */
export function mayNeedIcon({ path, width, height, bytes }: IndexedPicture): boolean {
  if (needsThumbnail(path, bytes)) return true;
  return /\.svg$/i.test(path) || (/\.(png|gif|webp)$/i.test(path) && width * height <= MAX_PIXELS);
}
