import assert from 'node:assert/strict';
import { arrangeImages, type ArrangeOptions } from '../../../../src/webview/panel/arrangeImages.ts';
import { choicesOf } from '../../../../src/webview/panel/choicesOf.ts';
import { folderKey } from '../../../../src/taggedImages/paths.ts';
import type { GalleryContent } from '../../../../src/webview/panel/galleryContent.ts';
import { everything, GROUPINGS, ORDERS, type Arranged, type Arrangement } from '../../../../src/webview/protocol.ts';
import { timeSlices } from '../../../../src/base/timeSlices.ts';
import { labelSet, noPause, tag, taggedImage } from '../../taggedImages/samples.ts';
import { contentOf, pathsOfIds, rankingOf } from './content.ts';
import { threadMilliseconds } from '../../../../tools/shared/eventLoop.ts';

type Shown = Omit<Arranged, 'message'>;
const titles: ArrangeOptions['titles'] = {
  likely: 'Likely',
  lessLikely: 'Less likely',
  nothingStandsOut: 'Nothing stands out',
  uncertain: 'Uncertain',
  untagged: 'Untagged',
  workspaceFolder: 'Workspace folder',
  alike: 'alike',
  withoutLikeness: 'Others',
};

async function arranged(
  content: GalleryContent,
  part: Partial<Arrangement>,
  options: Partial<ArrangeOptions> = {},
): Promise<Shown> {
  const all = { ranking: null, coloured: null, likeness: [], titles, pause: noPause, ...options };
  return arrangeImages(content, { ...everything, ...part }, all);
}

/** Lists the groups with their images, in order. */
function outline(content: GalleryContent, { groups, order }: Shown): [title: string, paths: string[]][] {
  let at = 0;
  return groups.map(({ title, count }) => [title, pathsOfIds(content, order.subarray(at, (at += count)))]);
}

const sized = (path: string, bytes: number, width: number, height: number) => ({
  ...taggedImage(path),
  bytes,
  width,
  height,
});

