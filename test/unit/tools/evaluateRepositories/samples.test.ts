import assert from 'node:assert/strict';
import { UserError } from '../../../../src/base/userError.ts';
import { bundledSamples, samplesIn } from '../../../../tools/evaluateRepositories/samples.ts';
import { temporaryFolder } from '../../library/temporaryFolder.ts';

describe('The samples of an evaluation', () => {
  it('are the subfolders of a folder, with truth from the names of files or from rows.jsonl', async () => {
    await using folder = await temporaryFolder({
      'icons/ui/ArrowLeft-fill.svg': 'a',
      'icons/note.txt': 'b',
      'sprites/1.png': 'c',
      'sprites/2.png': 'd',
      'sprites/rows.jsonl':
        '{"file": "1.png", "name": "long sword"}\n{"file": "2.png", "labels": ["shield", "weapon"]}\n',
    });
    const samples = await samplesIn(folder.path, 10);
    assert.deepEqual(
      samples.map(({ kind, images }) => [kind, images.map(({ file, name, labels }) => ({ file, name, labels }))]),
      [
        ['icons', [{ file: 'ui/ArrowLeft-fill.svg', name: 'Arrow Left', labels: null }]],
        [
          'sprites',
          [
            { file: '0/long-sword.png', name: 'long sword', labels: null },
            { file: '1/2.png', name: '', labels: ['shield', 'weapon'] },
          ],
        ],
      ],
    );
    const sword = samples[1]?.images[0] ?? assert.fail('no image');
    assert.equal(Buffer.from(await sword.read()).toString(), 'c');
    assert.equal((await samplesIn(folder.path, 1))[1]?.images.length, 1);
  });

  it('name the line of a mistake, and a folder without images', async () => {
    await using folder = await temporaryFolder({ 'a/1.png': '', 'a/rows.jsonl': '{"file": "1.png"}\n' });
    await assert.rejects(samplesIn(folder.path, 10), (error) => {
      return error instanceof UserError && error.message.includes('rows.jsonl:1');
    });
    await assert.rejects(samplesIn(folder.at('nothing'), 10), UserError);
  });

  it('include icon sets that are installed', async () => {
    const samples = await bundledSamples(20);
    assert.deepEqual(
      samples.map(({ kind, images }) => [kind, images.length]),
      [
        ['icons', 20],
        ['emoji', 20],
        ['illustrations', 20],
      ],
    );
  });
});
