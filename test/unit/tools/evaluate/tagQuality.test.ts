import assert from 'node:assert/strict';
import type { Calibration } from '../../../../src/clip/index.ts';
import { Texts, type EmbeddedSet } from '../../../../tools/evaluate/embedded.ts';
import { tagQuality, truthOf, withTemplates } from '../../../../tools/evaluate/tagQuality.ts';
import type { Picture } from '../../../../tools/shared/evaluationSets.ts';

function picture(name: string, more: Partial<Picture>): Picture {
  const none = { tags: [], category: null, labels: [], unclear: [], synonyms: [], noun: true };
  return { id: name, name, kind: 'icon', ...none, bytes: () => Promise.resolve(Buffer.of()), ...more };
}

describe('The truth of a tag', () => {
  it('follows from the coarse labels of the picture, also by a synonym of the label', () => {
    const bear = picture('bear', { labels: ['animal'] });
    assert.equal(truthOf({ name: 'animal' }, bear), 'right');
    assert.equal(truthOf({ name: 'beast', synonyms: ['animal'] }, bear), 'right');
    assert.equal(truthOf({ name: 'flower' }, bear), 'wrong');
  });

  it('is open where a word of the picture leaves it open', () => {
    assert.equal(truthOf({ name: 'crown' }, picture('king crab', { unclear: ['crown'] })), 'unclear');
  });

  it('of a kind follows from the kind of the picture', () => {
    const photo = picture('tench', { kind: 'photo', labels: ['animal'] });
    assert.equal(truthOf({ name: 'photo' }, photo), 'right');
    assert.equal(truthOf({ name: 'logo' }, photo), 'wrong');
    assert.equal(truthOf({ name: 'image' }, photo), 'unclear');
    assert.equal(truthOf({ name: 'image' }, picture('tench', {})), 'wrong');
  });
});

/** "animal" is the first axis and "boat" the second. The logit of a label is ten times the cosine, less five. */
const texts = new Texts(
  {
    embedTexts: (prompts) =>
      Promise.resolve(Float32Array.from(prompts.flatMap((prompt) => (prompt === 'animal' ? [1, 0] : [0, 1])))),
  },
  2,
);
const calibration: Calibration = {
  ...{ sigmoid: null, slope: 10, intercept: -5, textMean: new Float32Array(2), kinds: null },
  reference: { mean: new Float32Array(2), covariance: Float32Array.of(1, 0, 0, 1) },
};

describe('The quality of tags', () => {
  const set: EmbeddedSet = {
    name: 'photos',
    pictures: [
      picture('tench', { labels: ['animal'] }),
      picture('hook', {}),
      picture('rock', {}),
      picture('yawl', { labels: ['boat'] }),
    ],
    // Confidences: "animal" 0.99, "boat" 0.99 (wrong), none, and "animal" 0.27 (wrong) and "boat" 0.95.
    embeddings: [Float32Array.of(1, 0), Float32Array.of(0, 1), Float32Array.of(0, 0), Float32Array.of(0.4, 0.8)],
    ...{ names: [], nameOf: new Uint32Array() },
  };
  const labels = withTemplates([{ name: 'things', labels: [{ name: 'animal' }, { name: 'boat' }], templates: ['{}'] }]);

  it('counts wrong tags, and pictures without a tag, from each confidence on', async () => {
    const found = await tagQuality(texts, calibration, [{ title: 'photos', sets: [set] }], labels);
    const [all] = found ?? [];
    assert.deepEqual(all, {
      group: 'photos',
      pictures: 4,
      levels: [
        { level: 'maybe', tags: 4, wrong: 50, withWrong: 50, withRight: 50, without: 25 },
        { level: 'shown', tags: 3, wrong: 100 / 3, withWrong: 25, withRight: 50, without: 25 },
        { level: 'confident', tags: 3, wrong: 100 / 3, withWrong: 25, withRight: 50, without: 25 },
      ],
    });
  });

  it('is measured again on the pictures of things that no label names', async () => {
    const found = await tagQuality(texts, calibration, [{ title: 'photos', sets: [set] }], labels);
    const unnamed = found?.[1];
    assert.equal(unnamed?.group, 'photos of things that no label names');
    assert.equal(unnamed.pictures, 2);
    assert.deepEqual(unnamed.levels[1], {
      level: 'shown',
      tags: 1,
      wrong: 100,
      withWrong: 50,
      withRight: 0,
      without: 50,
    });
  });

  it('does not exist for a model without a reference distribution', async () => {
    assert.equal(await tagQuality(texts, { ...calibration, reference: null }, [], labels), null);
  });
});
