import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { removeLeftovers, withModelFolder } from '../../../../src/clip/models/leftovers.ts';

describe('the temporary folder of a killed installation', () => {
  let models: string;
  beforeEach(async () => {
    models = await mkdtemp(path.join(tmpdir(), 'models '));
  });
  afterEach(() => rm(models, { recursive: true }));

  const make = async (name: string): Promise<void> => {
    await mkdir(path.join(models, name));
    await writeFile(path.join(models, name, 'manifest.json'), name);
  };
  const folders = async (): Promise<string[]> => (await readdir(models)).filter((name) => name !== '.locks').sort();
  const half = (name: string): string => `${name}.partial-${randomUUID()}`;

  it('is removed, and other files are kept', async () => {
    await make('a');
    await make(half('a'));
    await make(half('b'));
    await make(`${half('a')}.old`);
    await make('c.partial-of-mine');
    await removeLeftovers(models);
    assert.deepEqual(await folders(), ['a', 'c.partial-of-mine']);
    await removeLeftovers(path.join(models, 'nowhere'));
  });

  it('stays while a model of that name is being installed', async () => {
    const [mine, other] = [half('mine'), half('other')];
    await make(mine);
    await make(other);
    await withModelFolder(path.join(models, 'mine'), () => removeLeftovers(models));
    assert.deepEqual(await folders(), [mine]);
    await removeLeftovers(models);
    assert.deepEqual(await folders(), []);
  });

  it('is renamed back if it contains the previous model', async () => {
    const moved = `${half('a')}.old`;
    await make(moved);
    await removeLeftovers(models);
    assert.deepEqual(await folders(), ['a']);
    assert.equal(await readFile(path.join(models, 'a/manifest.json'), 'utf8'), moved);
  });
});
