import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { parseLabels } from './labelsFile.ts';

/**
 * Reads the label sets of a file in the form in which the file writes them, to copy them into a setting: labels without
 * properties stay strings, and template sets stay names.
 * @throws UserError if the file has mistakes or no label sets
 */
export async function readWrittenSets(file: string): Promise<Record<string, unknown>> {
  const content = await readFile(file, 'utf8');
  parseLabels(content, file);
  const { sets } = parse(content) as { sets: Record<string, unknown> }; // parseLabels has checked its shape
  return sets;
}
