import assert from 'node:assert/strict';
import sharp, { type Exif } from 'sharp';
import { readExif } from '../../../../src/clip/images/exif.ts';

async function blockOf(exif: Exif): Promise<Buffer> {
  const picture = sharp({ create: { width: 4, height: 4, channels: 3, background: 'red' } }).withExif(exif);
  return (await sharp(await picture.jpeg().toBuffer()).metadata()).exif ?? assert.fail('there is no EXIF block');
}

/** A directory of entries of type BYTE, each with a count and an offset. */
function directory(entries: readonly (readonly [tag: number, count: number, value: number])[], next: number): Buffer {
  const block = Buffer.alloc(8 + 2 + entries.length * 12 + 4);
  block.write('II*\0', 'latin1');
  block.writeUInt32LE(8, 4);
  block.writeUInt16LE(entries.length, 8);
  entries.forEach(([tag, count, value], i) => {
    const at = 10 + 12 * i;
    block.writeUInt16LE(tag, at);
    block.writeUInt16LE(1, at + 2);
    block.writeUInt32LE(count, at + 4);
    block.writeUInt32LE(value, at + 8);
  });
  block.writeUInt32LE(next, block.length - 4);
  return block;
}

describe('EXIF', () => {
  it('has the values of the camera, without the GPS coordinates', async () => {
    const block = await blockOf({
      IFD0: { Make: 'Acme ', Model: 'X1', Software: 'GIMP 3' },
      IFD2: {
        ExposureTime: '1/250',
        FNumber: '28/10',
        ISOSpeedRatings: '200',
        FocalLength: '50/1',
        DateTimeOriginal: '2024:05:01 12:30:00',
        OffsetTimeOriginal: '+02:00',
        LensModel: 'Acme 50',
      },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' },
    });
    assert.deepEqual(readExif(block), {
      make: 'Acme',
      model: 'X1',
      lens: 'Acme 50',
      takenAt: '2024-05-01T12:30:00+02:00',
      exposureSeconds: 0.004,
      aperture: 2.8,
      iso: 200,
      focalLength: 50,
      software: 'GIMP 3',
      hasPlace: true,
    });
  });

  it('has null for missing values, and is null where all are missing', async () => {
    const some = readExif(await blockOf({ IFD0: { Model: 'X1' }, IFD2: { DateTimeOriginal: 'yesterday' } }));
    assert.deepEqual([some?.model, some?.make, some?.takenAt, some?.hasPlace], ['X1', null, null, false]);
    assert.equal(readExif(await blockOf({ IFD0: { Orientation: '6' } })), null);
    assert.equal(readExif(undefined), null);
  });

  it('is null or has the remaining values where the block is truncated or damaged', async () => {
    const block = await blockOf({ IFD0: { Model: 'X1' }, IFD2: { ISOSpeedRatings: '200' } });
    for (let length = 0; length < block.length; length++) {
      const found = readExif(block.subarray(0, length));
      assert.ok(found === null || found.model === 'X1' || found.model === null || 'X1'.startsWith(found.model));
    }
    assert.equal(readExif(Buffer.from('something else')), null);
  });

  it('allocates no memory for a block that claims too many values, and ends for circular directories', () => {
    const entries = Array.from({ length: 5000 }, (_, i) => [0x9000 + i, 60_000, 8] as const);
    const before = process.memoryUsage().heapUsed;
    assert.equal(readExif(directory(entries, 0)), null);
    assert.ok(process.memoryUsage().heapUsed - before < 50 * 2 ** 20);
    assert.equal(readExif(directory([], 8)), null);
    assert.equal(readExif(directory([[0x8769, 1, 8]], 8)), null);
  });
});
