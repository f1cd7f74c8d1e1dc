import assert from 'node:assert/strict';
import type { IndexingSummary } from '../../../../src/providers/indexingSummary/summaryText.ts';
import { useFakeVscode } from '../../workspace/fakeVscode.ts';

const summary: IndexingSummary = {
  ...{ tagged: 12, maybe: 3, untagged: 4, problems: 1 },
  kinds: new Map([
    ['icon', 16],
    ['sprite', 3],
    ['logo', 1],
  ]),
  isBundledModel: true,
};

describe('The summary of indexing', () => {
  let fake: Disposable;
  before(() => {
    fake = useFakeVscode();
  });
  after(() => {
    fake[Symbol.dispose]();
  });

  it('has the number of images in each state, and their kinds', async () => {
    const { summaryText } = await import('../../../../src/providers/indexingSummary/summaryText.ts');
    assert.equal(
      summaryText(summary),
      '12 images tagged, 3 maybe, 4 untagged, 1 not readable. Kinds of pictures: icons 80 %, sprites 15 %.',
    );
    const all = { ...summary, maybe: 0, untagged: 0, problems: 0, kinds: new Map() };
    assert.equal(summaryText(all), '12 images tagged.');
  });

  it('recommends another model if most pictures are beyond the bundled one', async () => {
    const { isBeyondModel, summaryText } = await import('../../../../src/providers/indexingSummary/summaryText.ts');
    const kinds: IndexingSummary['kinds'] = new Map([
      ['photo', 5],
      ['screenshot', 6],
      ['icon', 10],
    ]);
    assert.ok(isBeyondModel({ kinds, isBundledModel: true }));
    assert.match(summaryText({ ...summary, kinds }), /A larger model recognises/);
    assert.ok(!isBeyondModel({ kinds, isBundledModel: false }));
    assert.ok(!isBeyondModel(summary));
  });
});
