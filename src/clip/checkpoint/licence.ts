import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const frontMatter = /^---\r?\n([\s\S]*?)\r?\n---/;
const cardSchema = z.object({ license: z.string() });

/** The licence that the front matter of a checkpoint's model card (README.md) names; null where none does. */
export async function readLicence(folder: string): Promise<string | null> {
  let card: string;
  try {
    card = await readFile(path.join(folder, 'README.md'), 'utf8');
  } catch {
    return null; // A checkpoint needs no model card.
  }
  const [, yaml] = frontMatter.exec(card) ?? [];
  if (yaml === undefined) return null;
  try {
    const parsed = cardSchema.safeParse(parse(yaml));
    return parsed.success ? parsed.data.license : null;
  } catch {
    return null; // Front matter that is no YAML says nothing about a licence.
  }
}
