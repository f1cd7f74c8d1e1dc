import { messageOf, UserError } from '../../base/userError.ts';
import { damageFound } from './damagedIndex.ts';
import {
  BUSY,
  CANTOPEN,
  CORRUPT,
  FULL,
  IOERR,
  LOCKED,
  NOTADB,
  OK,
  PERM,
  READONLY,
  resultCode,
} from './sqliteErrors.ts';

/**
 * Converts an error of SQLite to a UserError that tells the user what to do. Returns other errors unchanged.
 * @param id id of the file, if it is open
 */
export function toUserError(error: unknown, file: string, id?: bigint): unknown {
  switch (resultCode(error) ?? OK) {
    case CORRUPT:
    case NOTADB:
      return damageFound(file, id, messageOf(error));
    case CANTOPEN:
    case READONLY:
    case PERM:
      return new UserError(
        `The index ${file} cannot be written (${messageOf(error)}). Check the permissions of its folder.`,
      );
    case BUSY:
    case LOCKED:
      return new UserError(
        `Another program has locked the index ${file}. Close other AssetLens processes and database tools, and try again.`,
      );
    case FULL:
    case IOERR:
      return new UserError(
        `The index ${file} cannot be read or written (${messageOf(error)}). Check that the disk is connected and has free space.`,
      );
    default:
      return error;
  }
}

/** Returns the error for a change to an index that is open for reading only. */
export function notWritable(file: string, reason: string): UserError {
  return new UserError(
    `The index ${file} cannot be written (${reason}), so nothing was changed. Make it writable, or pass another index file to --index.`,
  );
}
