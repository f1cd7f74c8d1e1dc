import assert from 'node:assert/strict';
import type { Label } from '../../../../src/clip/index.ts';
import { openLibrary, tagLibrary, updateIndex, type LabelSet } from '../../../../src/library/index.ts';
import { fakeInference } from '../fakeInference.ts';
import { collected, temporaryFolder } from '../temporaryFolder.ts';

const IMAGES = {
  'b/car.png': 'red car',
  'a.png': 'blue car road',
  'copy of a.png': 'blue car road',
  'tree.png': 'green tree',
  'house.png': 'house night',
  'gear.png': 'gear',
};
const labels = (...names: string[]): Label[] => names.map((name) => ({ name }));
const setOf = (members: readonly Label[]): LabelSet[] => [
  { name: 'things', labels: members, templates: ['{}', 'a {}'] },
];

describe('tagLibrary', function () {
  this.timeout(20_000); // the tests use real files, and the machine may be busy

  it('gives each path, in order, the labels that apply, best first', async () => {
    await using folder = await temporaryFolder(IMAGES);
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    await updateIndex(library);
    const images = await collected(
      tagLibrary(library, setOf(labels('car', 'tree', 'blue road', 'cat')), { threshold: 0.05 }),
    );
    const tagsOf = (path: string): string[] | undefined =>
      images.find((image) => image.path === path)?.tags.map((tag) => tag.label);
    assert.deepEqual(
      images.map((image) => image.path),
      ['a.png', 'b/car.png', 'copy of a.png', 'gear.png', 'house.png', 'tree.png'],
    );
    assert.deepEqual(tagsOf('a.png'), ['blue road', 'car']);
    assert.deepEqual(tagsOf('copy of a.png'), ['blue road', 'car']);
    assert.deepEqual(tagsOf('b/car.png'), ['car']);
    assert.deepEqual(tagsOf('tree.png'), ['tree']);
    assert.deepEqual(tagsOf('gear.png'), []);
    for (const { tags } of images) assert.ok(tags.every(({ score }) => score >= 0.05 && score < 1));
  });

  it('respects thresholds and limits', async () => {
    await using folder = await temporaryFolder(IMAGES);
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    await updateIndex(library);
    const count = async (members: Label[], options = {}): Promise<number> => {
      const images = await collected(tagLibrary(library, setOf(members), options));
      return images.reduce((sum, image) => sum + image.tags.length, 0);
    };
    const two = labels('car', 'tree');
    assert.equal(await count(two, { threshold: 0 }), 12);
    assert.equal(await count(two, { threshold: 1 }), 0);
    assert.equal(await count(two, { threshold: 0, limit: 1 }), 6);
    assert.equal(await count([{ name: 'car', threshold: 0 }, { name: 'tree' }], { threshold: 1 }), 6);
    assert.equal(await count(two, { limit: 0 }), 0);
    assert.equal(await count([]), 0);
  });

  it('encodes an unchanged label only once, and no image', async () => {
    await using folder = await temporaryFolder(IMAGES);
    const texts: string[] = [];
    for (const members of [
      labels('car', 'tree'),
      [{ name: 'car', threshold: 0.9 }, { name: 'tree' }],
      [...labels('tree', 'cat'), { name: 'cars', synonyms: ['automobiles'] }],
    ]) {
      const inference = fakeInference();
      await using library = await openLibrary({ root: folder.path, inference });
      await updateIndex(library);
      await collected(tagLibrary(library, setOf(members)));
      texts.push(...inference.texts, '|');
    }
    const first = ['car', 'a car', 'tree', 'a tree', '|', '|'];
    assert.deepEqual(texts, [...first, 'cat', 'a cat', 'cars', 'automobiles', 'a cars', 'a automobiles', '|']);
  });

  it('keeps the labels that are encoded when it fails', async () => {
    await using folder = await temporaryFolder(IMAGES);
    const inference = fakeInference();
    await using library = await openLibrary({ root: folder.path, inference });
    await updateIndex(library);
    const many = labels(...Array.from({ length: 300 }, (_, i) => `label ${i}`));
    const embedTexts = inference.embedTexts.bind(inference);
    let calls = 0;
    inference.embedTexts = (texts, signal) => {
      if (++calls === 2) throw new Error('the process is gone');
      return embedTexts(texts, signal);
    };
    await assert.rejects(collected(tagLibrary(library, setOf(many))), /gone/);
    await collected(tagLibrary(library, setOf(many)));
    assert.equal(inference.texts.length, 600);
    assert.equal(new Set(inference.texts).size, 600);
  });

  it('stops when it is cancelled', async () => {
    await using folder = await temporaryFolder(IMAGES);
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    await updateIndex(library);
    const signal = AbortSignal.abort();
    await assert.rejects(collected(tagLibrary(library, setOf(labels('car')), { signal })), { name: 'AbortError' });
  });

  it('yields nothing for an empty index', async () => {
    await using folder = await temporaryFolder();
    await using library = await openLibrary({ root: folder.path, inference: fakeInference() });
    assert.deepEqual(await collected(tagLibrary(library, setOf(labels('car')))), []);
  });
});
