import path from 'node:path';
import * as formats from './all.ts';
import type { ImageFormat } from './imageFormat.ts';

export const IMAGE_FORMATS: readonly ImageFormat[] = Object.values(formats);

/** Extensions of image files, lower case, without a dot. */
export const IMAGE_EXTENSIONS: readonly string[] = [...new Set(IMAGE_FORMATS.flatMap(({ extensions }) => extensions))];

const extensions = new Set(IMAGE_EXTENSIONS);

/** Globs of the files that may be images. */
export const IMAGE_GLOBS: readonly string[] = [
  `**/*.{${IMAGE_EXTENSIONS.join(',')}}`,
  ...IMAGE_FORMATS.flatMap(({ files }) => (files ? [files.glob] : [])),
];

/** Whether a file has the extension of an image, in upper or lower case, or is among the files of a format. */
export function hasImageExtension(file: string): boolean {
  return extensions.has(path.posix.extname(file).slice(1).toLowerCase()) || isNamedByFormat(file);
}

/** Whether only the content of a file tells if it is an image, because others have the same extension. */
export function isNamedByFormat(file: string): boolean {
  return IMAGE_FORMATS.some(({ files }) => files?.isAmong(file) === true);
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
