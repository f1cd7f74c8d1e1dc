import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import type { Thumbnail, ThumbnailBox } from '../../src/clip/index.ts';
import { bundledInference } from './bundledModel.ts';

const tile: ThumbnailBox = { width: 512, height: 512, background: 'any', bytes: 64 * 1024 };
const detail: ThumbnailBox = { width: 2048, height: 2048, background: 'any', bytes: 2 * 2 ** 20 };

/** A picture of noise, which no encoder compresses well. */
function noise(width: number, height: number, seed: number): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    data[i] = seed >> 16;
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

const hashOf = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');
const same = (a: Thumbnail, b: Thumbnail): void => {
  assert.deepEqual({ ...a, bytes: Buffer.from(a.bytes) }, { ...b, bytes: Buffer.from(b.bytes) });
};

describe('cached thumbnails', function () {
  this.timeout(60_000);
  let scratch: string;
  let file: string;
  let cacheFolder: string;
  let red: Buffer;
  let blue: Buffer;
  const source = (hash?: string) => ({ kind: 'file', path: file, hash }) as const;

  before(async () => {
    const filled = (background: string): Promise<Buffer> =>
      sharp({ create: { width: 40, height: 30, channels: 3, background } })
        .png()
        .toBuffer();
    red = await filled('#f00');
    blue = await filled('#00f');
  });
  beforeEach(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'assetlens-cache-'));
    file = path.join(scratch, 'image.png');
    cacheFolder = path.join(scratch, 'thumbnails');
    await writeFile(file, red);
  });
  afterEach(() => rm(scratch, { recursive: true, force: true }));

  it('are found by the hash of the file while the process runs, without the file', async () => {
    await using inference = await bundledInference();
    const made = await inference.thumbnail(source(), tile);
    await rm(file);
    same(await inference.thumbnail(source(hashOf(red)), tile), made);
    await assert.rejects(inference.thumbnail(source(hashOf(red)), detail), /cannot be read/);
    await assert.rejects(inference.thumbnail(source(), tile), /cannot be read/);
  });

  it('are found by another process that uses the same folder, without the file', async () => {
    const options = { thumbnailFolder: { folder: cacheFolder } };
    let made: Thumbnail;
    {
      await using inference = await bundledInference(options);
      made = await inference.thumbnail(source(hashOf(red)), tile);
    }
    await rm(file);
    await using other = await bundledInference(options);
    same(await other.thumbnail(source(hashOf(red)), tile), made);
    await using without = await bundledInference();
    await assert.rejects(without.thumbnail(source(hashOf(red)), tile), /cannot be read/);
  });

  it('belong to the content: an old hash finds the old picture, and no hash finds the picture of the file', async () => {
    await using inference = await bundledInference({ thumbnailFolder: { folder: cacheFolder } });
    const colour = async (thumbnail: Thumbnail): Promise<string> => {
      const { channels } = await sharp(thumbnail.bytes).stats();
      return (channels[0]?.mean ?? 0) > 200 ? 'red' : 'blue';
    };
    await writeFile(file, blue);
    assert.equal(await colour(await inference.thumbnail(source(hashOf(red)), tile)), 'blue'); // the old picture is not cached yet
    await writeFile(file, red);
    assert.equal(await colour(await inference.thumbnail(source(), tile)), 'red');
    assert.equal(await colour(await inference.thumbnail(source(hashOf(blue)), tile)), 'blue');
    assert.equal(await colour(await inference.thumbnail(source(hashOf(red)), tile)), 'red');
    assert.equal((await readdir(cacheFolder, { recursive: true })).filter((name) => name.endsWith('.webp')).length, 2);
  });

  it('are made without the folder if it cannot be used, and the log has one line about it', async () => {
    const lines: string[] = [];
    await using inference = await bundledInference({
      thumbnailFolder: { folder: path.join(file, 'no folder') },
      log: (line) => lines.push(line),
    });
    for (const box of [tile, detail]) assert.ok((await inference.thumbnail(source(), box)).bytes.length > 0);
    await writeFile(file, blue);
    assert.ok((await inference.thumbnail(source(), tile)).bytes.length > 0);
    assert.equal(lines.filter((line) => line.includes('Thumbnails cannot be stored')).length, 1);
  });

  it('are as large as their box: a tile of 64 KB, a picture of 2048 pixels in 2 MB', async () => {
    await using inference = await bundledInference();
    const photo = await sharp(await noise(700, 500, 1))
      .resize(3000, 2000, { kernel: 'cubic' })
      .jpeg()
      .toBuffer();
    await writeFile(file, photo);
    const small = await inference.thumbnail(source(), tile);
    assert.deepEqual([small.width, small.height], [512, 341]);
    assert.ok(small.bytes.length > 36 * 1024 && small.bytes.length <= 64 * 1024, String(small.bytes.length));
    const large = await inference.thumbnail(source(), detail);
    assert.deepEqual([large.width, large.height], [2048, 1365]);
    assert.ok(large.bytes.length <= 2 * 2 ** 20);
    assert.ok((await inference.thumbnail(source(), { ...tile, bytes: undefined })).bytes.length <= 36 * 1024);
    assert.equal((await stat(file)).size, small.image.bytes);
  });
});
