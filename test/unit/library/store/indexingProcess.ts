/** Brings the index of a folder up to date, as a second AssetLens does. indexFile.test.ts starts it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { openLibrary, updateIndex } from '../../../../src/library/index.ts';
import { fakeInference } from '../fakeInference.ts';

const inference = fakeInference();
inference.beforeBatch = async (batch) => {
  if (batch === 1) process.send?.('under way');
  await sleep(3);
};
{
  await using library = await openLibrary({ root: process.argv[2] ?? '', inference });
  await updateIndex(library, { batchSize: 3 });
}
process.disconnect();
