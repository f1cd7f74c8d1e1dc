import path from 'node:path';

/** Returns the path from a folder to a file with '/' as separator; it starts with '../' for a file outside the folder. */
export function relativePath(folder: string, file: string): string {
  return path.relative(folder, file).split(path.sep).join('/');
}
