import assert from 'node:assert/strict';
import { framesOf } from '../../../../../../src/clip/images/formats/png/apng.ts';
import { formatFixture } from '../../testImages.ts';

/** A PNG with another chunk behind its header. The checksum of the chunk is wrong, which the reader does not check. */
function withChunk(png: Buffer, name: string, bytes: number): Buffer {
  const chunk = Buffer.alloc(12 + bytes);
  chunk.writeUInt32BE(bytes, 0);
  chunk.write(name, 4, 'latin1');
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
}

describe('The frames of an animated PNG', () => {
  it('are made when they are decoded, so that they do not repeat a colour profile in memory', () => {
    const file = withChunk(formatFixture('dispose.apng'), 'iCCP', 1_000_000);
    const before = process.memoryUsage().arrayBuffers;
    const [first, ...others] = framesOf(file, 1000);
    assert.ok(first && others.length > 0);
    assert.ok(process.memoryUsage().arrayBuffers - before < 1_900_000, 'one copy of the profile');
    assert.ok(first.bytes().length > 1_000_000);
  });

  it('are ignored if they share too many bytes', () => {
    assert.deepEqual(framesOf(withChunk(formatFixture('dispose.apng'), 'iCCP', 5_000_000), 1000), []);
  });
});
