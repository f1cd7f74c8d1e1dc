import path from 'node:path';

/** The functions of node:path that differ between Windows and other systems; tests pass `path.win32` or `path.posix`. */
export type PathFlavour = Pick<typeof path, 'dirname' | 'isAbsolute' | 'relative' | 'sep'>;

/** The path of a file relative to a folder, with '/' on every system: begins with '../' where the file is outside. */
export function posixRelative(folder: string, file: string, flavour: PathFlavour = path): string {
  return flavour.relative(folder, file).split(flavour.sep).join('/');
}

/** The same where the file is inside the folder, '' for the folder itself; undefined where the file is outside. */
export function pathWithin(folder: string, file: string, flavour: PathFlavour = path): string | undefined {
  const relative = posixRelative(folder, file, flavour);
  const isOutside = relative === '..' || relative.startsWith('../');
  // Absolute: on another drive.
  return isOutside || flavour.isAbsolute(relative) ? undefined : relative;
}
