import type { Row } from '../store/database.ts';
import { number, text } from '../store/rows.ts';

/** A content with one of its files. */
export interface BlobFile {
  readonly id: number;
  readonly hash: string;
  /** Relative path. */
  readonly file: string;
}

/** Reads rows with the columns id, hash and path. */
export function blobFilesOf(rows: readonly Row[]): BlobFile[] {
  return rows.map((row) => ({ id: number(row, 'id'), hash: text(row, 'hash'), file: text(row, 'path') }));
}
