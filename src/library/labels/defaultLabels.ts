import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { parseLabels } from './labelsFile.ts';

/**
 * The label sets of a file as they are written there, to copy them into a setting: plain names stay plain, and template sets stay
 * names.
 * @throws UserError where the file has mistakes, or no sets
 */
export async function readWrittenSets(file: string): Promise<Record<string, unknown>> {
  const content = await readFile(file, 'utf8');
  parseLabels(content, file);
  const { sets } = parse(content) as { sets: Record<string, unknown> }; // parseLabels has checked its shape
  return sets;
}
