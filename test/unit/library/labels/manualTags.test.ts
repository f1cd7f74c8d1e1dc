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

async function tagsOf(library: Library, path: string, guessFrom = 1): Promise<TaggedImage> {
  const images = await collected(tagLibrary(library, things, { threshold: THRESHOLD, guessFrom }));
  const image = images.find((it) => it.path === path);
  assert.ok(image, `${path} is not indexed`);
  return image;
}

const hashOf = (library: Library, path: string): string => {
  const image = imageAt(library, path);
  assert.ok(image, `${path} is not indexed`);
  return image.hash;
};

describe('Tags given by hand', function () {
  this.timeout(20_000); // they use real files, and the machine may be busy

  it('win over scores, whether they say that a label holds or that it does not', async () => {
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
    assert.deepEqual(manualLabels(library), ['house', 'my own']); // what was denied is no label that somebody gave

    await setManualTag(library, [hash], 'car', true); // the last word counts
    const again = (await tagsOf(library, 'car.png')).tags.find(({ label }) => label === 'car');
    assert.deepEqual([again?.score, again?.manual], [1, true]);
  });

  it('leave other images as they are', async () => {
    await using folder = await temporaryFolder(IMAGES);
    await using library = await indexed(folder);
    const before = await tagsOf(library, 'road.png');
    await setManualTag(library, [hashOf(library, 'car.png'), hashOf(library, 'gear.png')], 'car', false);
    assert.deepEqual((await tagsOf(library, 'car.png')).tags, []);
    assert.deepEqual(await tagsOf(library, 'road.png'), before);
  });

  it('belong to the content: they survive a rename, and hold for a copy', async () => {
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

  it('stay when the image is edited, and are then its own', async () => {
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
    const said = [
      ['car', false],
      ['my own', true],
    ];

    await edit('gear.png', 'gear night');
    assert.notEqual(hashOf(library, 'gear.png'), gear);
    assert.deepEqual([manual('gear.png'), manual('copy.png')], [said, said]);
    await setManualTag(library, [hashOf(library, 'gear.png')], 'car', null);
    assert.deepEqual([manual('gear.png'), manual('copy.png')], [[['my own', true]], said]);

    await edit('gear.png', 'gear'); // back, as a branch is switched, and forth: each state has what was said of it
    assert.deepEqual(manual('gear.png'), said);
    await edit('gear.png', 'gear night');
    assert.deepEqual(manual('gear.png'), [['my own', true]]);

    await edit('gear.png', 'broken'); // the editor is still writing
    assert.equal(imageAt(library, 'gear.png'), undefined);
    await edit('gear.png', 'gear night sun');
    assert.deepEqual(manual('gear.png'), [['my own', true]]);

    await edit('gear.png', 'house'); // another picture took its place: that one was not tagged
    assert.deepEqual([manual('gear.png'), manual('other.png')], [[], []]);
  });

  it('can be taken back and put back as they were', async () => {
    await using folder = await temporaryFolder(IMAGES);
    await using library = await indexed(folder);
    const [car, tree] = [hashOf(library, 'car.png'), hashOf(library, 'tree.png')];
    await setManualTags(library, [
      { hash: car, label: 'car', holds: false },
      { hash: tree, label: 'it\'s "mine"; -- ümlaut', holds: true },
    ]);
    const said = manualTagsOf(library, [car, tree]);
    assert.deepEqual(said.length, 2);
    assert.deepEqual(manualTagsOf(library, [hashOf(library, 'gear.png')]), []);
    await setManualTags(
      library,
      said.map((tag) => ({ ...tag, holds: null })),
    );
    assert.deepEqual(manualTagsOf(library, [car, tree]), []);
    assert.deepEqual(
      (await tagsOf(library, 'car.png')).tags.map(({ label }) => label),
      ['car'],
    );
    await setManualTags(library, said);
    assert.deepEqual(manualTagsOf(library, [car, tree]), said);
    assert.deepEqual((await tagsOf(library, 'car.png')).tags, []);
  });
});

describe('Guesses', function () {
  this.timeout(20_000);

  it('lie between a share of the threshold and the threshold, and never repeat a tag or what was denied', async () => {
    await using folder = await temporaryFolder(IMAGES);
    await using library = await indexed(folder);
    const scored = await collected(tagLibrary(library, things, { threshold: 0 }));
    const car = scored.find(({ path }) => path === 'car.png')?.tags.find(({ label }) => label === 'car');
    assert.ok(car);
    const justAbove = car.score * 1.2;
    const [image] = (await collected(tagLibrary(library, things, { threshold: justAbove, guessFrom: 0.5 }))).filter(
      ({ path }) => path === 'car.png',
    );
    assert.ok(image);
    assert.deepEqual(image.tags, []);
    assert.equal(image.uncertain[0]?.label, 'car');
    for (const { score } of image.uncertain) assert.ok(score >= justAbove / 2 && score < justAbove, String(score));
    const without = await collected(tagLibrary(library, things, { threshold: justAbove }));
    assert.ok(without.every(({ uncertain }) => uncertain.length === 0)); // only where they are asked for

    await setManualTag(library, [image.hash], 'car', false);
    const denied = await collected(tagLibrary(library, things, { threshold: justAbove, guessFrom: 0.5 }));
    const uncertain = denied.find(({ path }) => path === 'car.png')?.uncertain.map(({ label }) => label);
    assert.deepEqual(uncertain?.includes('car'), false);
    const close = await tagsOf(library, 'tree.png', 0.5);
    for (const { label } of close.uncertain) assert.ok(!close.tags.some((tag) => tag.label === label));
  });
});
