import assert from 'node:assert/strict';
import { timeSlices } from '../../../src/base/timeSlices.ts';
import { groupByLabel, scoreIn, tagIn, type LabelGroups } from '../../../src/taggedImages/labelGroups.ts';
import { sortImages } from '../../../src/taggedImages/orders.ts';
import {
  allPositions,
  folderIndexOf,
  joinFolders,
  type TaggedFolder,
  type TaggedImages,
} from '../../../src/taggedImages/taggedImages.ts';
import { WordFilter } from '../../../src/taggedImages/wordFilter.ts';
import { labelSet, outline, pathsOf, tag, taggedFolder, taggedImage } from './samples.ts';

async function grouped(...folders: TaggedFolder[]): Promise<{ tagged: TaggedImages; groups: LabelGroups }> {
  const tagged = await joinFolders(folders, timeSlices());
  return { tagged, groups: await groupByLabel(tagged, allPositions(tagged), timeSlices()) };
}

const animals = labelSet('animals', 'cat', 'dog', 'horse');
const zoo = taggedFolder({
  labelSets: [animals, labelSet('things', 'car', 'dog')],
  images: [
    taggedImage('a.png', [tag('cat', 0.9, 'animals'), tag('car', 0.2)]),
    taggedImage('b.png', [tag('mine', 'manual', ''), tag('cat', 'manual', 'animals')]),
    taggedImage('c.png', [], [tag('dog', 0.1, 'animals'), tag('car', 0.09)]),
    taggedImage('icons/d.svg', [tag('dog', 0.4)]),
    taggedImage('icons/e.svg'),
  ],
});

describe('Images grouped by label', () => {
  it('are in the group of each of their labels, or among the maybe or the untagged, never in both', async () => {
    const { tagged, groups } = await grouped(zoo);
    assert.deepEqual(outline(tagged, groups), {
      'animals/cat': ['a.png', 'b.png'],
      'things/car': ['a.png'],
      'things/dog': ['icons/d.svg'],
      'manual/mine': ['b.png'],
      maybe: ['c.png'],
      untagged: ['icons/e.svg'],
    });
    assert.equal(groups.setCount, 2);
  });

  it('keep the order in which they are given', async () => {
    const tagged = await joinFolders([zoo], timeSlices());
    const groups = await groupByLabel(tagged, Uint32Array.of(3, 1, 0), timeSlices());
    assert.deepEqual(outline(tagged, groups), {
      'animals/cat': ['b.png', 'a.png'],
      'things/car': ['a.png'],
      'things/dog': ['icons/d.svg'],
      'manual/mine': ['b.png'],
    });
  });

  it('omit labels and sets without images, and keep the order of the settings', async () => {
    const sets = [labelSet('empty', 'nothing'), labelSet('z', 'second', 'first'), labelSet('a', 'two')];
    const images = [
      taggedImage('1.png', [tag('two', 0.5, 'a'), tag('first', 0.5, 'z')]),
      taggedImage('2.png', [tag('second', 0.5, 'z')]),
    ];
    const { groups } = await grouped(taggedFolder({ labelSets: sets, images }));
    assert.deepEqual(
      groups.sets.map(({ name, labels }) => [name, labels.map(({ label }) => label)]),
      [
        ['z', ['second', 'first']],
        ['a', ['two']],
      ],
    );
    assert.equal(groups.setCount, 3);
  });

  it('distinguish labels of a set without a name from manual labels', async () => {
    const images = [taggedImage('1.png', [tag('known', 'manual', ''), tag('new', 'manual', '')])];
    const { tagged, groups } = await grouped(taggedFolder({ labelSets: [labelSet('', 'known')], images }));
    assert.deepEqual(outline(tagged, groups), { '/known': ['1.png'], 'manual/new': ['1.png'] });
  });

  it('include all folders of a workspace, each with its own labels', async () => {
    const other = taggedFolder({
      labelSets: [animals],
      images: [taggedImage('a.png', [tag('cat', 0.3, 'animals')]), taggedImage('b.png', [tag('dog', 'manual', '')])],
    });
    const { tagged, groups } = await grouped(zoo, taggedFolder({}), other);
    const cat = groups.sets[0]?.labels.find(({ label }) => label === 'cat');
    assert.deepEqual(pathsOf(tagged, cat?.members ?? []), ['a.png', 'b.png', 'a.png']);
    assert.deepEqual(
      Array.from(cat?.members ?? [], (position) => folderIndexOf(tagged, position)),
      [0, 0, 2],
    );
  });

  it('have a unique key for each group, whatever the names', async () => {
    const names = ['cat', 'a"b', '["label","x","y"]', 'maybe', 'untagged', ''];
    const images = [
      taggedImage(
        '1.png',
        names.flatMap((name) => [tag(name, 0.5, 'x'), tag(name, 0.5, 'x"'), tag(name, 'manual', '')]),
      ),
    ];
    const labelSets = [labelSet('x', ...names), labelSet('x"', ...names)];
    const { groups } = await grouped(taggedFolder({ labelSets, images }));
    const all = [
      ...groups.sets.flatMap(({ labels }) => labels),
      ...groups.addedManually,
      groups.maybe,
      groups.untagged,
    ];
    assert.equal(all.length, 3 * names.length + 2);
    assert.equal(new Set(all.map(({ key }) => key)).size, all.length);
  });

  it('have the tag and the score that belong to the group', async () => {
    const { tagged, groups } = await grouped(zoo);
    const [a, b, c, , e] = tagged.images;
    const cat = groups.sets[0]?.labels[0];
    assert.ok(a && b && c && e && cat);
    assert.equal(tagIn(cat, a)?.score, 0.9);
    assert.equal(tagIn(cat, b)?.manual, true);
    assert.equal(tagIn(groups.maybe, c)?.label, 'dog');
    assert.equal(tagIn(groups.untagged, e), undefined);
    assert.deepEqual([scoreIn(cat, a), scoreIn(groups.maybe, c), scoreIn(groups.untagged, e)], [0.9, 0.1, NaN]);
  });
});

describe('A collection of 100,000 images', function () {
  this.timeout(60_000); // the machine may be busy; nothing is timed

  it('is grouped, filtered and sorted without losing an image', async () => {
    const labels = Array.from({ length: 200 }, (_, i) => `label ${i}`);
    const images = Array.from({ length: 100_000 }, (_, i) =>
      taggedImage(
        `folder ${i % 100}/icon ${i}.png`,
        i % 4 === 0 ? [] : [tag(`label ${i % 200}`, (i % 97) / 100), tag(`label ${(i + 7) % 200}`, 0.2)],
        i % 8 === 0 ? [tag('label 1', 0.1)] : [],
      ),
    );
    const { tagged, groups } = await grouped(taggedFolder({ labelSets: [labelSet('things', ...labels)], images }));
    assert.equal(groups.maybe.members.length, 12_500);
    assert.equal(groups.untagged.members.length, 12_500);
    const tags = groups.sets.flatMap((set) => set.labels).reduce((sum, group) => sum + group.members.length, 0);
    assert.equal(tags, 150_000);
    const options = { scoreAt: () => 0, pause: timeSlices() };
    const sorted = await sortImages(tagged, groups.untagged.members, 'name', options);
    assert.equal(new Set(sorted).size, 12_500);
    const filter = await WordFilter.parse('icon 99999');
    assert.ok(filter);
    const few = await filter.apply(tagged, groups, timeSlices());
    assert.deepEqual(Object.values(outline(tagged, few)).flat(), Array(2).fill('folder 99/icon 99999.png'));
  });
});
