import { stringify } from 'csv-stringify/sync';

/**
 * Formats rows of cells as CSV (RFC 4180). An apostrophe precedes a text that a spreadsheet would run as a formula: one
 * that starts with = + - or @. Pass paths through csvPath, because an apostrophe would make another path of them.
 */
export function csvLines(rows: readonly (readonly (string | number)[])[]): string {
  return stringify(
    rows.map((row) => [...row]),
    { escape_formulas: true },
  );
}

/**
 * Returns a cell with a relative path. "./" precedes a path that a spreadsheet would run as a formula; it names the
 * same file.
 */
export function csvPath(path: string): string {
  return /^[=+\-@\t\r]/.test(path) ? `./${path}` : path;
}
