import assert from 'node:assert/strict';
import { openLibrary, updateIndex, type Library } from '../../../../src/library/index.ts';
import { stackMembers, type StackedFolder } from '../../../../src/providers/tagTree/treeStacks.ts';
import { joinFolders, type TaggedImages } from '../../../../src/taggedImages/taggedImages.ts';
import { listImages } from '../../../../src/library/images.ts';
import { fakeInference } from '../../library/fakeInference.ts';
import { temporaryFolder } from '../../library/temporaryFolder.ts';
import { noPause, pathsOf, taggedFolder } from '../../taggedImages/samples.ts';

describe('The stacks of the Tags view', () => {
  it('join copies and sizes of a picture in a folder, in the order of the tree', async () => {
    await using files = await temporaryFolder({
      'a/gear.png': 'gear',
      'b/gear.png': 'gear',
      'b/sun.png': 'sun',
      'c/gear.png': 'gear!', // other bytes of the same picture
      'c/tree.png': 'tree',
    });
    await using library = await openLibrary({ root: files.path, inference: fakeInference() });
    await updateIndex(library);
    const [first, second] = [await folderOf(library, 'one'), await folderOf(library, 'two')];
    const tagged = await joinFolders([first, second], noPause);

    const order = Uint32Array.of(3, 2, 0, 1, 4, 5);
    assert.deepEqual(await shown(tagged, order, 10), {
      stacks: [['c/gear.png', 'a/gear.png', 'b/gear.png'], ['b/sun.png'], ['c/tree.png'], ['a/gear.png']],
      left: 0,
    });
    // An image that is left may belong to a stack that is shown.
    assert.deepEqual(await shown(tagged, order, 1), { stacks: [['c/gear.png', 'a/gear.png', 'b/gear.png']], left: 3 });
    assert.deepEqual(await shown(tagged, new Uint32Array(), 10), { stacks: [], left: 0 });
  });
});

async function folderOf(library: Library, key: string): Promise<StackedFolder> {
  const images = [];
  for await (const page of listImages(library))
    images.push(...page.map((image) => ({ ...image, tags: [], maybe: [] })));
  return { ...taggedFolder({ key, images }), folder: { withLibrary: (work) => work(library) } };
}

async function shown(tagged: TaggedImages<StackedFolder>, order: Uint32Array, limit: number): Promise<object> {
  const { stacks, left } = await stackMembers(tagged, order, limit, noPause);
  return { stacks: stacks.map((positions) => pathsOf(tagged, positions)), left };
}
