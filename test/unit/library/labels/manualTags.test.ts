import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import {
  manualLabels,
  manualTagsOf,
  imageAt,
  openLibrary,
  setManualTags,
  tagLibrary,
  updateIndex,
  type LabelSet,
  type Library,
  type TaggedImage,
} from '../../../../src/library/index.ts';
import { fakeInference } from '../fakeInference.ts';
import { setManualTag } from './setManualTag.ts';
import { collected, temporaryFolder, type TemporaryFolder } from '../temporaryFolder.ts';

const IMAGES = {
  'car.png': 'red car',
  'road.png': 'blue car road',
  'tree.png': 'green tree',
  'gear.png': 'gear',
};
const things: LabelSet[] = [
  { name: 'things', labels: [{ name: 'car' }, { name: 'tree' }, { name: 'house' }], templates: ['{}'] },
];
const THRESHOLD = 0.05;

async function indexed(folder: TemporaryFolder): Promise<Library> {
  const library = await openLibrary({ root: folder.path, inference: fakeInference() });
  await updateIndex(library);
  return library;
}

async function tagsOf(library: Library, path: string, maybeFrom = 1): Promise<TaggedImage> {
  const images = await collected(tagLibrary(library, things, { threshold: THRESHOLD, maybeFrom }));
  const image = images.find((candidate) => candidate.path === path);
  assert.ok(image, `${path} is not indexed`);
  return image;
}

const hashOf = (library: Library, path: string): string => {
  const image = imageAt(library, path);
  assert.ok(image, `${path} is not indexed`);
  return image.hash;
};

describe('Manual tags', function () {
  this.timeout(20_000); // the tests use real files, and the machine may be busy

  it('override scores, whether they assign or reject a label', async () => {
    await using folder = await temporaryFolder(IMAGES);
    await using library = await indexed(folder);
    assert.deepEqual(
      (await tagsOf(library, 'car.png')).tags.map(({ label, manual }) => [label, manual]),
      [['car', false]],
    );
    const hash = hashOf(library, 'car.png');
    await setManualTag(library, [hash], 'car', false);
    await setManualTag(library, [hash], 'house', true);
    await setManualTag(library, [hash], 'my own', true);
    const { tags } = await tagsOf(library, 'car.png');
    assert.deepEqual(tags, [
      { label: 'house', set: 'things', score: 1, manual: true },
      { label: 'my own', set: '', score: 1, manual: true },
    ]);
    assert.deepEqual(manualLabels(library), ['house', 'my own']); // a rejected label is not listed

    await setManualTag(library, [hash], 'car', true); // the last change wins
    const again = (await tagsOf(library, 'car.png')).tags.find(({ label }) => label === 'car');
    assert.deepEqual([again?.score, again?.manual], [1, true]);
  });

  it('do not affect other images', async () => {
    await using folder = await temporaryFolder(IMAGES);
    await using library = await indexed(folder);
    const before = await tagsOf(library, 'road.png');
    await setManualTag(library, [hashOf(library, 'car.png'), hashOf(library, 'gear.png')], 'car', false);
    assert.deepEqual((await tagsOf(library, 'car.png')).tags, []);
    assert.deepEqual(await tagsOf(library, 'road.png'), before);
  });

  it('belong to the blob: they survive a rename and apply to copies', async () => {
    await using folder = await temporaryFolder(IMAGES);
    await using library = await indexed(folder);
    await setManualTag(library, [hashOf(library, 'gear.png')], 'my own', true);
    await rename(folder.at('gear.png'), folder.at('renamed.png'));
    await folder.write({ 'deep/copy.png': 'gear' });
    await updateIndex(library);
    for (const path of ['renamed.png', 'deep/copy.png']) {
      assert.deepEqual(
        (await tagsOf(library, path)).tags.map(({ label }) => label),
        ['my own'],
        path,
      );
    }
  });

  it('stay when the image is edited, and are then independent of its former copies', async () => {
    await using folder = await temporaryFolder({ ...IMAGES, 'copy.png': 'gear', 'other.png': 'house' });
    await using library = await indexed(folder);
    const manual = (path: string): [string, boolean | null][] =>
      manualTagsOf(library, [hashOf(library, path)]).map(({ label, holds }) => [label, holds]);
    const edit = async (path: string, content: string): Promise<void> => {
      await folder.write({ [path]: content });
      await updateIndex(library);
    };
    const gear = hashOf(library, 'gear.png');
    await setManualTags(library, [
      { hash: gear, label: 'my own', holds: true },
      { hash: gear, label: 'car', holds: false },
    ]);
    const expected = [
      ['car', false],
      ['my own', true],
    ];

    await edit('gear.png', 'gear night');
    assert.notEqual(hashOf(library, 'gear.png'), gear);
    assert.deepEqual([manual('gear.png'), manual('copy.png')], [expected, expected]);
    await setManualTag(library, [hashOf(library, 'gear.png')], 'car', null);
    assert.deepEqual([manual('gear.png'), manual('copy.png')], [[['my own', true]], expected]);

    // Back and forth, as when a branch is switched: each version has its own manual tags.
    await edit('gear.png', 'gear');
    assert.deepEqual(manual('gear.png'), expected);
    await edit('gear.png', 'gear night');
    assert.deepEqual(manual('gear.png'), [['my own', true]]);

    await edit('gear.png', 'broken'); // the editor is still writing
    assert.equal(imageAt(library, 'gear.png'), undefined);
    await edit('gear.png', 'gear night sun');
    assert.deepEqual(manual('gear.png'), [['my own', true]]);

    await edit('gear.png', 'house'); // replaced by another indexed picture, which has no manual tags
    assert.deepEqual([manual('gear.png'), manual('other.png')], [[], []]);
  });

  it('can be cleared and restored', async () => {
    await using folder = await temporaryFolder(IMAGES);
    await using library = await indexed(folder);
    const [car, tree] = [hashOf(library, 'car.png'), hashOf(library, 'tree.png')];
    await setManualTags(library, [
      { hash: car, label: 'car', holds: false },
      { hash: tree, label: 'it\'s "mine"; -- ümlaut', holds: true },
    ]);
    const before = manualTagsOf(library, [car, tree]);
    assert.deepEqual(before.length, 2);
    assert.deepEqual(manualTagsOf(library, [hashOf(library, 'gear.png')]), []);
    await setManualTags(
      library,
      before.map((tag) => ({ ...tag, holds: null })),
    );
    assert.deepEqual(manualTagsOf(library, [car, tree]), []);
    assert.deepEqual(
      (await tagsOf(library, 'car.png')).tags.map(({ label }) => label),
      ['car'],
    );
    await setManualTags(library, before);
    assert.deepEqual(manualTagsOf(library, [car, tree]), before);
    assert.deepEqual((await tagsOf(library, 'car.png')).tags, []);
  });
});

