import path from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { readRegularText } from '../../base/regularFile.ts';

const frontMatter = /^---\r?\n([\s\S]*?)\r?\n---/;
const cardSchema = z.object({ license: z.string().max(10_000) });
/** Maximum size of a model card, in bytes. */
const LARGEST = 1_000_000;

/** The licence in the front matter of a checkpoint's model card (README.md); null where there is none. */
export async function readLicence(folder: string): Promise<string | null> {
  let card: string;
  try {
    card = await readRegularText(path.join(folder, 'README.md'), LARGEST);
  } catch {
    return null; // A model card is optional, and a very large file is none.
  }
  const [, yaml] = frontMatter.exec(card) ?? [];
  if (yaml === undefined) return null;
  try {
    const parsed = cardSchema.safeParse(parse(yaml));
    return parsed.success ? parsed.data.license : null;
  } catch {
    return null; // invalid YAML
  }
}