describe('The arrangement of the gallery', () => {
  const zoo = contentOf({
    labelSets: [labelSet('animals', 'cat', 'dog', 'horse')],
    images: [
      taggedImage('a.png', [tag('dog', 0.2, 'animals'), tag('cat', 0.7, 'animals')]),
      taggedImage('b.png', [tag('mine', 'manual', ''), tag('cat', 'manual', 'animals')]),
      taggedImage('c.png', [], [tag('dog', 0.1, 'animals')]),
      taggedImage('d.svg', [tag('dog', 0.4, 'animals')]),
      taggedImage('e.svg'),
      taggedImage('f.svg', [], [tag('cat', 0.14, 'animals')]),
    ],
  });

  it('shows all images in one group without a title, by descending score, equal ones by position', async () => {
    const shown = await arranged(zoo, {});
    assert.deepEqual(outline(zoo, shown), [['', ['b.png', 'a.png', 'd.svg', 'c.png', 'e.svg', 'f.svg']]]);
    assert.deepEqual(
      Array.from(shown.scores, (score) => Math.round(100 * score)),
      [100, 70, 40, 0, 0, 0],
    );
    assert.equal(shown.total, 6);
  });

  it('sorts by the best score of the chosen labels, and by any label if images must have none of them', async () => {
    const labels = [{ set: 'animals', label: 'dog' }];
    assert.deepEqual(outline(zoo, await arranged(zoo, { labels })), [['', ['d.svg', 'a.png']]]);
    const others = await arranged(zoo, { labels, labelMode: 'none' });
    assert.deepEqual(outline(zoo, others), [['', ['b.png', 'c.png', 'e.svg', 'f.svg']]]);
  });

  it('sorts by name and path in natural order, by size and pixels in descending order', async () => {
    const content = contentOf({
      images: [
        sized('B/icon10.png', 300, 10, 10),
        sized('B/Icon2.png', 100, 20, 20),
        sized('a/zebra.png', 200, 1, 1000),
        sized('ä/apfel.png', 200, 30, 30),
      ],
    });
    const paths = async (order: Arrangement['order']): Promise<string[]> =>
      pathsOfIds(content, (await arranged(content, { order })).order);
    assert.deepEqual(await paths('name'), ['ä/apfel.png', 'B/Icon2.png', 'B/icon10.png', 'a/zebra.png']);
    assert.deepEqual(await paths('path'), ['ä/apfel.png', 'a/zebra.png', 'B/Icon2.png', 'B/icon10.png']);
    assert.deepEqual(await paths('size'), ['B/icon10.png', 'a/zebra.png', 'ä/apfel.png', 'B/Icon2.png']);
    assert.deepEqual(await paths('pixels'), ['a/zebra.png', 'ä/apfel.png', 'B/Icon2.png', 'B/icon10.png']);
  });

  it('shows the likely results of a search first, in a separate group, even if others have a higher score', async () => {
    const ranking = rankingOf(zoo, { 'a.png': [0.9], 'e.svg': 0.3, 'd.svg': 0.5, 'c.png': [0.1] });
    assert.deepEqual(outline(zoo, await arranged(zoo, {}, { ranking })), [
      ['Likely', ['d.svg', 'e.svg']],
      ['Less likely', ['a.png', 'c.png']],
    ]);
    const nothing = rankingOf(zoo, { 'a.png': [0.2], 'e.svg': [0.3] });
    assert.deepEqual(outline(zoo, await arranged(zoo, {}, { ranking: nothing })), [
      ['Nothing stands out', ['e.svg', 'a.png']],
    ]);
    const allLikely = rankingOf(zoo, { 'a.png': 0.2 });
    assert.deepEqual(outline(zoo, await arranged(zoo, {}, { ranking: allLikely })), [['Likely', ['a.png']]]);
    const byName = await arranged(zoo, { order: 'name' }, { ranking });
    assert.deepEqual(outline(zoo, byName), [['', ['a.png', 'c.png', 'd.svg', 'e.svg']]]);
    const none = await arranged(zoo, {}, { ranking: new Map() });
    assert.deepEqual([none.groups, none.order.length, none.total], [[], 0, 6]);
  });

  it('filters by the score of the search, and skips images that it did not find', async () => {
    const half = { score: { least: 0.5, most: 1 } };
    const ranking = rankingOf(zoo, { 'b.png': 0.2, 'e.svg': 0.8, 'd.svg': [0.6] });
    assert.deepEqual(outline(zoo, await arranged(zoo, half, { ranking })), [
      ['Likely', ['e.svg']],
      ['Less likely', ['d.svg']],
    ]);
    const labels = [{ set: 'animals', label: 'cat' }];
    const found = rankingOf(zoo, { 'd.svg': 1, 'a.png': 0.1 });
    assert.deepEqual(outline(zoo, await arranged(zoo, { labels }, { ranking: found })), [['Likely', ['a.png']]]);
  });

  it('shows an image in the group of each of its labels, by its score for that label', async () => {
    const shown = await arranged(zoo, { group: 'label' });
    assert.deepEqual(outline(zoo, shown), [
      ['cat', ['b.png', 'a.png']],
      ['dog', ['d.svg', 'a.png']],
      ['mine', ['b.png']],
      ['Uncertain', ['f.svg', 'c.png']],
      ['Untagged', ['e.svg']],
    ]);
    const percents = Array.from(shown.scores, (score) => (Number.isNaN(score) ? 'none' : Math.round(100 * score)));
    assert.deepEqual(percents, [100, 70, 40, 20, 100, 14, 10, 'none']);
    assert.deepEqual(
      shown.groups.map(({ label }) => label),
      [{ set: 'animals', label: 'cat' }, { set: 'animals', label: 'dog' }, { set: '', label: 'mine' }, null, null],
    );
  });

  it('shows only the groups of the chosen labels, and keeps the chosen order within them', async () => {
    const labels = [{ set: 'animals', label: 'dog' }];
    const chosen = await arranged(zoo, { group: 'label', labels });
    assert.deepEqual(outline(zoo, chosen), [['dog', ['d.svg', 'a.png']]]);
    const byName = await arranged(zoo, { group: 'label', order: 'name', labels });
    assert.deepEqual(outline(zoo, byName), [['dog', ['a.png', 'd.svg']]]);
    const ranking = rankingOf(zoo, { 'a.png': 0.9, 'd.svg': 0.8 });
    const searched = await arranged(zoo, { group: 'label', labels }, { ranking });
    assert.deepEqual(outline(zoo, searched), [['dog', ['a.png', 'd.svg']]]);
  });

  it('distinguishes labels of several sets', async () => {
    const images = [taggedImage('1.png', [tag('cat', 0.9, 'x'), tag('cat', 0.5, 'y'), tag('cat', 'manual', '')])];
    const content = contentOf({ labelSets: [labelSet('x', 'cat'), labelSet('y', 'cat')], images });
    const { groups } = await arranged(content, { group: 'label' });
    assert.deepEqual(
      groups.map(({ title }) => title),
      ['x: cat', 'y: cat', 'cat'],
    );
    assert.equal(new Set(groups.map(({ key }) => key)).size, 3);
  });

  it('groups by folder, with the name of the workspace folder if there are several', async () => {
    const content = contentOf({
      images: ['z/1.png', 'icon 10/2.png', 'icon 9/3.png', '4.png'].map((path) => taggedImage(path)),
    });
    assert.deepEqual(outline(content, await arranged(content, { group: 'folder' })), [
      ['Workspace folder', ['4.png']],
      ['icon 9', ['3.png'].map((name) => `icon 9/${name}`)],
      ['icon 10', ['icon 10/2.png']],
      ['z', ['z/1.png']],
    ]);
    const two = contentOf(
      { key: 'file:///b', name: 'b', images: [taggedImage('x/1.png'), taggedImage('2.png')] },
      { key: 'file:///a', name: 'a', images: [taggedImage('x/1.png')] },
    );
    const { groups } = await arranged(two, { group: 'folder' });
    assert.deepEqual(
      groups.map(({ title }) => title),
      ['b', 'b/x', 'a/x'],
    );
    assert.equal(new Set(groups.map(({ key }) => key)).size, 3);
  });

  it('groups similar images; an image whose similar images are filtered out is among the others', async () => {
    const likeness = [
      [0, 3, 4],
      [1, 2],
    ];
    assert.deepEqual(outline(zoo, await arranged(zoo, { group: 'likeness', order: 'path' }, { likeness })), [
      ['alike', ['a.png', 'd.svg', 'e.svg']],
      ['alike', ['b.png', 'c.png']],
      ['Others', ['f.svg']],
    ]);
    const tagged = await arranged(zoo, { group: 'likeness', order: 'path', tagging: 'tagged' }, { likeness });
    assert.deepEqual(outline(zoo, tagged), [
      ['alike', ['a.png', 'd.svg']],
      ['Others', ['b.png']],
    ]);
    const none = await arranged(zoo, { group: 'likeness', order: 'path' });
    assert.deepEqual(
      none.groups.map(({ title, count }) => [title, count]),
      [['Others', 6]],
    );
  });

  it('keeps the others in the chosen order, including images whose similar images are filtered out', async () => {
    const likeness = [[0, 2]];
    const tagged = await arranged(zoo, { group: 'likeness', order: 'path', tagging: 'tagged' }, { likeness });
    assert.deepEqual(outline(zoo, tagged), [['Others', ['a.png', 'b.png', 'd.svg']]]);
  });

  it('keeps the keys of groups, and the order of the remaining images, when images change', async () => {
    const before = zoo.images;
    const grown = contentOf({
      labelSets: [labelSet('animals', 'cat', 'dog', 'horse')],
      images: [
        ...before,
        taggedImage('g.png', [tag('horse', 0.9, 'animals')]),
        taggedImage('new/h.png', [tag('cat', 0.8, 'animals')]),
      ],
    });
    for (const group of GROUPINGS) {
      for (const order of ORDERS) {
        const likeness = [
          [0, 3],
          [1, 2, 4],
        ];
        const first = await arranged(zoo, { group, order }, { likeness });
        const again = await arranged(zoo, { group, order }, { likeness });
        assert.deepEqual(again, first);
        const second = await arranged(grown, { group, order }, { likeness });
        const keys = second.groups.map(({ key }) => key);
        assert.deepEqual(
          first.groups.map(({ key }) => key).filter((key) => !keys.includes(key)),
          [],
        );
        assert.deepEqual(
          Array.from(second.order).filter((id) => zoo.positions.has(id)),
          Array.from(first.order),
          `${group}, ${order}`,
        );
      }
    }
  });

  it('shows nothing without images', async () => {
    for (const content of [contentOf(), contentOf({ images: [] })]) {
      for (const group of GROUPINGS) {
        const { order, scores, groups, total } = await arranged(content, { group });
        assert.deepEqual([order.length, scores.length, groups, total], [0, 0, [], 0]);
      }
    }
  });

  it('ends when the pause rejects', async () => {
    const stop = (): Promise<void> => Promise.reject(new Error('enough'));
    for (const group of GROUPINGS) await assert.rejects(arranged(zoo, { group }, { pause: stop }), /enough/);
  });
});

