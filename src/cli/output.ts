import { once } from 'node:events';
import Table from 'cli-table3';
import { csvLines } from '../base/csv.ts';

export const formats = ['table', 'json', 'csv'] as const;
export type Format = (typeof formats)[number];

/** Writes to standard output. Waits if the reader is slower. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** Prints an object as one line of JSON. */
export async function printJson(object: unknown): Promise<void> {
  await print(`${JSON.stringify(object)}\n`);
}

export async function printCsv(rows: readonly (readonly (string | number)[])[]): Promise<void> {
  await print(csvLines(rows));
}

/** Formats a table. Control characters in cells, for example a newline in a file name, are escaped. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const display = new Table({
    head: [...head],
    style: { head: [], border: [] },
    chars: plain,
    colAligns: head.map((_, column) => (typeof rows[0]?.[column] === 'number' ? 'right' : 'left')),
  });
  for (const row of rows) display.push(row.map((cell) => (typeof cell === 'number' ? cell : printable(cell))));
  return `${display.toString()}\n`;
}

/** A style without borders: two spaces separate columns, so that the output is easy to read and to copy. */
const plain = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  right: '',
  'right-mid': '',
  mid: '',
  'mid-mid': '',
  middle: ' ',
};

/** Escapes control characters, which could corrupt the terminal or hide a name. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}
