import path from 'node:path';
import * as formats from './all.ts';
import type { ImageFormat } from './imageFormat.ts';

export const IMAGE_FORMATS: readonly ImageFormat[] = Object.values(formats);

/** Extensions of image files, lower case, without a dot. */
export const IMAGE_EXTENSIONS: readonly string[] = [...new Set(IMAGE_FORMATS.flatMap(({ extensions }) => extensions))];

const extensions = new Set(IMAGE_EXTENSIONS);

/** Whether a file has the extension of an image, in upper or lower case. */
export function hasImageExtension(file: string): boolean {
  return extensions.has(path.posix.extname(file).slice(1).toLowerCase());
}

/** The format of a file, detected from its content; undefined where no format recognises it. */
export function formatOf(file: Buffer, name: string): ImageFormat | undefined {
  return IMAGE_FORMATS.find((format) => format.sniff(file, name));
}

/**
 * The kind of image that is usual for a format. Heatmaps choose by it the prompts that compete with the user's prompt.
 * @param format its identifier, as in the index, or its name, as in ImageDetails
 */
export function usualImageKind(format: string): 'photo' | 'drawing' {
  const known = IMAGE_FORMATS.find(({ id, name }) => id === format || name === format);
  return known?.isPhotographic ? 'photo' : 'drawing';
}
