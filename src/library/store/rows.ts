import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Row } from './database.ts';

/** A column that the schema declares as text. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`${column} is no text`);
  return value;
}

/** A column that the schema declares as a number. */
export function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new TypeError(`${column} is no number`);
  return value;
}

/** A column that the schema declares as a BLOB. */
export function bytes(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`${column} is no BLOB`);
  return value;
}

/** Rows a page: some milliseconds of reading. */
export const PAGE = 1000;

/**
 * Pages of a long result, each begun behind the last row of the one before (not at an offset, which reads all rows again),
 * with a turn for other work of the thread in between.
 * @param fetch reads at most `limit` rows that follow `last`, in the order of their key
 */
export async function* pages<T>(fetch: (last: T | undefined, limit: number) => T[], limit = PAGE): AsyncGenerator<T[]> {
  let last: T | undefined;
  for (;;) {
    const page = fetch(last, limit);
    if (page.length > 0) yield page;
    if (page.length < limit) return;
    last = page.at(-1);
    await nextTurn();
  }
}
