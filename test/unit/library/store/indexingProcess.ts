/**
 * Opens the index of a folder and brings it up to date, like a second AssetLens process. Started by indexFile.test.ts.
 */
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
