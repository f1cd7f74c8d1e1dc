/** Primary result codes of SQLite, see https://www.sqlite.org/rescode.html. */
export const OK = 0;
export const PERM = 3;
export const BUSY = 5;
export const LOCKED = 6;
export const READONLY = 8;
export const IOERR = 10;
export const CORRUPT = 11;
export const FULL = 13;
export const CANTOPEN = 14;
export const NOTADB = 26;

/** Returns the primary result code of an SQLite error, or undefined for any other error. */
export function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff; // the upper bits hold the extended code
}

/** Tells whether SQLite reports that the file is damaged, or not a database at all. */
export function isDamage(error: unknown): boolean {
  const code = resultCode(error);
  return code === CORRUPT || code === NOTADB;
}

/** Tells whether SQLite reports that the file, or the files that it needs beside it, cannot be opened or written. */
export function isWriteRefusal(error: unknown): boolean {
  const code = resultCode(error);
  return code === READONLY || code === CANTOPEN || code === PERM;
}
