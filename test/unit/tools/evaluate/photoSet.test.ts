import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import { readPhotos } from '../../../../tools/evaluate/photoSet.ts';

const classes = [
  { synset: '02084071', name: 'dog', common: ['animal', 'dog'], labels: ['animal'], unclear: [] },
  { synset: '02121620', name: 'cat', common: ['animal', 'cat'], labels: ['animal'], unclear: [] },
  { synset: '03126707', name: 'crane', common: [], labels: [], unclear: ['tool'] },
  { synset: '02012849', name: 'crane', common: ['animal'], labels: ['animal', 'bird'], unclear: [] },
];
const photos = [
  { file: 'a.jpg', synset: '02121620' },
  { file: 'b.jpg', synset: '03126707' },
];

/** A ZIP file without compression. */
function zip(files: Readonly<Record<string, string>>): Buffer {
  const [parts, directory]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const data = Buffer.from(content);
    const common = Buffer.alloc(26); // from "version needed" to "extra field length"
    common.writeUInt16LE(20, 0);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(name.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, rest, Buffer.from(name));
    const entry = [Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), data];
    parts.push(...entry);
    offset += entry.reduce((sum, { length }) => sum + length, 0);
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, central, end]);
}

describe('The photos', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'assetlens-photos-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const lines = (values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
  const read = async (files: Readonly<Record<string, string>>) => {
    const [archive, classesFile] = [path.join(folder, 'photos.zip'), path.join(folder, 'photo-classes.jsonl')];
    await writeFile(archive, zip(files));
    await writeFile(classesFile, lines(classes));
    return readPhotos(archive, classesFile);
  };

  it('have the name and the labels of their class, and the bytes of their file', async () => {
    const { set } = await read({ 'rows.jsonl': lines(photos), 'a.jpg': 'first', 'b.jpg': 'second' });
    assert.deepEqual(
      set.pictures.map(({ name, kind, labels, unclear }) => ({ name, kind, labels, unclear })),
      [
        { name: 'cat', kind: 'photo', labels: ['animal'], unclear: [] },
        { name: 'crane', kind: 'photo', labels: [], unclear: ['tool'] },
      ],
    );
    assert.equal(Buffer.from((await set.pictures[1]?.bytes()) ?? []).toString(), 'second');
  });

  it('are named among the distinct names of all classes', async () => {
    const { names } = await read({ 'rows.jsonl': lines(photos), 'a.jpg': '', 'b.jpg': '' });
    assert.deepEqual(names, ['cat', 'crane', 'dog']);
  });

  it('are found by the common words of their classes', async () => {
    const { common } = await read({ 'rows.jsonl': lines(photos), 'a.jpg': '', 'b.jpg': '' });
    assert.deepEqual(common, [
      { word: 'animal', photos: [0] },
      { word: 'cat', photos: [0] },
    ]);
  });

  it('are refused where the archive is incomplete or something else', async () => {
    await assert.rejects(read({ 'rows.jsonl': lines(photos), 'a.jpg': '' }), /has no file b\.jpg/);
    await assert.rejects(read({ 'a.jpg': '' }), /has no rows\.jsonl/);
    await assert.rejects(read({ 'rows.jsonl': '{"file":"a.jpg"}\n' }), /needs lines with file and synset/);
    const unknown = lines([{ file: 'a.jpg', synset: '00000000' }]);
    await assert.rejects(read({ 'rows.jsonl': unknown, 'a.jpg': '' }), /class 00000000, which .* lacks/);
    const text = path.join(folder, 'text.zip');
    await writeFile(text, 'not an archive');
    await assert.rejects(readPhotos(text, path.join(folder, 'photo-classes.jsonl')), /cannot be read as a ZIP file/);
  });
});