describe("The choices of the gallery's filters", () => {
  it('include every label of the settings and manual labels, with their numbers of images', async () => {
    const content = contentOf({
      labelSets: [labelSet('animals', 'cat', 'dog'), labelSet('things', 'cat')],
      images: [
        taggedImage('1.png', [tag('cat', 0.5, 'animals'), tag('mine', 'manual', '')], [tag('dog', 0.1, 'animals')]),
        taggedImage('2.png', [tag('cat', 0.5, 'animals')]),
      ],
    });
    assert.deepEqual((await choicesOf(content)).labels, [
      { set: 'animals', label: 'cat', images: 2 },
      { set: 'animals', label: 'dog', images: 0 },
      { set: 'things', label: 'cat', images: 0 },
      { set: '', label: 'mine', images: 1 },
    ]);
  });

  it('include the formats of the images, the most frequent first', async () => {
    const images = ['svg', 'png', 'png'].map((format, i) => ({ ...taggedImage(`${i}`), format }));
    assert.deepEqual((await choicesOf(contentOf({ images }))).formats, [
      { format: 'png', images: 2 },
      { format: 'svg', images: 1 },
    ]);
  });

  it('include all folders, with the number of images in them and their subfolders', async () => {
    const content = contentOf({ images: ['b/10/x.png', 'b/9/y.png', 'z.png'].map((path) => taggedImage(path)) });
    assert.deepEqual((await choicesOf(content)).folders, [
      { key: folderKey('file:///w', 'b'), title: 'b', images: 2 },
      { key: folderKey('file:///w', 'b/9'), title: 'b/9', images: 1 },
      { key: folderKey('file:///w', 'b/10'), title: 'b/10', images: 1 },
    ]);
    const two = contentOf(
      { key: 'file:///x', name: 'x', images: [taggedImage('i/1.png')] },
      { key: 'file:///y', name: 'y', images: [taggedImage('2.png')] },
    );
    assert.deepEqual((await choicesOf(two)).folders, [
      { key: folderKey('file:///x', ''), title: 'x', images: 1 },
      { key: folderKey('file:///x', 'i'), title: 'x/i', images: 1 },
      { key: folderKey('file:///y', ''), title: 'y', images: 1 },
    ]);
  });
});

