import assert from 'node:assert/strict';
import { filterImages } from '../../../../src/webview/panel/filterImages.ts';
import { folderKey, type GalleryContent } from '../../../../src/webview/panel/galleryContent.ts';
import type { Ranking } from '../../../../src/webview/panel/filterImages.ts';
import { everything, type Arrangement } from '../../../../src/webview/protocol.ts';
import { tag, taggedImage } from '../../providers/tagTree/tagTreeImages.ts';
import { contentOf, noPause, pathsOf, rankingOf } from './content.ts';

const cat = { set: 'things', label: 'cat' };
const dog = { set: 'things', label: 'dog' };

async function passing(
  content: GalleryContent,
  part: Partial<Arrangement>,
  ranking: Ranking = null,
): Promise<string[]> {
  const images = await filterImages(content, { ...everything, ...part }, ranking, noPause);
  return pathsOf(
    content,
    images.map(({ id }) => id),
  );
}

describe('The filters of the gallery', () => {
  const pets = contentOf({
    images: [
      taggedImage('cat.png', [tag('cat', 0.9)]),
      taggedImage('both.png', [tag('cat', 0.4), tag('dog', 'hand')]),
      taggedImage('dog.png', [tag('dog', 0.3)], [tag('cat', 0.05)]),
      taggedImage('other cat.png', [tag('cat', 0.9, 'toys')]),
      taggedImage('perhaps.png', [], [tag('cat', 0.1)]),
      taggedImage('nothing.png'),
    ],
  });
  const all = pets.images.map(({ image }) => image.path);

  it('let everything pass at first', async () => {
    assert.deepEqual(await passing(pets, {}), all);
  });

  it('know any, all and none of the chosen labels, each of its own set', async () => {
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

  it('know what is tagged, by hand, uncertain and untagged', async () => {
    assert.deepEqual(await passing(pets, { tagging: 'tagged' }), ['cat.png', 'both.png', 'dog.png', 'other cat.png']);
    assert.deepEqual(await passing(pets, { tagging: 'manual' }), ['both.png']);
    assert.deepEqual(await passing(pets, { tagging: 'uncertain' }), ['perhaps.png']);
    assert.deepEqual(await passing(pets, { tagging: 'untagged' }), ['nothing.png']);
  });

  it('compare scores as they are shown, in whole percents, both ends included', async () => {
    const scores = [0, 0.294, 0.295, 0.3, 0.3049, 0.305, 0.995, 1];
    const content = contentOf({ images: scores.map((score) => taggedImage(String(score), [tag('cat', score)])) });
    assert.deepEqual(await passing(content, { score: { least: 0.3, most: 0.3 } }), ['0.295', '0.3', '0.3049']);
    assert.deepEqual(await passing(content, { score: { least: 0.31, most: 1 } }), ['0.305', '0.995', '1']);
    assert.deepEqual(await passing(content, { score: { least: 0, most: 0.29 } }), ['0', '0.294']);
    assert.deepEqual(await passing(content, { score: { least: 0.5, most: 0.4 } }), []);
  });

  it('take the score of the search where there is one, else of the chosen labels, else of any', async () => {
    const half = { score: { least: 0.5, most: 1 } };
    assert.deepEqual(await passing(pets, half), ['cat.png', 'both.png', 'other cat.png']); // dog by hand is 100 %
    assert.deepEqual(await passing(pets, { ...half, labels: [cat] }), ['cat.png']);
    const found = rankingOf(pets, { 'both.png': 0.2, 'nothing.png': 0.8, 'dog.png': [0.6] });
    assert.deepEqual(await passing(pets, half, found), ['dog.png', 'nothing.png']);
  });

  it('leave out what a search did not find', async () => {
    assert.deepEqual(await passing(pets, {}, rankingOf(pets, {})), []);
    assert.deepEqual(await passing(pets, { labels: [cat] }, rankingOf(pets, { 'dog.png': 1, 'cat.png': 0.1 })), [
      'cat.png',
    ]);
  });

  it('know formats, and sizes by the longest side', async () => {
    const sized = (path: string, width: number, height: number, format = 'png') => ({
      ...taggedImage(path),
      width,
      height,
      format,
    });
    const content = contentOf({
      images: [
        sized('64', 64, 1, 'svg'),
        sized('65', 1, 65),
        sized('256', 256, 256, 'webp'),
        sized('257', 257, 2),
        sized('1024', 16, 1024),
        sized('1025', 1025, 1025, 'svg'),
      ],
    });
    assert.deepEqual(await passing(content, { size: 'icon' }), ['64']);
    assert.deepEqual(await passing(content, { size: 'small' }), ['65', '256']);
    assert.deepEqual(await passing(content, { size: 'medium' }), ['257', '1024']);
    assert.deepEqual(await passing(content, { size: 'large' }), ['1025']);
    assert.deepEqual(await passing(content, { formats: ['svg', 'webp'] }), ['64', '256', '1025']);
    assert.deepEqual(await passing(content, { formats: ['svg'], size: 'large' }), ['1025']);
    assert.deepEqual(await passing(content, { formats: ['gif'] }), []);
  });

  it('know folders with all that lies below them, and no folder whose name only begins alike', async () => {
    const content = contentOf(
      {
        key: 'file:///w',
        images: ['a.png', 'icons/b.png', 'icons/small/c.png', 'icons2/d.png'].map((path) => taggedImage(path)),
      },
      // A workspace folder that lies in the other one, and shows one of its images as well.
      { key: 'file:///w/icons', images: ['small/c.png', 'e.png'].map((path) => taggedImage(path)) },
    );
    const inFolder = async (root: string, path: string): Promise<string[]> =>
      passing(content, { folder: folderKey(root, path) });
    assert.deepEqual(await inFolder('file:///w', ''), ['a.png', 'icons/b.png', 'icons/small/c.png', 'icons2/d.png']);
    assert.deepEqual(await inFolder('file:///w', 'icons'), ['icons/b.png', 'icons/small/c.png']);
    assert.deepEqual(await inFolder('file:///w', 'icons/small'), ['icons/small/c.png']);
    assert.deepEqual(await inFolder('file:///w/icons', ''), ['small/c.png', 'e.png']);
    assert.deepEqual(await inFolder('file:///w/icons', 'small'), ['small/c.png']);
    assert.deepEqual(await inFolder('file:///w', 'gone'), []);
  });
});
