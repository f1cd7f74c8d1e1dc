import assert from 'node:assert/strict';
import type { TaggedImage } from '../../../src/library/index.ts';
import { bestScore, filterImages, type ImageFilter } from '../../../src/taggedImages/imageFilter.ts';
import { folderKey } from '../../../src/taggedImages/paths.ts';
import { allPositions, imageAt, joinFolders } from '../../../src/taggedImages/taggedImages.ts';
import { noPause, pathsOf, tag, taggedFolder, taggedImage } from './samples.ts';

const cat = { set: 'things', label: 'cat' };
const dog = { set: 'things', label: 'dog' };

const everything: ImageFilter = {
  labels: [],
  labelMode: 'any',
  tagging: 'all',
  score: { least: 0, most: 1 },
  formats: [],
  size: 'all',
  folder: '',
};

/** Filters folders of images, given by their keys. */
async function passingIn(
  folders: Readonly<Record<string, readonly TaggedImage[]>>,
  part: Partial<ImageFilter>,
): Promise<string[]> {
  const members = Object.entries(folders).map(([key, images]) => taggedFolder({ key, images }));
  const tagged = await joinFolders(members, noPause);
  const filter = { ...everything, ...part };
  const scoreAt = (position: number): number => bestScore(imageAt(tagged, position), filter);
  return pathsOf(tagged, await filterImages(tagged, allPositions(tagged), filter, scoreAt, noPause));
}

function passing(images: readonly TaggedImage[], part: Partial<ImageFilter>): Promise<string[]> {
  return passingIn({ 'file:///w': images }, part);
}

describe('The filter of images', () => {
  const pets = [
    taggedImage('cat.png', [tag('cat', 0.9)]),
    taggedImage('both.png', [tag('cat', 0.4), tag('dog', 'manual')]),
    taggedImage('dog.png', [tag('dog', 0.3)], [tag('cat', 0.05)]),
    taggedImage('other cat.png', [tag('cat', 0.9, 'toys')]),
    taggedImage('perhaps.png', [], [tag('cat', 0.1)]),
    taggedImage('nothing.png'),
  ];
  const all = pets.map(({ path }) => path);

  it('passes all images without conditions', async () => {
    assert.deepEqual(await passing(pets, {}), all);
  });

  it('passes images with any, all or none of the labels, which belong to a set', async () => {
    assert.deepEqual(await passing(pets, { labels: [cat] }), ['cat.png', 'both.png']);
    assert.deepEqual(await passing(pets, { labels: [cat, dog] }), ['cat.png', 'both.png', 'dog.png']);
    assert.deepEqual(await passing(pets, { labels: [cat, dog], labelMode: 'all' }), ['both.png']);
    assert.deepEqual(await passing(pets, { labels: [cat, dog], labelMode: 'none' }), [
      'other cat.png',
      'perhaps.png',
      'nothing.png',
    ]);
    for (const labelMode of ['any', 'all', 'none'] as const) assert.deepEqual(await passing(pets, { labelMode }), all);
  });

  it('distinguishes tagged, manually tagged, maybe and untagged images', async () => {
    assert.deepEqual(await passing(pets, { tagging: 'tagged' }), ['cat.png', 'both.png', 'dog.png', 'other cat.png']);
    assert.deepEqual(await passing(pets, { tagging: 'manual' }), ['both.png']);
    assert.deepEqual(await passing(pets, { tagging: 'maybe' }), ['perhaps.png']);
    assert.deepEqual(await passing(pets, { tagging: 'untagged' }), ['nothing.png']);
  });

  it('compares scores in whole percents, both ends included', async () => {
    const scores = [0, 0.294, 0.295, 0.3, 0.3049, 0.305, 0.995, 1];
    const content = scores.map((score) => taggedImage(String(score), [tag('cat', score)]));
    assert.deepEqual(await passing(content, { score: { least: 0.3, most: 0.3 } }), ['0.295', '0.3', '0.3049']);
    assert.deepEqual(await passing(content, { score: { least: 0.31, most: 1 } }), ['0.305', '0.995', '1']);
    assert.deepEqual(await passing(content, { score: { least: 0, most: 0.29 } }), ['0', '0.294']);
    assert.deepEqual(await passing(content, { score: { least: 0.5, most: 0.4 } }), []);
  });

  it('compares the best score of the labels, or of any label if there are none', async () => {
    const half = { score: { least: 0.5, most: 1 } };
    assert.deepEqual(await passing(pets, half), ['cat.png', 'both.png', 'other cat.png']); // the manual tag has 100 %
    assert.deepEqual(await passing(pets, { ...half, labels: [cat] }), ['cat.png']);
  });

  it('distinguishes formats, and sizes by the longer side', async () => {
    const sized = (path: string, width: number, height: number, format = 'png') => ({
      ...taggedImage(path),
      width,
      height,
      format,
    });
    const content = [
      sized('64', 64, 1, 'svg'),
      sized('65', 1, 65),
      sized('256', 256, 256, 'webp'),
      sized('257', 257, 2),
      sized('1024', 16, 1024),
      sized('1025', 1025, 1025, 'svg'),
    ];
    assert.deepEqual(await passing(content, { size: 'icon' }), ['64']);
    assert.deepEqual(await passing(content, { size: 'small' }), ['65', '256']);
    assert.deepEqual(await passing(content, { size: 'medium' }), ['257', '1024']);
    assert.deepEqual(await passing(content, { size: 'large' }), ['1025']);
    assert.deepEqual(await passing(content, { formats: ['svg', 'webp'] }), ['64', '256', '1025']);
    assert.deepEqual(await passing(content, { formats: ['svg'], size: 'large' }), ['1025']);
    assert.deepEqual(await passing(content, { formats: ['gif'] }), []);
  });

  it('passes images in a folder and its subfolders, but not in a folder whose name only starts with the same letters', async () => {
    const folders = {
      'file:///w': ['a.png', 'icons/b.png', 'icons/small/c.png', 'icons2/d.png'].map((path) => taggedImage(path)),
      // A workspace folder inside the other one that contains one of its images.
      'file:///w/icons': ['small/c.png', 'e.png'].map((path) => taggedImage(path)),
    };
    const inFolder = async (root: string, path: string): Promise<string[]> =>
      passingIn(folders, { folder: folderKey(root, path) });
    assert.deepEqual(await inFolder('file:///w', ''), ['a.png', 'icons/b.png', 'icons/small/c.png', 'icons2/d.png']);
    assert.deepEqual(await inFolder('file:///w', 'icons'), ['icons/b.png', 'icons/small/c.png']);
    assert.deepEqual(await inFolder('file:///w', 'icons/small'), ['icons/small/c.png']);
    assert.deepEqual(await inFolder('file:///w/icons', ''), ['small/c.png', 'e.png']);
    assert.deepEqual(await inFolder('file:///w/icons', 'small'), ['small/c.png']);
    assert.deepEqual(await inFolder('file:///w', 'gone'), []);
  });
});
