import { stringify } from 'csv-stringify/sync';

/**
 * Lines of CSV (RFC 4180). A text that a spreadsheet would take for a formula, as a path beginning with = + - or @, gets an
 * apostrophe before it: files in a workspace may be anybody's.
 */
export function csvLines(rows: readonly (readonly (string | number)[])[]): string {
  return stringify(
    rows.map((row) => [...row]),
    { escape_formulas: true },
  );
}
