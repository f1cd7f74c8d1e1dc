import assert from 'node:assert/strict';
import { filterModel } from '../../../../src/providers/tagTree/filter.ts';
import { orderedLabels, orderedMembers, type ImageOrder } from '../../../../src/providers/tagTree/ordering.ts';
import { sortInSlices } from '../../../../src/base/sortInSlices.ts';
import {
  buildModel,
  folderOf,
  tagIn,
  type FolderContent,
  type ImageGroup,
  type TagModel,
} from '../../../../src/providers/tagTree/tagModel.ts';
import { timeSlices } from '../../../../src/base/timeSlices.ts';
import { labelSet, tag, taggedImage } from './tagTreeImages.ts';

const content = (part: Partial<FolderContent>): FolderContent => ({ images: [], failures: [], labelSets: [], ...part });
const build = (...contents: FolderContent[]): Promise<TagModel> => buildModel(contents, timeSlices());
const pathsOf = (model: TagModel, group: Pick<ImageGroup, 'members'> | undefined): string[] =>
  Array.from(group?.members ?? [], (place) => model.images[place]?.path ?? '');
/** Each group with its images, by the way to it. */
function outline(model: TagModel): Record<string, string[]> {
  const groups: [string, ImageGroup][] = [
    ...model.sets.flatMap(({ name, labels }) =>
      labels.map((group): [string, ImageGroup] => [`${name}/${group.label}`, group]),
    ),
    ...model.addedManually.map((group): [string, ImageGroup] => [`by hand/${group.label}`, group]),
    ['uncertain', model.uncertain],
    ['untagged', model.untagged],
  ];
  const entries = groups.map(([name, group]): [string, string[]] => [name, pathsOf(model, group)]);
  return Object.fromEntries(entries.filter(([, paths]) => paths.length > 0));
}

const animals = labelSet('animals', 'cat', 'dog', 'horse');
const zoo = content({
  labelSets: [animals, labelSet('things', 'car', 'dog')],
  images: [
    taggedImage('a.png', [tag('cat', 0.9, 'animals'), tag('car', 0.2)]),
    taggedImage('b.png', [tag('mine', 'hand', ''), tag('cat', 'hand', 'animals')]),
    taggedImage('c.png', [], [tag('dog', 0.1, 'animals'), tag('car', 0.09)]),
    taggedImage('icons/d.svg', [tag('dog', 0.4)]),
    taggedImage('icons/e.svg'),
  ],
  failures: [{ path: 'broken.png', reason: 'it is no image' }],
});

describe('The model of the Tags view', () => {
  it('puts each image under its labels, or among the uncertain or the untagged; never under both', async () => {
    const model = await build(zoo);
    assert.deepEqual(outline(model), {
      'animals/cat': ['a.png', 'b.png'],
      'things/car': ['a.png'],
      'things/dog': ['icons/d.svg'],
      'by hand/mine': ['b.png'],
      uncertain: ['c.png'],
      untagged: ['icons/e.svg'],
    });
    assert.deepEqual(model.problems, [{ path: 'broken.png', reason: 'it is no image', folder: 0 }]);
    assert.equal(model.setCount, 2);
  });

  it('leaves out labels and sets without images, and keeps the order of the settings', async () => {
    const sets = [labelSet('empty', 'nothing'), labelSet('z', 'one'), labelSet('a', 'two')];
    const images = [taggedImage('1.png', [tag('two', 0.5, 'a'), tag('one', 0.5, 'z')])];
    const { sets: found, setCount } = await build(content({ labelSets: sets, images }));
    assert.deepEqual(
      found.map(({ name }) => name),
      ['z', 'a'],
    );
    assert.equal(setCount, 3);
  });

  it('tells labels of a set without a name from labels that people added', async () => {
    const images = [taggedImage('1.png', [tag('known', 'hand', ''), tag('new', 'hand', '')])];
    const model = await build(content({ labelSets: [labelSet('', 'known')], images }));
    assert.deepEqual(outline(model), { '/known': ['1.png'], 'by hand/new': ['1.png'] });
  });

  it('joins the folders of a workspace, each with its own labels', async () => {
    const other = content({
      labelSets: [animals],
      images: [taggedImage('a.png', [tag('cat', 0.3, 'animals')]), taggedImage('b.png', [tag('dog', 'hand', '')])],
      failures: [{ path: 'x.png', reason: 'gone' }],
    });
    const model = await build(zoo, content({}), other);
    const cat = model.sets[0]?.labels.find(({ label }) => label === 'cat');
    assert.deepEqual(pathsOf(model, cat), ['a.png', 'b.png', 'a.png']);
    assert.deepEqual(
      Array.from(cat?.members ?? [], (place) => folderOf(model, place)),
      [0, 0, 2],
    );
    assert.deepEqual(
      model.problems.map(({ folder }) => folder),
      [0, 2],
    );
  });

  it('gives each group a key of its own, whatever the names', async () => {
    const names = ['cat', 'a"b', '["label","x","y"]', 'uncertain', 'untagged', ''];
    const images = [
      taggedImage(
        '1.png',
        names.flatMap((name) => [tag(name, 0.5, 'x'), tag(name, 0.5, 'x"'), tag(name, 'hand', '')]),
      ),
    ];
    const model = await build(content({ labelSets: [labelSet('x', ...names), labelSet('x"', ...names)], images }));
    const groups = [
      ...model.sets.flatMap(({ labels }) => labels),
      ...model.addedManually,
      model.uncertain,
      model.untagged,
    ];
    assert.equal(groups.length, 3 * names.length + 2);
    assert.equal(new Set(groups.map(({ key }) => key)).size, groups.length);
  });

  it('says under which tag an image stands', async () => {
    const { sets, uncertain, untagged, images } = await build(zoo);
    const [a, b, c, , e] = images;
    const cat = sets[0]?.labels[0];
    assert.ok(a && b && c && e && cat);
    assert.equal(tagIn(cat, a)?.score, 0.9);
    assert.equal(tagIn(cat, b)?.manual, true);
    assert.equal(tagIn(uncertain, c)?.label, 'dog');
    assert.equal(tagIn(untagged, e), undefined);
  });
});

