/**
 * Loaded by mocha before every suite: indexes that tests create lie in a temporary folder, not in the user's data
 * folder.
 */
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const indexes = mkdtempSync(path.join(tmpdir(), 'assetlens-test-indexes-'));
process.env['ASSETLENS_INDEXES'] = indexes;

export async function mochaGlobalTeardown(): Promise<void> {
  await rm(indexes, { recursive: true, force: true, maxRetries: 3 });
}