describe('Stacks in the gallery', () => {
  const twins = contentOf({
    images: [
      { ...taggedImage('a.png'), hash: 'same' },
      { ...taggedImage('copy.png'), hash: 'same' },
      taggedImage('b.png'),
    ],
  });

  it('show files with the same bytes once, with the number of the others', async () => {
    const shown = await arranged(twins, {});
    assert.deepEqual(pathsOfIds(twins, shown.order), ['a.png', 'b.png']);
    assert.deepEqual([...shown.copies], [1, 0]);
  });

  it('are opened on demand, one or all', async () => {
    const [first = -1] = (await arranged(twins, {})).order;
    for (const part of [{ opened: [first] }, { stacked: false }]) {
      const shown = await arranged(twins, part);
      assert.deepEqual(pathsOfIds(twins, shown.order), ['a.png', 'copy.png', 'b.png']);
      assert.deepEqual([...shown.copies], [0, 0, 0]);
    }
  });

  it('contain the sizes that a search found, and say which image is a result because of its name', async () => {
    const ranking = new Map([
      [0, { score: 0.01, likely: true, named: true, stack: 0 }],
      [2, { score: 0.01, likely: true, named: true, stack: 0 }],
    ]);
    const shown = await arranged(twins, { query: 'x' }, { ranking });
    assert.deepEqual(pathsOfIds(twins, shown.order), ['a.png']);
    assert.deepEqual([[...shown.copies], [...shown.named]], [[1], [1]]);
  });

  it('leave out images without the colors of the filter', async () => {
    const shown = await arranged(twins, { colours: ['red'] }, { coloured: new Set([2]) });
    assert.deepEqual(pathsOfIds(twins, shown.order), ['b.png']);
  });
});

