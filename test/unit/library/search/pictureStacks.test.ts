import assert from 'node:assert/strict';
import { LOOK_SIDE, normalisedLook } from '../../../../src/clip/index.ts';
import { PictureStacks, type StackedPicture } from '../../../../src/library/search/pictureStacks.ts';

/** A picture of a disc at a place, in a size. */
function disc(hash: string, { x, side = 32, grey = 255 }: { x: number; side?: number; grey?: number }): StackedPicture {
  const pixels = Uint8Array.from({ length: LOOK_SIDE ** 2 }, (_, i) => {
    const [row, column] = [Math.floor(i / LOOK_SIDE), i % LOOK_SIDE];
    return Math.hypot(row - 12, column - x) < 6 ? grey : 0;
  });
  return { hash, image: { width: side, height: side }, look: { colours: [], pixels: normalisedLook(pixels) } };
}

describe('PictureStacks', () => {
  it('puts copies and sizes of a picture into one stack, in the order in which they are added', () => {
    const stacks = new PictureStacks<string>();
    const add = (name: string, picture: StackedPicture): boolean => stacks.add(name, picture);
    assert.ok(add('left 32', disc('a', { x: 6 })));
    assert.ok(add('right', disc('b', { x: 17 })));
    assert.ok(add('left 64', disc('c', { x: 6, side: 64, grey: 250 })));
    assert.ok(add('copy of right', disc('b', { x: 17 })));
    assert.ok(add('between', disc('d', { x: 9 })));
    assert.deepEqual(stacks.stacks, [['left 32', 'left 64'], ['right', 'copy of right'], ['between']]);
    assert.equal(stacks.count, 3);
  });

  it('adds only further images of known pictures if asked', () => {
    const stacks = new PictureStacks<string>();
    assert.ok(stacks.add('a', disc('a', { x: 6 })));
    assert.equal(stacks.add('b', disc('b', { x: 17 }), false), false);
    assert.equal(stacks.add('c', disc('c', { x: 6, side: 16 }), false), true);
    assert.deepEqual(stacks.stacks, [['a', 'c']]);
  });

  it('stacks only copies if a picture has no look', () => {
    const stacks = new PictureStacks<string>();
    const unknown = (hash: string): StackedPicture => ({ hash, image: { width: 8, height: 8 }, look: undefined });
    for (const [i, hash] of ['a', 'b', 'a'].entries()) stacks.add(String(i), unknown(hash));
    assert.deepEqual(stacks.stacks, [['0', '2'], ['1']]);
  });
});
