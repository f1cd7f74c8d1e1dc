import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../src/base/userError.ts';
import type { Earlier, Evaluation } from './evaluation.ts';
import { plots } from './plots.ts';
import type { Report } from './report.ts';

/**
 * Writes the tables into their places in the model card, the plots beside it, and all figures into evaluation.json. A place is
 * what stands between `<!-- table: title -->` and `<!-- end -->`.
 * @param folder with the README.md of the model
 * @throws UserError where the card has no place for a table, or a place that no table fills
 */
export async function writeCard(
  folder: string,
  tables: readonly Report[],
  evaluation: Evaluation,
  earlier: Earlier | null,
): Promise<void> {
  const file = path.join(folder, 'README.md');
  const filled = fillPlaces(await readFile(file, 'utf8'), tables);
  await mkdir(path.join(folder, 'plots'), { recursive: true });
  for (const [name, svg] of Object.entries(plots(evaluation, earlier))) {
    await writeFile(path.join(folder, 'plots', `${name}.svg`), svg);
  }
  await writeFile(path.join(folder, 'evaluation.json'), `${JSON.stringify(evaluation, rounded, 1)}\n`);
  await writeFile(file, filled);
}

/**
 * @param kind which places: the tables of another evaluation have places of another kind, and are left alone
 * @throws UserError as writeCard
 */
export function fillPlaces(card: string, tables: readonly Report[], kind: 'table' | 'heatmaps' = 'table'): string {
  const left = new Map(tables.map((table) => [table.title, table]));
  const places = new RegExp(`<!-- ${kind}: (.+?) -->\\n[^]*?<!-- end -->`, 'g');
  const filled = card.replaceAll(places, (_, title: string) => {
    const table = left.get(title);
    if (!table) throw new UserError(`The card has a place for "${title}", but nothing measured it. Give --corpus.`);
    left.delete(title);
    return `<!-- ${kind}: ${title} -->\n${markdown(table)}\n<!-- end -->`;
  });
  const [homeless] = left.keys();
  if (homeless === undefined) return filled;
  throw new UserError(
    `The card has no place for the table "${homeless}": add <!-- ${kind}: ${homeless} --> and <!-- end -->.`,
  );
}

export function markdown({ head, rows }: Report): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')).replaceAll(' ', ''), ...rows.map(line)].join('\n');
}

/** Four digits after the point are more than the measurements are worth. */
export function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1e4) / 1e4 : value;
}
