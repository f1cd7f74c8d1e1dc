import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
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
});
