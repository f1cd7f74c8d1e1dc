import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { pathWithin } from '../../base/paths.ts';
import { readRegularFile } from '../../base/regularFile.ts';
import { hasImageExtension } from './formats/registry.ts';
import type { DecodeLimits } from './limits.ts';

/** The image files that a drawing links to. */
export interface LinkedFiles {
  /** Reads a linked image. @returns null where it may not be read, or is missing or too large */
  read(href: string): Promise<Buffer | null>;
}

/**
 * Gives a drawing access to images in its own workspace folder. A drawing is written by strangers: a link that leads
 * out of the folder, also through a symbolic link, or to a file without the extension of an image, is not followed.
 * @param file the drawing
 */
export function linkedFilesOf(file: string, folder: string, limits: DecodeLimits): LinkedFiles {
  return {
    async read(href) {
      const relative = relativePath(href);
      if (relative === null) return null;
      try {
        const root = await realpath(folder);
        const target = await realpath(path.resolve(path.dirname(await realpath(file)), relative));
        if (pathWithin(root, target) === undefined || !hasImageExtension(target)) return null;
        return await readRegularFile(target, limits.bytes);
      } catch {
        return null; // missing, not readable, too large, or no regular file
      }
    },
  };
}

/** The path in a link to a file beside the drawing; null for every other link. */
function relativePath(href: string): string | null {
  const written = href.trim().replace(/[?#][^]*$/, '');
  if (written === '' || /^(?:[a-z][a-z\d+.-]*:|[/\\])/i.test(written)) return null;
  try {
    const decoded = decodeURIComponent(written);
    return /[\0\\:]/.test(decoded) || path.isAbsolute(decoded) ? null : decoded;
  } catch {
    return null; // damaged percent encoding
  }
}
