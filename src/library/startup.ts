/**
 * Second entry point of the library, for code that runs while the editor starts: it loads neither SQLite nor CLIP.
 * Everything else is in index.ts.
 */
export { locateIndex } from './location/indexLocation.ts';
export { isInExcludedFolder } from './files/excludedFolders.ts';
