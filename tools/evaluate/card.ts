import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fillTables, rounded, type ReportTable } from '../shared/modelCard.ts';
import type { EarlierEvaluation } from './earlierEvaluation.ts';
import type { Evaluation } from './evaluation.ts';
import { plots } from './plots.ts';

/**
 * Writes the tables into the model card, the plots beside it, and all figures into evaluation.json.
 * @param folder the model's folder, which has the card as README.md
 * @throws UserError where the tables and the sections of the card do not match
 */
export async function writeCard(
  folder: string,
  tables: readonly ReportTable[],
  evaluation: Evaluation,
  earlier: EarlierEvaluation | null,
): Promise<void> {
  const file = path.join(folder, 'README.md');
  const filled = fillTables(await readFile(file, 'utf8'), tables, 'table');
  await mkdir(path.join(folder, 'plots'), { recursive: true });
  for (const [name, svg] of Object.entries(plots(evaluation, earlier))) {
    await writeFile(path.join(folder, 'plots', `${name}.svg`), svg);
  }
  await writeFile(path.join(folder, 'evaluation.json'), `${JSON.stringify(evaluation, rounded, 1)}\n`);
  await writeFile(file, filled);
}
