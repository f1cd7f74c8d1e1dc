import assert from 'node:assert/strict';
import { useFakeVscode } from '../fakeVscode.ts';

describe('The coverage of a stopped update', () => {
  let fake: Disposable;
  before(() => {
    fake = useFakeVscode();
  });
  after(() => {
    fake[Symbol.dispose]();
  });

  it('is told for each folder, unless an update shows its progress', async () => {
    const { partialLines } = await import('../../../../src/workspace/indexing/partialText.ts');
    const web = { name: 'web', partial: { done: 320, total: 1555 } };
    const all = { name: 'art', partial: null };
    const [line = ''] = partialLines([web], { kind: 'idle' });
    assert.ok(line.includes(`${(320).toLocaleString()} of ${(1555).toLocaleString()}`), line);
    assert.deepEqual(partialLines([web, all], { kind: 'idle' }), [`web: ${line}`]);
    assert.deepEqual(partialLines([web], { kind: 'indexing' }), []);
  });
});
