import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import type { Thumbnail } from '../../../../../src/clip/index.ts';
import {
  removeOldest,
  thumbnailFolder,
  type ThumbnailFolder,
} from '../../../../../src/clip/runtime/thumbnails/thumbnailFolder.ts';

const MEGABYTE = 2 ** 20;
/** What a small file takes on the disk. */
const BLOCK = 4096;
const keyOf = (digit: string): string => `${digit.repeat(64)}-9x9-1024-any-1`;

describe('thumbnails on the disk', () => {
  let scratch: string;
  let folder: string;
  let picture: Thumbnail;
  const open = (bytes = MEGABYTE): ThumbnailFolder =>
    thumbnailFolder({ folder, bytes, onUnwritable: (reason) => assert.fail(reason) });
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

  it('are there for another process as they were kept, and are WebP files', async () => {
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

  it('are not there when their file is damaged, and are put in its place', async () => {
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

  it('are made without being kept where the folder cannot be written, which is said once', async () => {
    await writeFile(path.join(scratch, 'a file'), '');
    const reasons: string[] = [];
    const hopeless = thumbnailFolder({
      folder: path.join(scratch, 'a file/thumbnails'),
      bytes: MEGABYTE,
      onUnwritable: (reason) => reasons.push(reason),
    });
    assert.equal(await hopeless.get(keyOf('a')), undefined);
    await hopeless.put(keyOf('a'), picture);
    await hopeless.put(keyOf('b'), picture);
    assert.equal(await hopeless.get(keyOf('a')), undefined);
    assert.equal(reasons.length, 1);
    assert.match(reasons[0] ?? '', /ENOTDIR|ENOENT/);
  });

  it('are whole when several processes put the same one at once, and leave nothing behind', async () => {
    await Promise.all(Array.from({ length: 20 }, () => open().put(keyOf('a'), picture)));
    assert.ok(await open().get(keyOf('a')));
    assert.ok((await only()).endsWith('.webp'));
  });

  it('make room: what was used longest ago goes first, and what was never finished', async () => {
    const day = 24 * 60 * 60;
    const now = Date.now() / 1000;
    const all = open();
    for (const [i, digit] of ['a', 'b', 'c', 'd'].entries()) {
      await all.put(keyOf(digit), picture);
      const file = (await files()).find((it) => path.basename(it).startsWith(digit)) ?? assert.fail();
      await utimes(file, now - (10 - i) * day, now - (10 - i) * day);
    }
    assert.ok(await all.get(keyOf('a'))); // the oldest, but now it was used
    const [one] = await files();
    const half = path.join(path.dirname(one ?? ''), 'half.tmp');
    const beingWritten = path.join(path.dirname(one ?? ''), 'new.tmp');
    await writeFile(half, 'x');
    await utimes(half, now - day, now - day);
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

  it('stay within their limit while more and more are kept', async () => {
    const limit = 20 * BLOCK;
    const small = open(limit);
    for (let i = 0; i < 100; i++) {
      await small.put(`${i.toString(16).padStart(64, '0')}-9x9-1024-any-1`, picture);
      await new Promise((done) => setTimeout(done, 2)); // room is made behind the back of whoever puts
    }
    const end = Date.now() + 10_000;
    for (;;) {
      const total = (await files()).length * BLOCK;
      if (total > 0 && total <= limit) return;
      assert.ok(Date.now() < end, `${total} bytes are over the limit of ${limit}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  });

  it('can be looked at where the folder is only read', async () => {
    await open().put(keyOf('a'), picture);
    await chmod(path.dirname(await only()), 0o555);
    assert.ok(await open().get(keyOf('a')));
    await chmod(path.dirname(await only()), 0o755);
  });
});