describe('Maybe labels', function () {
  this.timeout(20_000);

  it('score between a share of the threshold and the threshold, and are neither tags nor rejected labels', async () => {
    await using folder = await temporaryFolder(IMAGES);
    await using library = await indexed(folder);
    const scored = await collected(tagLibrary(library, things, { threshold: 0 }));
    const car = scored.find(({ path }) => path === 'car.png')?.tags.find(({ label }) => label === 'car');
    assert.ok(car);
    const justAbove = car.score * 1.2;
    const [image] = (await collected(tagLibrary(library, things, { threshold: justAbove, maybeFrom: 0.5 }))).filter(
      ({ path }) => path === 'car.png',
    );
    assert.ok(image);
    assert.deepEqual(image.tags, []);
    assert.equal(image.maybe[0]?.label, 'car');
    for (const { score } of image.maybe) assert.ok(score >= justAbove / 2 && score < justAbove, String(score));
    const without = await collected(tagLibrary(library, things, { threshold: justAbove }));
    assert.ok(without.every(({ maybe }) => maybe.length === 0)); // only on request

    await setManualTag(library, [image.hash], 'car', false);
    const rejected = await collected(tagLibrary(library, things, { threshold: justAbove, maybeFrom: 0.5 }));
    const maybe = rejected.find(({ path }) => path === 'car.png')?.maybe.map(({ label }) => label);
    assert.deepEqual(maybe?.includes('car'), false);
    const close = await tagsOf(library, 'tree.png', 0.5);
    for (const { label } of close.maybe) assert.ok(!close.tags.some((tag) => tag.label === label));
  });
});
