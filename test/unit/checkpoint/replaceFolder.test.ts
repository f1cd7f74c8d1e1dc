import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { replaceFolder } from '../../../src/clip/checkpoint/replaceFolder.ts';

describe('a folder that is filled beside its place', () => {
  let models: string;
  beforeEach(async () => {
    models = await mkdtemp(path.join(tmpdir(), 'assetlens-replace-'));
  });
  afterEach(() => rm(models, { recursive: true }));

  const install = (name: string): Promise<void> =>
    replaceFolder(
      path.join(models, name),
      { files: new Set(['manifest.json']), marker: 'manifest.json', mayBeReplaced: false },
      (temporary) => writeFile(path.join(temporary, 'manifest.json'), '{}'),
    );

  /** What somebody who was killed leaves behind. */
  async function halfWritten(name: string, hoursAgo: number, fileHoursAgo = hoursAgo): Promise<string> {
    const folder = path.join(models, name);
    await mkdir(folder);
    const file = path.join(folder, 'visual.onnx');
    await writeFile(file, 'half');
    const at = (hours: number): number => Date.now() / 1000 - hours * 3600;
    await utimes(file, at(fileHoursAgo), at(fileHoursAgo));
    await utimes(folder, at(hoursAgo), at(hoursAgo));
    return name;
  }

  it('takes away what killed installations left, of any model, and nothing that may be in use or be missed', async () => {
    const partial = (name: string): string => `${name}.partial-${randomUUID()}`;
    await halfWritten(partial('mine'), 2);
    await halfWritten(partial('another'), 2);
    const kept = [
      await halfWritten(partial('new'), 0),
      await halfWritten(partial('long at work'), 2, 0),
      await halfWritten(`${partial('set aside')}.old`, 2),
      await halfWritten('my.partial-model', 2),
    ];
    await install('mine');
    assert.deepEqual((await readdir(models)).sort(), [...kept, 'mine'].sort());
  });

  it('keeps its own, however long it takes', async () => {
    await replaceFolder(
      path.join(models, 'slow'),
      { files: new Set(), marker: 'manifest.json', mayBeReplaced: false },
      async (temporary) => {
        await writeFile(path.join(temporary, 'manifest.json'), '{}');
        await install('other');
        assert.deepEqual(await readdir(temporary), ['manifest.json']);
      },
    );
    assert.deepEqual((await readdir(models)).sort(), ['other', 'slow']);
  });
});
