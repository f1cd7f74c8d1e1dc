import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const frontMatter = /^---\r?\n([\s\S]*?)\r?\n---/;
const cardSchema = z.object({ license: z.string() });

/** The licence in the front matter of a checkpoint's model card (README.md); null where there is none. */
export async function readLicence(folder: string): Promise<string | null> {
  let card: string;
  try {
    card = await readFile(path.join(folder, 'README.md'), 'utf8');
  } catch {
    return null; // A model card is optional.
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
