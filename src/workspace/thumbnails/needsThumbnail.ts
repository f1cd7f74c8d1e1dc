/** Formats that the editor can show as an icon. Its protocol for local files serves no others. */
const SHOWN_AS_ICON = /\.(png|jpe?g|gif|bmp|webp|svg)$/i;
/** Bytes from which a file needs a thumbnail: the editor would decode a whole photograph for an icon of 16 pixels. */
const LARGE = 200_000;

/** Returns whether the icon of an image must be a thumbnail instead of the file itself. */
export function needsThumbnail(file: string, bytes: number): boolean {
  return bytes > LARGE || !SHOWN_AS_ICON.test(file);
}
