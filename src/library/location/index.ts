/**
 * Entry point for code that runs while the editor starts: where the index of a folder is, and which folders are never
 * indexed. It loads neither SQLite nor CLIP; userIndexes.ts, which loads zod, is a second entry point.
 */
export { indexesFolder, locateIndex, type IndexLocation } from './indexLocation.ts';
export { DEFAULT_EXCLUDE, isInExcludedFolder } from './excludedFolders.ts';
export type { DistrustedIndex, DistrustReason } from './folderIndex.ts';
