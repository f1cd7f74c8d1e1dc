import { once } from 'node:events';
import Table from 'cli-table3';
import { csvLines } from '../base/csv.ts';
import { printable, printableJson } from '../base/printable.ts';
import { linesOf, type Text } from './text.ts';

/** The only module of the command line that writes to standard output and, except for progress, to standard error. */

export const formats = ['table', 'json', 'csv'] as const;
export type Format = (typeof formats)[number];

/** Writes to standard output. Waits if the reader is slower. */
export function print(text: Text): Promise<void> {
  return write(text.toString());
}

/** Writes to standard output without waiting, because commander prints its help synchronously. */
export function printHelp(text: Text): void {
  process.stdout.write(text.toString());
}

/** Writes to standard error. */
export function report(text: Text): void {
  process.stderr.write(text.toString());
}

/** Prints an object as one line of JSON. */
export async function printJson(object: unknown): Promise<void> {
  await write(`${printableJson(object)}\n`);
}

/**
 * Prints rows as CSV. CSV has no escapes, so a file or another program gets the exact texts, but a terminal gets
 * printable ones.
 */
export async function printCsv(rows: readonly (readonly (string | number)[])[]): Promise<void> {
  await write(csvLines(process.stdout.isTTY ? printableRows(rows) : rows));
}

async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** Formats a table. Each cell is one line. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): Text {
  const display = new Table({
    head: [...head],
    style: { head: [], border: [] },
    chars: plain,
    colAligns: head.map((_, column) => (typeof rows[0]?.[column] === 'number' ? 'right' : 'left')),
  });
  display.push(...printableRows(rows));
  return linesOf(`${display.toString()}\n`);
}

function printableRows(rows: readonly (readonly (string | number)[])[]): (string | number)[][] {
  return rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell : printable(cell))));
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
