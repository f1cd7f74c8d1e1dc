import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openCheckpoint } from '../../../../src/clip/checkpoint/checkpoint.ts';
import { EMBEDDING_VERSION } from '../../../../src/clip/base/embeddingVersion.ts';
import { convertCheckpoint } from '../../../../src/clip/checkpoint/convert.ts';
import { embeddingDigest } from '../../../../src/clip/checkpoint/embeddingDigest.ts';
import { UserError } from '../../../../src/base/userError.ts';

const fixtures = fileURLToPath(new URL('../../../parity/fixtures/encoders', import.meta.url));

describe('converting a checkpoint', () => {
  let root: string;
  let checkpoint: string;
  let out: string;
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'assetlens-convert-'));
    checkpoint = path.join(root, 'my-clip');
    out = path.join(root, 'models', 'converted');
    await cp(path.join(fixtures, 'transformers-quickgelu'), checkpoint, { recursive: true });
    await rm(path.join(checkpoint, 'expected.safetensors'));
  });
  afterEach(() => rm(root, { recursive: true }));

  const refused = (message: RegExp) =>
    assert.rejects(convertCheckpoint(checkpoint, out, { precision: 'fp32' }), (error) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, message);
      return true;
    });
  const editJson = async (file: string, edit: (json: Record<string, unknown>) => void): Promise<void> => {
    const name = path.join(checkpoint, file);
    const json = JSON.parse(await readFile(name, 'utf8')) as Record<string, unknown>;
    edit(json);
    await writeFile(name, JSON.stringify(json));
  };

  it('writes a model folder with a complete manifest', async () => {
    await writeFile(path.join(checkpoint, 'README.md'), '---\nlicense: mit\n---\n# My CLIP\n');
    await writeFile(path.join(checkpoint, 'calibration.json'), '{}');
    const fractions: number[] = [];
    const model = await convertCheckpoint(checkpoint, out, {
      precision: 'fp16',
      onProgress: (fraction) => fractions.push(fraction),
    });
    const { id, ...manifest } = model.manifest;
    assert.match(id, /^my-clip-[0-9a-f]{12}-fp16$/);
    assert.deepEqual(manifest, {
      formatVersion: 2,
      name: 'my-clip',
      licence: 'mit',
      precision: 'fp16',
      embeddingSize: 16,
      logitScale: Math.exp(3),
      image: { graph: 'visual.onnx', size: 32, resize: 'shortest', interpolation: 'bicubic', background: 'contrast' },
      dense: { graph: 'dense.onnx', gradient: 'gradient.onnx', onlyPhotos: false },
      text: {
        graph: 'textual.onnx',
        tokenizer: 'tokenizer.json',
        contextLength: 12,
        startToken: 198,
        endToken: 199,
        padToken: 199,
      },
      calibration: 'calibration.json',
    });
    assert.deepEqual((await readdir(out)).sort(), [
      'calibration.json',
      'dense.onnx',
      'gradient.onnx',
      'manifest.json',
      'textual.onnx',
      'tokenizer.json',
      'visual.onnx',
      'visual.onnx.data',
    ]);
    assert.deepEqual(
      fractions,
      fractions.toSorted((a, b) => a - b),
    );
    assert.equal(fractions.at(-1), 1);
    assert.deepEqual(await readdir(path.dirname(out)), ['converted'], 'no temporary folder remains');
  });

  it('changes the id of the embedding space with precision, weights and pre-processing', async () => {
    const convert = async (precision: 'fp32' | 'int8') =>
      (await convertCheckpoint(checkpoint, out, { precision })).manifest.id;
    const first = await convert('fp32');
    assert.equal(await convert('fp32'), first);
    const ids = new Set([first, await convert('int8')]);
    await editJson('preprocessor_config.json', (json) => (json['image_mean'] = [0.5, 0.5, 0.5]));
    ids.add(await convert('fp32'));
    const weights = path.join(checkpoint, 'model.safetensors');
    const bytes = await readFile(weights);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 4) ^ 1, bytes.length - 4);
    await writeFile(weights, bytes);
    ids.add(await convert('fp32'));
    assert.equal(ids.size, 4);
  });

  it('changes the id of the embedding space with EMBEDDING_VERSION', async () => {
    const opened = await openCheckpoint(checkpoint);
    const { manifest } = await convertCheckpoint(checkpoint, out, { precision: 'fp32' });
    const tokenizerFile = path.join(checkpoint, 'tokenizer.json');
    const digestOf = (version: number) =>
      embeddingDigest(opened, { version, tokenizerFile, tokenSettings: manifest.text });
    const digest = await digestOf(EMBEDDING_VERSION);
    assert.equal(manifest.id, `my-clip-${digest.slice(0, 12)}-fp32`);
    assert.notEqual(await digestOf(EMBEDDING_VERSION + 1), digest);
  });

  it('keeps an earlier model when it fails or is aborted', async () => {
    await convertCheckpoint(checkpoint, out, { precision: 'fp32' });
    const before = await readFile(path.join(out, 'manifest.json'), 'utf8');
    const controller = new AbortController();
    const halfway = (fraction: number): void => {
      if (fraction > 0.5) controller.abort(new Error('enough'));
    };
    const { signal } = controller;
    const aborted = convertCheckpoint(checkpoint, out, { precision: 'int8', onProgress: halfway, signal });
    await assert.rejects(aborted, /enough/);
    assert.equal(await readFile(path.join(out, 'manifest.json'), 'utf8'), before);
    assert.deepEqual(await readdir(path.dirname(out)), ['converted']);
  });

  it('does not overwrite a folder with other files', async () => {
    await mkdir(out, { recursive: true });
    await writeFile(path.join(out, 'thesis.txt'), 'mine');
    await refused(/contains other files \(thesis.txt\)/);
    assert.equal(await readFile(path.join(out, 'thesis.txt'), 'utf8'), 'mine');
  });

  it('fills an empty folder, and replaces a model only if this is allowed', async () => {
    const only = (replace: boolean) => convertCheckpoint(checkpoint, out, { precision: 'fp32', replace });
    await mkdir(out, { recursive: true });
    await only(false);
    await assert.rejects(only(false), { name: 'UserError', message: /already contains a model\. Pass --force/ });
    await only(true);
    await rm(path.join(out, 'manifest.json')); // the folder is no longer a model folder
    await assert.rejects(only(true), { name: 'UserError', message: /contains other files \(/ });
  });

  it('reports that the folder does not exist', async () => {
    await rm(checkpoint, { recursive: true });
    await refused(/my-clip cannot be read \(ENOENT/);
  });

  it('explains how to convert pickled weights', async () => {
    await rm(path.join(checkpoint, 'model.safetensors'));
    await writeFile(path.join(checkpoint, 'pytorch_model.bin'), '');
    await refused(/Python pickle \(pytorch_model.bin\).*save_file/);
  });

  it('reports that there is no file with weights, or more than one', async () => {
    await rm(path.join(checkpoint, 'model.safetensors'));
    await refused(/contains no .safetensors file/);
    await writeFile(path.join(checkpoint, 'a.safetensors'), '');
    await writeFile(path.join(checkpoint, 'b.safetensors'), '');
    await refused(/several .safetensors files/);
  });

  it('reports that the weights are truncated', async () => {
    await truncate(path.join(checkpoint, 'model.safetensors'), 100_000);
    await refused(/it is truncated/);
  });

  it('reports that a configuration is missing or damaged', async () => {
    await writeFile(path.join(checkpoint, 'config.json'), '{');
    await refused(/config.json cannot be read as JSON/);
    await rm(path.join(checkpoint, 'config.json'));
    await refused(/has no config.json/);
  });

  it('lists missing tensors, extra tensors and tensors with a wrong shape', async () => {
    await editJson('config.json', (json) => {
      const vision = json['vision_config'] as Record<string, unknown>;
      vision['num_hidden_layers'] = 3;
      vision['intermediate_size'] = 65;
      const text = json['text_config'] as Record<string, unknown>;
      text['num_hidden_layers'] = 1;
    });
    await refused(
      /Missing tensors: vision_model\.encoder\.layers\.2\.[^]*and \d+ more\. Wrong shapes: [^]*fc1\.weight has shape \[64, 32\] instead of \[65, 32\][^]*Unexpected tensors: text_model\.encoder\.layers\.1\./,
    );
  });

  const sizes: readonly (readonly ['vision_config' | 'text_config', string, number, RegExp])[] = [
    ['vision_config', 'num_attention_heads', 3, /vision\.heads is 3, but must be a divisor of the width 32/],
    ['vision_config', 'patch_size', 64, /vision\.patchSize is 64, but must be at most the image size 32/],
    ['text_config', 'num_attention_heads', 5, /text\.heads is 5, but must be a divisor of the width/],
    ['text_config', 'num_hidden_layers', 1e9, /text\.layers is 1000000000, but must be at most 1000/],
    ['text_config', 'max_position_embeddings', 2, /text\.contextLength is 2, but must be at least 3/],
    [
      'text_config',
      'max_position_embeddings',
      1e6,
      /position_embedding\.weight has shape \[12, \d+\] instead of \[1000000, /,
    ],
  ];
  for (const [part, field, value, message] of sizes) {
    it(`reports a ${field} of ${value} in ${part}`, async () => {
      await editJson('config.json', (json) => ((json[part] as Record<string, unknown>)[field] = value));
      await refused(message);
    });
  }

  it('reports that the tokenizer is missing or belongs to another model', async () => {
    await editJson('tokenizer.json', (json) => {
      json['added_tokens'] = [
        { id: 49406, content: '<|startoftext|>' },
        { id: 49407, content: '<|endoftext|>' },
      ];
    });
    await refused(/does not belong to these weights: its highest token is 49407/);
    await rm(path.join(checkpoint, 'tokenizer.json'));
    await refused(/no readable tokenizer.json/);
  });
});
