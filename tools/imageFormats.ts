/**
 * `npm run formats`: writes the image formats that AssetLens reads into the menus of package.json and into the
 * documents.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FILES, updated } from './imageFormats/lists.ts';

const root = path.resolve(import.meta.dirname, '..');

for (const file of FILES) {
  const text = await readFile(path.join(root, file), 'utf8');
  const current = updated(text);
  if (current === text) continue;
  await writeFile(path.join(root, file), current);
  console.log(`Updated ${file}.`);
}
