import assert from 'node:assert/strict';
import { groupByLabel, type LabelGroup } from '../../../src/taggedImages/labelGroups.ts';
import { byPath, sortImages, sortLabels, type ImageOrder, type LabelOrder } from '../../../src/taggedImages/orders.ts';
import { allPositions, joinFolders, type TaggedImages } from '../../../src/taggedImages/taggedImages.ts';
import { labelSet, noPause, pathsOf, tag, taggedFolder, taggedImage } from './samples.ts';

describe('Orders of images', () => {
  const scores = [0.5, 0.7, 0.5, 1, 0.1];
  const images = [
    taggedImage('B/icon10.png'),
    { ...taggedImage('B/icon2.png'), bytes: 300 },
    { ...taggedImage('a/Zebra.png'), width: 100 },
    taggedImage('ä/apfel.png'),
    taggedImage('b/icon3.png'),
  ];
  const sorted = async (order: ImageOrder, tagged: TaggedImages): Promise<string[]> => {
    const scoreAt = (position: number): number => scores[position] ?? NaN;
    const options = { scoreAt, pause: noPause, ties: byPath(tagged) };
    return pathsOf(tagged, await sortImages(tagged, allPositions(tagged), order, options));
  };

  it('are by score, name, path, size and pixels; letters and numbers compare as people expect', async () => {
    const tagged = await joinFolders([taggedFolder({ images })], noPause);
    const paths = ['ä/apfel.png', 'a/Zebra.png', 'B/icon2.png', 'b/icon3.png', 'B/icon10.png'];
    assert.deepEqual(await sorted('score', tagged), [
      'ä/apfel.png',
      'B/icon2.png',
      'a/Zebra.png',
      'B/icon10.png',
      'b/icon3.png',
    ]);
    assert.deepEqual(await sorted('name', tagged), [
      'ä/apfel.png',
      'B/icon2.png',
      'b/icon3.png',
      'B/icon10.png',
      'a/Zebra.png',
    ]);
    assert.deepEqual(await sorted('path', tagged), paths);
    assert.deepEqual(await sorted('size', tagged), ['B/icon2.png', ...paths.filter((path) => path !== 'B/icon2.png')]);
    assert.deepEqual(await sorted('pixels', tagged), [
      'a/Zebra.png',
      ...paths.filter((path) => path !== 'a/Zebra.png'),
    ]);
  });

  it('by path keep workspace folders apart', async () => {
    const folders = [['b.png', 'a.png'], ['a.png']].map((paths) => {
      return taggedFolder({ images: paths.map((path) => taggedImage(path)) });
    });
    const tagged = await joinFolders(folders, noPause);
    const options = { scoreAt: () => 0, pause: noPause };
    const positions = await sortImages(tagged, allPositions(tagged), 'path', options);
    assert.deepEqual([...positions], [1, 0, 2]);
  });

  it('keep the order of images that are equal, unless ties are compared', async () => {
    const tagged = await joinFolders([taggedFolder({ images })], noPause);
    const options = { scoreAt: () => NaN, pause: noPause };
    assert.deepEqual([...(await sortImages(tagged, Uint32Array.of(4, 0, 2), 'score', options))], [4, 0, 2]);
    assert.deepEqual(await sorted('score', { ...tagged, images: images.map(({ path }) => taggedImage(path)) }), [
      'ä/apfel.png',
      'B/icon2.png',
      'a/Zebra.png',
      'B/icon10.png',
      'b/icon3.png',
    ]);
  });
});

describe('Orders of labels', () => {
  it('are by name and by number of images', async () => {
    const counts = { zoo: 3, Äpfel: 1, 'size 10': 3, 'size 9': 7 };
    const images = Object.entries(counts).flatMap(([label, count]) =>
      Array.from({ length: count }, (_, i) => taggedImage(`${label} ${i}.png`, [tag(label)])),
    );
    const labelSets = [labelSet('things', ...Object.keys(counts))];
    const tagged = await joinFolders([taggedFolder({ labelSets, images })], noPause);
    const { sets } = await groupByLabel(tagged, allPositions(tagged), noPause);
    const groups: readonly LabelGroup[] = sets[0]?.labels ?? [];
    const named = (order: LabelOrder): string[] => sortLabels(groups, order).map(({ label }) => label);
    assert.deepEqual(named('name'), ['Äpfel', 'size 9', 'size 10', 'zoo']);
    assert.deepEqual(named('count'), ['size 9', 'size 10', 'zoo', 'Äpfel']);
  });
});
