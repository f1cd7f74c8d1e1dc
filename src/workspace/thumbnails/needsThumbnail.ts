/** Formats that the editor itself can show as an icon: its own protocol for local files hands out no others. */
const SHOWN_AS_ICON = /\.(png|jpe?g|gif|bmp|webp|svg)$/i;
/** Bytes of a file. The editor would load and decode all of a photograph for an icon of 16 pixels. */
const LARGE = 200_000;

/** Whether an image should not, or cannot, be its own icon. */
export function needsThumbnail(file: string, bytes: number): boolean {
  return bytes > LARGE || !SHOWN_AS_ICON.test(file);
}