describe('A gallery of 100,000 images', function () {
  this.timeout(120_000); // the machine may be busy; nothing is timed
  const labels = Array.from({ length: 200 }, (_, i) => `label ${i}`);
  const content = contentOf({
    labelSets: [labelSet('things', ...labels)],
    images: Array.from({ length: 100_000 }, (_, i) => ({
      ...taggedImage(
        `folder ${i % 100}/icon ${(i * 7919) % 100_000}.png`,
        i % 4 === 0 ? [] : [tag(`label ${i % 200}`, (i % 97) / 100), tag(`label ${(i + 7) % 200}`, 0.2)],
        i % 8 === 0 ? [tag('label 1', 0.1)] : [],
      ),
      bytes: (i * 31) % 10_007,
    })),
  });
  const likeness = Array.from({ length: 10_000 }, (_, i) => [10 * i, 10 * i + 1, 10 * i + 5]);
  const all = new Map(
    content.images.map((_, i) => [i, { score: (i % 89) / 100, likely: i % 3 === 0, named: false, stack: i }]),
  );

  for (const group of GROUPINGS) {
    it(`is arranged (group: ${group}) without losing an image, in time slices`, async () => {
      const blocks: string[] = [];
      for (const [order, ranking] of [...ORDERS.map((name) => [name, null] as const), ['best', all] as const]) {
        let [longest, since] = [0, threadMilliseconds()];
        const pause = timeSlices();
        // The time between two calls of pause is the most by which a turn can exceed its slice.
        const measured = async (): Promise<void> => {
          longest = Math.max(longest, threadMilliseconds() - since);
          await pause();
          since = threadMilliseconds();
        };
        const shown = await arranged(content, { group, order }, { ranking, likeness, pause: measured });
        longest = Math.max(longest, threadMilliseconds() - since);
        blocks.push(`${order}${ranking ? ' of a search' : ''} ${longest.toFixed(0)}`);
        // A search shows the likely images and the next 60.
        assert.equal(new Set(shown.order).size, ranking ? 33_334 + 60 : 100_000);
        if (!ranking) assert.equal(shown.order.length, group === 'label' ? 175_000 : 100_000);
        assert.equal(
          shown.groups.reduce((sum, { count }) => sum + count, 0),
          shown.order.length,
        );
      }
      process.stdout.write(`      longest block between two pauses, in ms: ${blocks.join(', ')}\n`);
    });
  }
});
