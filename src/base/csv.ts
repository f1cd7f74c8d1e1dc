import { stringify } from 'csv-stringify/sync';

/**
 * Formats rows of cells as CSV (RFC 4180). An apostrophe precedes a cell that a spreadsheet would run as a formula,
 * such as a path that starts with = + - or @, because the files of a workspace are not trusted.
 */
export function csvLines(rows: readonly (readonly (string | number)[])[]): string {
  return stringify(
    rows.map((row) => [...row]),
    { escape_formulas: true },
  );
}
