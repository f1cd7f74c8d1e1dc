import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { hashFile } from '../../../../src/library/files/hashFile.ts';
import { temporaryFolder } from '../temporaryFolder.ts';

describe('hashFile', () => {
  const SMALL = 1000;

  for (const [name, size] of [
    ['empty', 0],
    ['small', SMALL],
    ['larger', SMALL + 1],
    ['of several chunks', 600_000],
  ] as const) {
    it(`hashes a file that is ${name}, and returns the bytes only of a small one`, async () => {
      const content = 'abcdefghij'.repeat(size / 10 + 1).slice(0, size);
      await using folder = await temporaryFolder({ 'a.png': content });
      const { hash, bytes } = await hashFile(folder.at('a.png'), SMALL);
      assert.equal(hash, createHash('sha256').update(content).digest('hex'));
      assert.equal(bytes && Buffer.from(bytes).toString(), size <= SMALL ? content : undefined);
    });
  }

  it('stops when it is cancelled', async () => {
    await using folder = await temporaryFolder({ 'a.png': 'abc' });
    await assert.rejects(hashFile(folder.at('a.png'), SMALL, AbortSignal.abort()), { name: 'AbortError' });
  });
});
