import { once } from 'node:events';
import Table from 'cli-table3';
import { csvLines } from '../base/csv.ts';

export const formats = ['table', 'json', 'csv'] as const;
export type Format = (typeof formats)[number];

/** Writes to standard output and waits while its reader is slower than we are. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** One JSON object a line. */
export async function printJson(object: unknown): Promise<void> {
  await print(`${JSON.stringify(object)}\n`);
}

export async function printCsv(rows: readonly (readonly (string | number)[])[]): Promise<void> {
  await print(csvLines(rows));
}

/** A table for people. Control characters in cells (a newline in a file name) are shown as escapes. */
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

/** Columns apart by two spaces and a rule below the head: reads well everywhere and copies cleanly. */
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

/** The text without control characters: they could garble the terminal or hide a name. */
export function printable(text: string): string {
  // eslint would take a regular expression of control characters for a mistake; JSON knows how to escape them.
  return text.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}

/** A confidence for people: 0.934 → "93 %". */
export function percent(confidence: number): string {
  return `${Math.round(confidence * 100)} %`;
}
