import assert from 'node:assert/strict';
import {
  imageAt,
  openLibrary,
  scoreLabels,
  setManualTags,
  tagLibrary,
  updateIndex,
  type LabelSet,
  type LabelScore,
  type ScoredSet,
} from '../../../../src/library/index.ts';
import { fakeInference } from '../fakeInference.ts';
import { collected, temporaryFolder } from '../temporaryFolder.ts';

const IMAGES = {
  'a.png': 'blue car road',
  'b/car.png': 'red car',
  'tree.png': 'green tree',
  'house.png': 'house night',
  'broken.png': 'broken',
};
const SETS: LabelSet[] = [
  {
    name: 'things',
    templates: ['{}', 'a {}'],
    threshold: 0.2,
    labels: [{ name: 'tree' }, { name: 'car', threshold: 0.02 }, { name: 'way', synonyms: ['road'], context: 'blue' }],
  },
  { name: 'times', templates: ['{}'], labels: [{ name: 'night' }, { name: 'sun' }] },
];

describe('scoreLabels', function () {
  this.timeout(20_000);
  const named = (sets: readonly ScoredSet[], label: string): LabelScore => {
    const found = sets.flatMap(({ labels }) => labels).find((score) => score.label === label);
    assert.ok(found, `${label} has no score`);
    return found;
  };

  it('returns all labels of each set, best first, with the confidences and thresholds of tagging', async () => {
    await using folder = await temporaryFolder(IMAGES);
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    await updateIndex(library);
    const all = SETS.map((set) => ({
      ...set,
      threshold: 0,
      labels: set.labels.map((label) => ({ ...label, threshold: 0 })),
    }));
    const everything = await collected(tagLibrary(library, all, { limit: 100 }));
    const tagged = await collected(tagLibrary(library, SETS, { limit: 100, threshold: 0.1 }));
    assert.equal(everything.length, 4);
    for (const [i, { path, tags }] of everything.entries()) {
      const scored = await scoreLabels(library, path, SETS, { threshold: 0.1 });
      assert.deepEqual(
        scored.map(({ name }) => name),
        ['things', 'times'],
      );
      for (const { name, labels } of scored) {
        const expected = tags.filter(({ set }) => set === name);
        assert.deepEqual(labels.map(({ label }) => label).sort(), expected.map(({ label }) => label).sort());
        assert.deepEqual(
          labels,
          [...labels].sort((a, b) => (b.score ?? 0) - (a.score ?? 0)),
        );
        for (const { label, score } of expected) {
          assert.ok(Math.abs((named(scored, label).score ?? NaN) - score) < 1e-6, `${path}: ${label}`);
        }
      }
      const holding = scored.flatMap(({ labels }) => labels.filter(({ holds }) => holds).map(({ label }) => label));
      assert.deepEqual(holding.sort(), tagged[i]?.tags.map(({ label }) => label).sort());
    }
    assert.ok(tagged.some(({ tags }) => tags.length > 0));
    const scored = await scoreLabels(library, 'a.png', SETS, { threshold: 0.1 });
    assert.deepEqual(
      ['car', 'tree', 'night'].map((label) => named(scored, label).threshold),
      [0.02, 0.2, 0.1],
    );
    assert.deepEqual(named(scored, 'way').prompts, ['way, blue', 'road, blue', 'a way, blue', 'a road, blue']);
    assert.equal(named(await scoreLabels(library, 'a.png', SETS), 'night').threshold, 0.3);
  });

  it('includes manual tags, also of labels that belong to no set', async () => {
    await using folder = await temporaryFolder(IMAGES);
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    await updateIndex(library);
    const { hash } = imageAt(library, 'a.png') ?? assert.fail('it is indexed');
    const before = await scoreLabels(library, 'a.png', SETS);
    assert.deepEqual([named(before, 'car').holds, named(before, 'tree').holds], [true, false]);
    await setManualTags(library, [
      { hash, label: 'car', holds: false },
      { hash, label: 'tree', holds: true },
      { hash, label: 'my own', holds: true },
      { hash, label: 'not mine', holds: false },
    ]);
    const corrected = await scoreLabels(library, 'a.png', SETS);
    for (const [label, holds] of [
      ['car', false],
      ['tree', true],
    ] as const) {
      assert.deepEqual({ ...named(corrected, label), manual: undefined, holds: !holds }, named(before, label));
      assert.deepEqual([named(corrected, label).manual, named(corrected, label).holds], [holds, holds]);
    }
    const unscored = { score: null, threshold: null, prompts: [] };
    assert.deepEqual(corrected.at(-1), {
      name: '',
      labels: [
        { label: 'my own', ...unscored, manual: true, holds: true },
        { label: 'not mine', ...unscored, manual: false, holds: false },
      ],
    });
    assert.deepEqual(await scoreLabels(library, 'tree.png', []), []);
    assert.equal(named(await scoreLabels(library, 'b/car.png', SETS), 'car').manual, undefined);
  });

  it('decodes no image, and encodes a label once', async () => {
    await using folder = await temporaryFolder(IMAGES);
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    await updateIndex(library);
    const embedded = inference.seen.length;
    await scoreLabels(library, 'a.png', SETS);
    const texts = inference.texts.length;
    await scoreLabels(library, 'tree.png', SETS);
    assert.deepEqual([inference.seen.length, inference.texts.length], [embedded, texts]);
  });

  it('explains what to do about an image that is not in the index, and stops when it is cancelled', async () => {
    await using folder = await temporaryFolder(IMAGES);
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    await updateIndex(library);
    for (const path of ['nowhere.png', 'broken.png']) {
      await assert.rejects(scoreLabels(library, path, SETS), /not in the index.*Bring the index up to date/);
    }
    await assert.rejects(scoreLabels(library, 'a.png', SETS, {}, AbortSignal.abort()), { name: 'AbortError' });
  });
});
