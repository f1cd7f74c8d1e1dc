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
 * Translates an error of SQLite into one that tells a user what to do. Other errors stay as they are.
 * @param id of the file, if it is open
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
        `The index ${file} cannot be written (${messageOf(error)}). Check that its folder can be written.`,
      );
    case BUSY:
    case LOCKED:
      return new UserError(
        `Another program has locked the index ${file} for too long. Close the other AssetLens or database tool and try again.`,
      );
    case FULL:
    case IOERR:
      return new UserError(
        `The index ${file} cannot be read or written (${messageOf(error)}). Check that its disk has space and is connected.`,
      );
    default:
      return error;
  }
}

/** Returns the error for a change to an index that is open for reading only. */
export function notWritable(file: string, reason: string): UserError {
  return new UserError(
    `The index ${file} cannot be written (${reason}), so nothing was changed. Make it writable, or name another index with --index.`,
  );
}
