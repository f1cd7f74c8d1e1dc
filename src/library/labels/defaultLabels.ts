import { readFile } from 'node:fs/promises';
import { parseLabels } from './labelsFile.ts';

/**
 * Reads the label sets of a file in the form in which the file writes them, to copy them into a setting: labels without
 * properties stay strings, and template sets stay names.
 * @throws UserError if the file has mistakes or no label sets
 */
export async function readWrittenSets(file: string): Promise<Record<string, unknown>> {
  const content = await readFile(file, 'utf8');
  await parseLabels(content, file);
  const { parseYaml } = await import('./parseYaml.ts');
  const { sets } = parseYaml(content).toJavaScript() as { sets: Record<string, unknown> }; // parseLabels has checked its shape
  return sets;
}
