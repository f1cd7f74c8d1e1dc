/**
 * A process that sets manual tags one after another, and writes a line for each that is stored. A trial kills it.
 * Arguments: the folder of images, the index file, the prefix of the labels, the number of tags, and hashes.
 */
import path from 'node:path';
import { createInference, openModelFolder } from '../../../src/clip/index.ts';
import { openLibrary, setManualTags } from '../../../src/library/index.ts';

const [root = '', indexFile = '', prefix = '', count = '', ...hashes] = process.argv.slice(2);
const dist = path.resolve(import.meta.dirname, '../../../dist');
const model = await openModelFolder(path.join(dist, 'models/assetlens-icons'));
await using inference = createInference({ model, hostScript: path.join(dist, 'inference.js') });
await using library = await openLibrary({ root, indexFile, inference });
for (let i = 0; i < Number(count); i++) {
  const tag = { hash: hashes[i % hashes.length] ?? '', label: `${prefix}-${i}`, holds: i % 3 !== 0 };
  await setManualTags(library, [tag]);
  process.stdout.write(`${tag.hash} ${tag.label} ${tag.holds}\n`);
}