describe('The order of the Tags view', () => {
  const images = [
    taggedImage('B/icon10.png', [tag('cat', 0.5)]),
    taggedImage('B/icon2.png', [tag('cat', 0.7)]),
    taggedImage('a/Zebra.png', [tag('cat', 0.5)]),
    taggedImage('ä/apfel.png', [tag('cat', 'hand')]),
    taggedImage('b/icon3.png', [tag('cat', 0.1)]),
  ];

  it('sorts images by score, by name and by path, as people read numbers and letters', async () => {
    const model = await build(content({ labelSets: [labelSet('things', 'cat')], images }));
    const cat = model.sets[0]?.labels[0];
    assert.ok(cat);
    const sorted = async (order: ImageOrder): Promise<string[]> =>
      pathsOf(model, { members: await orderedMembers(model, cat, order, timeSlices()) });
    assert.deepEqual(await sorted('score'), [
      'ä/apfel.png',
      'B/icon2.png',
      'a/Zebra.png',
      'B/icon10.png',
      'b/icon3.png',
    ]);
    assert.deepEqual(await sorted('name'), [
      'ä/apfel.png',
      'B/icon2.png',
      'b/icon3.png',
      'B/icon10.png',
      'a/Zebra.png',
    ]);
    assert.deepEqual(await sorted('path'), [
      'ä/apfel.png',
      'a/Zebra.png',
      'B/icon2.png',
      'b/icon3.png',
      'B/icon10.png',
    ]);
  });

  it('sorts the untagged by path, and the uncertain by their best guess', async () => {
    const model = await build(
      content({
        images: [
          taggedImage('x10.png'),
          taggedImage('x9.png'),
          taggedImage('y1.png', [], [tag('cat', 0.1)]),
          taggedImage('y2.png', [], [tag('dog', 0.14), tag('cat', 0.13)]),
        ],
      }),
    );
    const of = async (group: ImageGroup): Promise<string[]> =>
      pathsOf(model, { members: await orderedMembers(model, group, 'score', timeSlices()) });
    assert.deepEqual(await of(model.untagged), ['x9.png', 'x10.png']);
    assert.deepEqual(await of(model.uncertain), ['y2.png', 'y1.png']);
  });

  it('sorts labels by name or by their number of images', () => {
    const group = (label: string, count: number): ImageGroup => ({
      kind: 'label',
      key: label,
      set: '',
      label,
      members: new Uint32Array(count),
    });
    const labels = [group('zoo', 3), group('Äpfel', 1), group('size 10', 3), group('size 9', 7)];
    const named = (order: 'name' | 'count'): string[] => orderedLabels(labels, order).map(({ label }) => label);
    assert.deepEqual(named('name'), ['Äpfel', 'size 9', 'size 10', 'zoo']);
    assert.deepEqual(named('count'), ['size 9', 'size 10', 'zoo', 'Äpfel']);
  });

  it('is that of a stable sort, for all lengths around the size of a run', async () => {
    let seed = 7;
    const random = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
    for (const length of [0, 1, 2, 255, 256, 257, 511, 512, 513, 1024, 1500, 4097]) {
      const keys = Uint32Array.from({ length }, () => Math.floor(random() * 20));
      const items = Uint32Array.from({ length }, (_, i) => i);
      const compare = (a: number, b: number): number => (keys[a] ?? 0) - (keys[b] ?? 0);
      const before = items.slice();
      assert.deepEqual(await sortInSlices(items, compare, timeSlices()), items.toSorted(compare), String(length));
      assert.deepEqual(items, before); // the members of a group are shared
    }
  });
});

