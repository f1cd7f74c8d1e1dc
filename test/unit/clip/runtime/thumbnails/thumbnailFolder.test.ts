import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import type { Thumbnail } from '../../../../../src/clip/index.ts';
import { removeOldest, ThumbnailFolder } from '../../../../../src/clip/runtime/thumbnails/thumbnailFolder.ts';

const MEGABYTE = 2 ** 20;
/** Bytes of a small file on the disk. */
const BLOCK = 4096;
const keyOf = (digit: string): string => `${digit.repeat(64)}-9x9-1024-any-1`;

describe('the folder of thumbnails', () => {
  let scratch: string;
  let folder: string;
  let picture: Thumbnail;
  const open = (bytes = MEGABYTE): ThumbnailFolder =>
    new ThumbnailFolder({ folder, bytes, onUnwritable: (reason) => assert.fail(reason) });
  const files = async (): Promise<string[]> => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .sort();
  };
  const only = async (): Promise<string> => {
    const [file, ...others] = await files();
    assert.ok(file !== undefined && others.length === 0);
    return file;
  };

  before(async () => {
    const raw = { width: 9, height: 6, channels: 3 } as const;
    const bytes = await sharp(Buffer.alloc(9 * 6 * 3, 80), { raw })
      .webp()
      .toBuffer();
    picture = { bytes, width: 9, height: 6, image: { width: 90, height: 60, format: 'PNG', bytes: 1234 } };
  });
  beforeEach(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'assetlens-thumbnails-'));
    folder = path.join(scratch, 'not there yet');
  });
  afterEach(() => rm(scratch, { recursive: true, force: true }));

  it('returns what another process stored, in files that are WebP', async () => {
    assert.equal(await open().get(keyOf('a')), undefined);
    await open().put(keyOf('a'), picture);
    const found = await open().get(keyOf('a'));
    assert.deepEqual(found && { ...found, bytes: Buffer.from(found.bytes) }, picture);
    assert.equal(await open().get(keyOf('b')), undefined);
    const file = await only();
    const { width, height, format } = await sharp(file).metadata();
    assert.deepEqual([width, height, format], [9, 6, 'webp']);
    assert.match(path.basename(file), /^a{64}.*\.webp$/);
  });

  it('treats a damaged file as missing, and replaces it', async () => {
    await open().put(keyOf('a'), picture);
    const file = await only();
    const whole = await readFile(file);
    const flipped = Buffer.from(whole);
    flipped[20] = (flipped[20] ?? 0) ^ 1;
    for (const content of [
      Buffer.alloc(0),
      whole.subarray(0, 20),
      whole.subarray(0, -1),
      picture.bytes,
      Buffer.alloc(whole.length),
      flipped,
      Buffer.concat([picture.bytes, Buffer.from('{"width":9}')]),
    ]) {
      await writeFile(file, content);
      assert.equal(await open().get(keyOf('a')), undefined);
      await open().put(keyOf('a'), picture);
      assert.deepEqual(await readFile(file), whole);
    }
    await rm(file);
    await mkdir(file);
    assert.equal(await open().get(keyOf('a')), undefined);
  });

  it('reports once that it cannot be written to', async () => {
    await writeFile(path.join(scratch, 'a file'), '');
    const reasons: string[] = [];
    const unwritable = new ThumbnailFolder({
      folder: path.join(scratch, 'a file/thumbnails'),
      bytes: MEGABYTE,
      onUnwritable: (reason) => reasons.push(reason),
    });
    assert.equal(await unwritable.get(keyOf('a')), undefined);
    await unwritable.put(keyOf('a'), picture);
    await unwritable.put(keyOf('b'), picture);
    assert.equal(await unwritable.get(keyOf('a')), undefined);
    assert.equal(reasons.length, 1);
    assert.match(reasons[0] ?? '', /ENOTDIR|ENOENT/);
  });

  it('stores a thumbnail completely when several processes store it at the same time', async () => {
    await Promise.all(Array.from({ length: 20 }, () => open().put(keyOf('a'), picture)));
    assert.ok(await open().get(keyOf('a')));
    assert.ok((await only()).endsWith('.webp'));
  });

  it('removes the least recently used files and abandoned temporary files', async () => {
    const day = 24 * 60 * 60;
    const now = Date.now() / 1000;
    const all = open();
    for (const [i, digit] of ['a', 'b', 'c', 'd'].entries()) {
      await all.put(keyOf(digit), picture);
      const file = (await files()).find((it) => path.basename(it).startsWith(digit)) ?? assert.fail();
      await utimes(file, now - (10 - i) * day, now - (10 - i) * day);
    }
    assert.ok(await all.get(keyOf('a'))); // reading the oldest one makes it the newest
    const [first = ''] = await files();
    const abandoned = path.join(path.dirname(first), 'half.tmp');
    const beingWritten = path.join(path.dirname(first), 'new.tmp');
    await writeFile(abandoned, 'x');
    await utimes(abandoned, now - day, now - day);
    await writeFile(beingWritten, 'x');

    await removeOldest(folder, 4 * BLOCK);
    assert.deepEqual(
      (await files()).map((file) => path.basename(file)[0]),
      ['a', 'n', 'b', 'c', 'd'],
    );
    await removeOldest(folder, 3 * BLOCK - 1);
    assert.deepEqual(
      (await files()).map((file) => path.basename(file)[0]),
      ['a', 'n', 'd'],
    );
  });

  it('stays within its limit while thumbnails are added', async () => {
    const limit = 20 * BLOCK;
    const small = open(limit);
    for (let i = 0; i < 100; i++) {
      await small.put(`${i.toString(16).padStart(64, '0')}-9x9-1024-any-1`, picture);
      await new Promise((done) => setTimeout(done, 2)); // old files are removed in the background
    }
    const end = Date.now() + 10_000;
    for (;;) {
      const total = (await files()).length * BLOCK;
      if (total > 0 && total <= limit) return;
      assert.ok(Date.now() < end, `${total} bytes are over the limit of ${limit}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  });

  it('returns thumbnails from a folder that cannot be written to', async () => {
    await open().put(keyOf('a'), picture);
    await chmod(path.dirname(await only()), 0o555);
    assert.ok(await open().get(keyOf('a')));
    await chmod(path.dirname(await only()), 0o755);
  });
});
