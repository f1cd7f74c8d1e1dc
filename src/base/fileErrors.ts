/** Tells whether an error of the file system means that the file or folder does not exist. */
export function isMissing(error: unknown): boolean {
  return hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR'); // or a folder of its path is a file
}

/** Tells whether an error of the file system means that the file or folder exists already. */
export function isExisting(error: unknown): boolean {
  return hasCode(error, 'EEXIST');
}

/** Tells whether an error of the file system means that a file is a link, which the caller does not follow. */
export function isLink(error: unknown): boolean {
  return hasCode(error, 'ELOOP');
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