describe('The filter of the Tags view', () => {
  const filtered = async (filter: string): Promise<Record<string, string[]>> => {
    const model = await filterModel(await build(zoo), filter, timeSlices());
    return {
      ...outline(model),
      ...(model.problems.length > 0 ? { problems: model.problems.map(({ path }) => path) } : {}),
    };
  };

  it('is none where it has no words', async () => {
    const model = await build(zoo);
    for (const filter of ['', '  ', '\t']) assert.equal(await filterModel(model, filter, timeSlices()), model);
  });

  it('finds a label with all its images, and images by their paths, without case', async () => {
    assert.deepEqual(await filtered('CAT'), { 'animals/cat': ['a.png', 'b.png'] });
    assert.deepEqual(await filtered('icons/'), { 'things/dog': ['icons/d.svg'], untagged: ['icons/e.svg'] });
    assert.deepEqual(await filtered('dog'), { 'things/dog': ['icons/d.svg'], uncertain: ['c.png'] });
    assert.deepEqual(await filtered('animals'), { 'animals/cat': ['a.png', 'b.png'] }); // a label set
    assert.deepEqual(await filtered('mine'), { 'by hand/mine': ['b.png'] });
    assert.deepEqual(await filtered('nothing of it'), {});
  });

  it('wants each word, in the label or in the path', async () => {
    assert.deepEqual(await filtered('cat b.png'), { 'animals/cat': ['b.png'] });
    assert.deepEqual(await filtered('dog icons'), { 'things/dog': ['icons/d.svg'] });
    assert.deepEqual(await filtered('cat dog'), {});
  });

  it('takes globs of paths', async () => {
    assert.deepEqual(await filtered('*.svg'), { 'things/dog': ['icons/d.svg'], untagged: ['icons/e.svg'] });
    assert.deepEqual(await filtered('icons/[d]*'), { 'things/dog': ['icons/d.svg'] });
    assert.deepEqual(await filtered('{a,e}.*'), {
      'animals/cat': ['a.png'],
      'things/car': ['a.png'],
      untagged: ['icons/e.svg'],
    });
  });

  it('finds problems by path and reason', async () => {
    assert.deepEqual(await filtered('no image'), { problems: ['broken.png'] });
    assert.deepEqual(await filtered('broken'), { problems: ['broken.png'] });
  });

  it('finds composed and decomposed letters alike, and survives any text', async () => {
    const images = [taggedImage('Gro\u0308ße.png', [tag('Größe')]), taggedImage('[x](y).png')];
    const model = await build(content({ labelSets: [labelSet('things', 'Größe')], images }));
    assert.deepEqual(outline(await filterModel(model, 'gr\u00f6ße', timeSlices())), {
      'things/Größe': ['Größe.png'.normalize('NFD')],
    });
    assert.deepEqual(outline(await filterModel(model, '](y)', timeSlices())), { untagged: ['[x](y).png'] });
    for (const odd of ['[', '{a', '*'.repeat(50), '!(', '(', '\\', '\u0000', 'x '.repeat(60)]) {
      await filterModel(model, odd, timeSlices());
    }
  });
});

describe('A model of 100,000 images', function () {
  this.timeout(60_000); // the machine may be busy; nothing is timed
  it('is built, filtered and sorted without losing an image', async () => {
    const labels = Array.from({ length: 200 }, (_, i) => `label ${i}`);
    const images = Array.from({ length: 100_000 }, (_, i) =>
      taggedImage(
        `folder ${i % 100}/icon ${i}.png`,
        i % 4 === 0 ? [] : [tag(`label ${i % 200}`, (i % 97) / 100), tag(`label ${(i + 7) % 200}`, 0.2)],
        i % 8 === 0 ? [tag('label 1', 0.1)] : [],
      ),
    );
    const model = await build(content({ labelSets: [labelSet('things', ...labels)], images }));
    assert.equal(model.uncertain.members.length, 12_500);
    assert.equal(model.untagged.members.length, 12_500);
    const under = model.sets.flatMap((set) => set.labels).reduce((sum, group) => sum + group.members.length, 0);
    assert.equal(under, 150_000);
    const sorted = await orderedMembers(model, model.untagged, 'name', timeSlices());
    assert.equal(new Set(sorted).size, 12_500);
    const few = await filterModel(model, 'icon 99999', timeSlices());
    assert.deepEqual(Object.values(outline(few)).flat(), Array(2).fill('folder 99/icon 99999.png'));
  });
});
