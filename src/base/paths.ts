import path from 'node:path';

/**
 * The functions of node:path that differ between Windows and other systems. Tests pass `path.win32` or `path.posix`.
 */
export type PathFlavour = Pick<typeof path, 'dirname' | 'isAbsolute' | 'relative' | 'sep'>;

/**
 * Returns the path of a file relative to a folder, with '/' on every system. It starts with '../' if the file is
 * outside.
 */
export function posixRelative(folder: string, file: string, flavour: PathFlavour = path): string {
  return flavour.relative(folder, file).split(flavour.sep).join('/');
}

/**
 * Returns the path of a file inside a folder, as posixRelative does; '' for the folder itself; undefined if the file is
 * outside.
 */
export function pathWithin(folder: string, file: string, flavour: PathFlavour = path): string | undefined {
  const relative = posixRelative(folder, file, flavour);
  const isOutside = relative === '..' || relative.startsWith('../');
  // The relative path is absolute if the file is on another drive.
  return isOutside || flavour.isAbsolute(relative) ? undefined : relative;
}
