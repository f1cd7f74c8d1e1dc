import { INDEX_FOLDER } from './indexLocation.ts';

/** Names of folders that never contain assets of the project, at any depth. */
const EXCLUDED_FOLDERS: readonly string[] = ['.git', 'node_modules', INDEX_FOLDER];

/** Globs of the files in these folders; every scan excludes them. */
export const DEFAULT_EXCLUDE: readonly string[] = EXCLUDED_FOLDERS.map((name) => `**/${name}/**`);

/**
 * Tells whether a path is one of these folders or lies in one.
 * @param file path relative to the root, with '/'
 */
export function isInExcludedFolder(file: string): boolean {
  return file.split('/').some((name) => EXCLUDED_FOLDERS.includes(name));
}
