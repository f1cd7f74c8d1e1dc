import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { openCorpus } from '../../../../tools/evaluate/corpus.ts';

const row = (set: string, name: string, split: string, kind = 'icon') => ({ set, id: name, name, kind, split });
const truth = (index: number, question: string | null) => ({
  ...{ row: index, question, labels: ['animal'], unclear: [], noun: true, synonyms: [] },
});

const rows = [
  row('lucide', 'brown bear', 'train'),
  row('manuals', 'print dialog', 'train', 'screenshot'),
  row('bi', 'cat', 'eval'),
  row('cdda-retrodays', 'wolf', 'eval', 'sprite'),
  row('cdda-retrodays', 'strange thing', 'eval', 'sprite'),
];
const truths = [truth(2, 'style'), truth(3, 'tiles'), truth(4, null)];

describe('The training corpus', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'assetlens-corpus-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const write = async (side: number, written: { readonly truths?: readonly unknown[] } = {}): Promise<void> => {
    const lines = (values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join('');
    await writeFile(path.join(folder, 'rows.jsonl'), lines(rows));
    await writeFile(path.join(folder, 'truth.jsonl'), lines(written.truths ?? truths));
    const pictures = rows.map((_, i) => Buffer.alloc(side * side * 4, 50 * i));
    await writeFile(path.join(folder, 'images.u8'), Buffer.concat(pictures));
  };

  it('has the held-out styles and, apart from them, the names of the held-out tile sets that are asked', async () => {
    await write(64);
    await using corpus = await openCorpus(folder);
    const names = (sets: typeof corpus.styles) => sets.map((set) => [set.name, set.pictures.map(({ name }) => name)]);
    assert.deepEqual(names(corpus.styles), [['bi', ['cat']]]);
    assert.deepEqual(names(corpus.tileSets), [['cdda-retrodays', ['wolf']]]);
    assert.deepEqual(corpus.tileSets[0]?.pictures[0]?.labels, ['animal']);
  });

  it('has training pictures of the kinds that no held-out set has', async () => {
    await write(64);
    await using corpus = await openCorpus(folder);
    assert.deepEqual(
      corpus.trainingKinds.map(({ name, pictures }) => [name, pictures.length]),
      [['screenshot', 1]],
    );
    assert.deepEqual([...corpus.trainingWords].filter(Boolean).sort(), ['bear', 'brown', 'dialog', 'print']);
  });

  for (const side of [64, 96]) {
    it(`reads pictures of ${side} pixels`, async () => {
      await write(side);
      await using corpus = await openCorpus(folder);
      const bytes = await corpus.tileSets[0]?.pictures[0]?.bytes();
      const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
      assert.deepEqual([info.width, info.height, info.channels], [side, side, 4]);
      assert.deepEqual([...new Set(data)], [150]);
    });
  }

  it('is refused where its files do not belong together', async () => {
    await write(64, { truths: truths.slice(1) });
    await assert.rejects(openCorpus(folder), /truth\.jsonl has no entry for row 2\. Run .*card\.py again/);
    await write(64, { truths: [{ row: 2, labels: [] }] });
    await assert.rejects(openCorpus(folder), /Line 1 of .*truth\.jsonl does not fit[^]*Run .*card\.py again/);
    await write(64);
    await writeFile(path.join(folder, 'images.u8'), Buffer.alloc(1000));
    await assert.rejects(openCorpus(folder), /images\.u8 has 1000 bytes.* 5 squares/);
    await rm(path.join(folder, 'truth.jsonl'));
    await assert.rejects(openCorpus(folder), /No truth\.jsonl in .*run .*card\.py/);
  });
});
