import assert from 'node:assert/strict';
import { timeSlices } from '../../../../src/base/timeSlices.ts';
import type { Failure } from '../../../../src/library/index.ts';
import { buildTreeModel, filterTreeModel, type TreeModel } from '../../../../src/providers/tagTree/treeModel.ts';
import { IMAGE_ORDERS, orderedMembers } from '../../../../src/providers/tagTree/treeOrder.ts';
import type { TaggedFolder } from '../../../../src/taggedImages/taggedImages.ts';
import { labelSet, outline, pathsOf, tag, taggedFolder, taggedImage } from '../../taggedImages/samples.ts';

type Folder = TaggedFolder & { readonly failures: readonly Failure[] };

const folder = (part: Partial<TaggedFolder>, ...failures: Failure[]): Folder => ({ ...taggedFolder(part), failures });
const build = (...folders: Folder[]): Promise<TreeModel<Folder>> => buildTreeModel(folders, timeSlices());

const images = [
  taggedImage('x10.png'),
  taggedImage('x9.png'),
  taggedImage('y1.png', [], [tag('cat', 0.1)]),
  taggedImage('y2.png', [], [tag('dog', 0.14), tag('cat', 0.13)]),
  taggedImage('z2.png', [tag('cat', 0.5)]),
  taggedImage('z10.png', [tag('cat', 0.5)]),
  taggedImage('z3.png', [tag('cat', 'manual')]),
];
const broken = { path: 'broken.png', reason: 'it is no image' };

describe('The model of the Tags view', () => {
  it('contains the groups and the problems of all folders', async () => {
    const first = folder({ labelSets: [labelSet('things', 'cat')], images }, broken);
    const second = folder({}, { path: 'x.png', reason: 'gone' });
    const { tagged, groups, problems } = await build(first, second);
    assert.deepEqual(outline(tagged, groups), {
      'things/cat': ['z2.png', 'z10.png', 'z3.png'],
      maybe: ['y1.png', 'y2.png'],
      untagged: ['x10.png', 'x9.png'],
    });
    assert.deepEqual(problems, [
      { ...broken, folder: first },
      { path: 'x.png', reason: 'gone', folder: second },
    ]);
  });

  it('sorts a group by score, maybe images by their best label, and equal scores and untagged images by path', async () => {
    const { tagged, groups } = await build(folder({ labelSets: [labelSet('things', 'cat')], images }));
    const cat = groups.sets[0]?.labels[0];
    assert.ok(cat);
    const sorted = await Promise.all(
      [cat, groups.maybe, groups.untagged].map((group) => orderedMembers(tagged, group, 'score', timeSlices())),
    );
    assert.deepEqual(
      sorted.map((members) => pathsOf(tagged, members)),
      [
        ['z3.png', 'z2.png', 'z10.png'],
        ['y2.png', 'y1.png'],
        ['x9.png', 'x10.png'],
      ],
    );
    for (const order of IMAGE_ORDERS) {
      assert.equal((await orderedMembers(tagged, cat, order, timeSlices())).length, 3);
    }
  });

  it('is the same after a filter without words', async () => {
    const model = await build(folder({ images }));
    assert.equal(await filterTreeModel(model, '  ', timeSlices()), model);
  });

  it('filters images by label and path, and problems by path and reason', async () => {
    const model = await build(folder({ labelSets: [labelSet('things', 'cat')], images }, broken));
    const filtered = async (text: string): Promise<[Record<string, string[]>, string[]]> => {
      const { tagged, groups, problems } = await filterTreeModel(model, text, timeSlices());
      return [outline(tagged, groups), problems.map(({ path }) => path)];
    };
    assert.deepEqual(await filtered('cat z3'), [{ 'things/cat': ['z3.png'] }, []]);
    assert.deepEqual(await filtered('no image'), [{}, ['broken.png']]);
    assert.deepEqual(await filtered('broken'), [{}, ['broken.png']]);
  });
});
