import { stringify } from 'csv-stringify/sync';

/**
 * CSV text (RFC 4180) of rows of cells. A cell that a spreadsheet would run as a formula, such as a path that begins with
 * = + - or @, gets an apostrophe before it: the files of a workspace may come from anybody.
 */
export function csvLines(rows: readonly (readonly (string | number)[])[]): string {
  return stringify(
    rows.map((row) => [...row]),
    { escape_formulas: true },
  );
}
