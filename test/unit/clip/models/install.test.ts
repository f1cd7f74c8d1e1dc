import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { installModel, type InstallOptions } from '../../../../src/clip/models/install.ts';
import { openModelFolder, type ModelFolder } from '../../../../src/clip/base/manifest.ts';
import { folderSource } from '../../../../src/clip/models/source.ts';
import { UserError } from '../../../../src/base/userError.ts';
import {
  editJson,
  EMBEDDING,
  laidOut,
  redeclared,
  SIZE,
  writeCheckpoint,
  writeImmich,
  writeOpenClip,
  writeTransformersJs,
  type Declared,
  type Pair,
} from '../../../models/layouts.ts';

describe('installing a model', () => {
  let root: string;
  let checkpoint: string;
  let out: string;

  before(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'assetlens modèle '));
    checkpoint = path.join(root, 'checkpoint');
    await writeCheckpoint(checkpoint);
  });
  after(() => rm(root, { recursive: true }));
  beforeEach(() => {
    out = path.join(root, 'models', 'installed');
  });
  afterEach(() => rm(path.join(root, 'models'), { recursive: true, force: true }));

  const layout = (write: (folder: string) => Promise<void>): Promise<string> => laidOut(root, write);
  const install = async (folder: string, options: Partial<InstallOptions> = {}): Promise<ModelFolder> =>
    installModel(await folderSource(folder), out, { name: 'small', replace: false, ...options });
  const refused = (folder: string, message: RegExp, options: Partial<InstallOptions> = {}): Promise<void> =>
    assert.rejects(install(folder, options), (error) => {
      assert.ok(error instanceof UserError, String(error instanceof Error ? error.stack : error));
      assert.match(error.message, message);
      return true;
    });
  it('of open_clip without a configuration uses the pre-processing of openai/CLIP', async () => {
    const folder = await layout((where) => writeOpenClip(checkpoint, where));
    await rm(path.join(folder, 'ViT-small/open_clip_config.json'));
    const { manifest } = await install(folder);
    assert.deepEqual(
      manifest.image.tensors?.type === 'float32' && manifest.image.tensors.mean,
      [0.48145466, 0.4578275, 0.40821073],
    );
  });

  it('changes the id of the embedding space with weights, pre-processing and tokenizer', async () => {
    const ids = new Set<string>();
    const folder = await layout((where) => writeTransformersJs(checkpoint, where));
    const add = async () => ids.add((await install(folder, { replace: true })).manifest.id);
    await add();
    await add();
    assert.equal(ids.size, 1);
    await editJson(path.join(folder, 'preprocessor_config.json'), (json) => (json['image_mean'] = [0, 0, 0]));
    await add();
    await editJson(path.join(folder, 'tokenizer.json'), (json) => (json['version'] = 'another'));
    await add();
    const graph = path.join(folder, 'onnx/text_model.onnx');
    const bytes = await readFile(graph);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 4) ^ 1, bytes.length - 4);
    await writeFile(graph, bytes);
    await add();
    assert.equal(ids.size, 4);
  });

  it('replaces a model only if this is allowed and the new model passes its test', async () => {
    const folder = await layout((where) => writeImmich(checkpoint, where, 'fixed'));
    await install(folder);
    await refused(folder, /already contains a model/);
    const check = () => Promise.reject(new UserError('it does not work'));
    await refused(folder, /it does not work/, { replace: true, check });
    await openModelFolder(out);
    assert.deepEqual(await readdir(path.dirname(out)), ['installed'], 'no temporary folder remains');
  });

  it('refuses a folder with pipes or endless files instead of waiting for them', async function () {
    if (process.platform === 'win32') this.skip();
    for (const name of [
      'config.json',
      'tokenizer.json',
      'model.safetensors',
      'preprocessor_config.json',
      'README.md',
    ]) {
      const folder = await layout((where) => cp(checkpoint, where, { recursive: true }));
      await rm(path.join(folder, name));
      execFileSync('mkfifo', [path.join(folder, name)]);
      await refused(folder, /is not a file\. Remove it, or use another folder/);
      await rm(path.join(folder, name));
      await symlink('/dev/zero', path.join(folder, name));
      await refused(folder, /is not a file\. Remove it, or use another folder/);
    }
  });

  it('refuses settings that are nested too deep, and does not quote them', async () => {
    for (const name of ['config.json', 'tokenizer.json', 'preprocessor_config.json']) {
      const folder = await layout((where) => cp(checkpoint, where, { recursive: true }));
      await writeFile(path.join(folder, name), '{"secret":'.repeat(50_000));
      await assert.rejects(
        install(folder),
        ({ message }: Error) => message.includes('nested deeper') && !message.includes('secret'),
      );
      await writeFile(path.join(folder, name), 'root:secret');
      await assert.rejects(
        install(folder),
        ({ message }: Error) => message.includes('not valid JSON') && !message.includes('secret'),
      );
    }
  });

  describe('refuses', () => {
    const transformersJs = (change: (pair: Pair) => Pair) =>
      layout((folder) => writeTransformersJs(checkpoint, folder, change));
    const embedding: Declared = { name: 'image_embeds', type: 'float32', shape: ['N', EMBEDDING] };
    const image = (type: Declared['type'], shape: Declared['shape']) =>
      transformersJs(({ visual, textual }) => ({
        visual: redeclared(visual, { name: 'x', type, shape }, embedding),
        textual,
      }));
    const text = (type: Declared['type'], shape: Declared['shape']) =>
      transformersJs(({ visual, textual }) => ({ visual, textual: redeclared(textual, { name: 'x', type, shape }) }));

    it('images of another type or shape', async () => {
      await refused(
        await image('float16', ['N', 3, SIZE, SIZE]),
        /not an image encoder with the input.*x: float16 \[\?, 3, 32, 32\]/,
      );
      await refused(await image('float32', ['N', SIZE, SIZE, 3]), /not an image encoder with the input/);
      await refused(await image('float32', [3, SIZE, SIZE]), /not an image encoder with the input/);
      await refused(await image('float32', [4, 3, SIZE, SIZE]), /requires a batch size of 4/);
    });

    it('texts of another type or shape', async () => {
      await refused(await text('float32', ['N', 'T']), /not a text encoder with token ids/);
      await refused(await text('int64', ['N', 'T', 1]), /not a text encoder with token ids/);
    });

    it('graphs without an embedding, or with one of another type', async () => {
      const output = (declared: Declared) =>
        transformersJs(({ visual, textual }) => ({
          visual: redeclared(visual, { name: 'x', type: 'float32', shape: ['N', 3, SIZE, SIZE] }, declared),
          textual,
        }));
      await refused(
        await output({ name: 'y', type: 'float16', shape: ['N', EMBEDDING] }),
        /embedding, float32.*y: float16/,
      );
      await refused(await output({ name: 'y', type: 'float32', shape: ['N', 17, EMBEDDING] }), /embedding, float32/);
    });

    it('graphs whose sizes differ from their configuration', async () => {
      await refused(await image('float32', ['N', 3, 64, 64]), /scales images to 32 .* but the encoder takes 64/);
      await refused(await text('int64', ['N', 9]), /different context length: 9, 16/);
      const folder = await layout((where) => writeImmich(checkpoint, where, 'fixed'));
      await editJson(path.join(folder, 'config.json'), (json) => (json['embed_dim'] = 7));
      await refused(folder, /different embedding size: 24, 7/);
      await editJson(path.join(folder, 'visual/preprocess_cfg.json'), (json) => (json['size'] = [48, 48]));
      await refused(folder, /scales images to 48 × 48, but the image size in .* is 32/);
    });

    it('models of another kind', async () => {
      const folder = await layout((where) => writeTransformersJs(checkpoint, where));
      await editJson(path.join(folder, 'config.json'), (json) => (json['model_type'] = 'siglip2'));
      await refused(folder, /a model of type "siglip2"/);
    });

    it('a SigLIP whose files do not describe how texts are tokenized', async () => {
      const folder = await layout((where) => writeImmich(checkpoint, where, 'fixed'));
      await editJson(path.join(folder, 'config.json'), (json) => (json['init_logit_bias'] = -10));
      await refused(folder, /config.json describes a SigLIP in an unsupported layout/);
    });

    it('encoders of a CLIP without their projections', async () => {
      const pooled: Declared = { name: 'pooler_output', type: 'float32', shape: ['N', EMBEDDING] };
      const pixels: Declared = { name: 'pixel_values', type: 'float32', shape: ['N', 3, SIZE, SIZE] };
      const folder = await transformersJs(({ visual, textual }) => ({
        visual: redeclared(visual, pixels, pooled),
        textual,
      }));
      await refused(folder, /"pooler_output", which is not projected into the embedding space of CLIP/);
    });

    it('an unsupported tokenizer', async () => {
      const folder = await layout((where) => writeTransformersJs(checkpoint, where));
      await editJson(path.join(folder, 'tokenizer.json'), (json) => (json['model'] = { type: 'Unigram', vocab: [] }));
      await refused(folder, /tokenizer/);
    });

    it('truncated graphs, and files that are not graphs', async () => {
      const folder = await layout((where) => writeTransformersJs(checkpoint, where));
      const graph = path.join(folder, 'onnx/vision_model.onnx');
      await truncate(graph, (await stat(graph)).size - 1);
      await refused(folder, /not an ONNX model, or it is truncated/);
      await writeFile(graph, 'version https://git-lfs.github.com/spec/v1\n');
      await refused(folder, /not an ONNX model, or it is truncated/);
      await writeFile(graph, '');
      await refused(folder, /not an ONNX model, or it is truncated/);
    });

    it('weights that are missing beside their graph', async () => {
      const folder = await layout((where) => writeImmich(checkpoint, where, 'recent'));
      await rm(path.join(folder, 'visual/model.onnx.data'));
      await refused(folder, /has weights in "model.onnx.data", which is not a file in the same folder/);
    });

    it('folders without a model, with several models, and with pickles only', async () => {
      const folder = await layout((where) => writeOpenClip(checkpoint, where));
      await cp(path.join(folder, 'ViT-small'), path.join(folder, 'ViT-other'), { recursive: true });
      await refused(
        folder,
        /several models.*--folder: ViT-other, ViT-small|several models.*--folder: ViT-small, ViT-other/,
      );
      assert.ok(await install(folder, { folder: 'ViT-other' }));
      await refused(await layout(() => Promise.resolve()), /contains no CLIP model in a supported layout/);
      await refused(
        await layout((where) => writeFile(path.join(where, 'pytorch_model.bin'), '')),
        /only as a Python pickle/,
      );
      await refused(path.join(root, 'nowhere'), /cannot be read.*Check its path/);
    });

    it('precisions that the source does not have', async () => {
      const folder = await layout((where) => writeTransformersJs(checkpoint, where));
      await refused(folder, /has no supported graphs in int8. Choose fp32 or fp16/, { precision: 'int8' });
    });
  });
});
