import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openModelFolder } from '../../../../src/clip/base/manifest.ts';

const good = {
  formatVersion: 2,
  id: 'tiny-1',
  name: 'tiny',
  licence: null,
  precision: 'fp32',
  embeddingSize: 8,
  logitScale: 20,
  image: { graph: 'visual.onnx', size: 64, resize: 'longest', interpolation: 'area', background: 'contrast' },
  text: {
    graph: 'textual.onnx',
    tokenizer: 'tokenizer.json',
    contextLength: 32,
    startToken: 1,
    endToken: 2,
    padToken: 0,
  },
  calibration: null,
};

describe('a model folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'model '));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const write = (content: unknown): Promise<void> =>
    writeFile(path.join(folder, 'manifest.json'), typeof content === 'string' ? content : JSON.stringify(content));

  it('has a validated manifest when it is open', async () => {
    await write(good);
    assert.deepEqual((await openModelFolder(folder)).manifest, good);
  });

  it('without a manifest is refused with instructions', async () => {
    await assert.rejects(openModelFolder(folder), /No model in .*assetlens convert/s);
  });

  it('is refused if its manifest is damaged', async () => {
    await write('{"formatVersion": 1,');
    await assert.rejects(openModelFolder(folder), { name: 'UserError', message: /damaged/ });
  });

  it('of another version or with an invalid value is refused, and the error names the value', async () => {
    await write({ ...good, formatVersion: 3 });
    await assert.rejects(openModelFolder(folder), /formatVersion/);
    await write({ ...good, image: { ...good.image, size: -3 } });
    await assert.rejects(openModelFolder(folder), /image\.size/);
  });

  const fileFields = (file: string): unknown[] => [
    { ...good, image: { ...good.image, graph: file } },
    { ...good, text: { ...good.text, graph: file } },
    { ...good, text: { ...good.text, tokenizer: file } },
    { ...good, dense: { graph: file, gradient: null } },
    { ...good, dense: { graph: 'dense.onnx', gradient: file } },
    { ...good, calibration: file },
  ];
  const refusesAll = async (file: string, message: RegExp): Promise<void> => {
    for (const manifest of fileFields(file)) {
      await write(manifest);
      await assert.rejects(openModelFolder(folder), (error: Error) => {
        assert.equal(error.name, 'UserError');
        assert.match(error.message, message);
        assert.ok(!/passwd|secret/.test(error.message), 'the message quotes the manifest');
        return true;
      });
    }
  };

  it('is refused if its manifest names a file outside the folder', async () => {
    const outside = [
      '/etc/passwd',
      '../secret',
      'a/../../secret',
      'C:/secret',
      '..\\secret',
      '\\\\secret\\a',
      './secret',
      '',
      'a//secret',
    ];
    for (const file of outside) await refusesAll(file, /is not a path inside the folder of the model/);
  });

  it('is refused if a file is a link that leads out of the folder, or no file', async function () {
    if (process.platform === 'win32') this.skip();
    await symlink('/etc/passwd', path.join(folder, 'link'));
    await refusesAll('link', /has a link that leads out of its folder/);
    await symlink('/etc', path.join(folder, 'etc'));
    await refusesAll('etc/passwd', /has a link that leads out of its folder/);
    await mkdir(path.join(folder, 'sub'));
    await refusesAll('sub', /names something that is not a file/);
    execFileSync('mkfifo', [path.join(folder, 'pipe')]);
    await refusesAll('pipe', /names something that is not a file/);
    await writeFile(path.join(folder, 'sub/file'), '');
    await symlink('sub/file', path.join(folder, 'inside'));
    await write(fileFields('inside')[0]);
    await openModelFolder(folder);
  });

  it('is refused if the manifest itself is a pipe, too large or nested too deep', async function () {
    await write(`{"a": ${'['.repeat(200)}${']'.repeat(200)}}`);
    await assert.rejects(openModelFolder(folder), /nested deeper than 100 levels/);
    await write(' '.repeat(1_000_001));
    await assert.rejects(openModelFolder(folder), /exceeds the limit of 1 MB/);
    if (process.platform === 'win32') this.skip();
    await rm(path.join(folder, 'manifest.json'));
    execFileSync('mkfifo', [path.join(folder, 'manifest.json')]);
    await assert.rejects(openModelFolder(folder), /it is a pipe, not a file/);
  });
});
