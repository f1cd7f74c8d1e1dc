import assert from 'node:assert/strict';
import {
  openLibrary,
  previewLabel,
  scoreLabels,
  search,
  tagLibrary,
  updateIndex,
  type LabelSet,
} from '../../../../src/library/index.ts';
import { labelRows } from '../../../../src/library/labels/labelScorer.ts';
import { fakeInference } from '../fakeInference.ts';
import { collected, temporaryFolder } from '../temporaryFolder.ts';

const IMAGES = {
  'a.png': 'blue car road',
  'b/car.png': 'red car',
  'tree.png': 'green tree',
  'house.png': 'house car night sun',
};

describe('The scores of a label', function () {
  this.timeout(20_000);

  it('are the same in tags, in the scores of an image, in a preview and in a search for the label', async () => {
    await using folder = await temporaryFolder(IMAGES);
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    await updateIndex(library);
    const templates = ['{}'];
    const set: LabelSet = { name: 'things', templates, labels: [{ name: 'car', threshold: 0 }] };
    const tagged = await collected(tagLibrary(library, [set]));
    const expected = new Map(tagged.map(({ path, tags }) => [path, tags[0]?.score ?? NaN]));
    assert.equal(new Set(expected.values()).size, 4, 'each image has a score of its own');

    const compared = { image: 0, preview: 0, search: 0 };
    const compare = (kind: keyof typeof compared, path: string, score: number): void => {
      assert.ok(Math.abs(score - (expected.get(path) ?? NaN)) < 1e-6, `${kind}, ${path}: ${score}`);
      compared[kind]++;
    };
    for (const path of Object.keys(IMAGES)) {
      const [scored] = await scoreLabels(library, path, [set]);
      compare('image', path, scored?.labels[0]?.score ?? NaN);
    }
    const { best } = await previewLabel(library, { name: 'car' }, templates, []);
    for (const { path, score } of best) compare('preview', path, score);
    for (const { path, score } of await search(library, 'car', { templates })) compare('search', path, score);
    assert.deepEqual(compared, { image: 4, preview: 4, search: 4 });
  });
});

describe('labelRows', () => {
  it('lists labels in order with the nearest threshold: of the label, of its set, or the default', () => {
    const sets: LabelSet[] = [
      { name: 'a', templates: ['{}', 'a {}'], threshold: 0.2, labels: [{ name: 'x', threshold: 0.3 }, { name: 'y' }] },
      { name: 'b', templates: ['{}'], labels: [{ name: 'z', synonyms: ['zed'] }] },
    ];
    const rows = labelRows(sets, 0.4).map(({ label, set, threshold, prompts }) => [
      label.name,
      set,
      threshold,
      prompts,
    ]);
    assert.deepEqual(rows, [
      ['x', 'a', 0.3, ['x', 'a x']],
      ['y', 'a', 0.2, ['y', 'a y']],
      ['z', 'b', 0.4, ['z', 'zed']],
    ]);
  });
});
