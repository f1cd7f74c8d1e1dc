import assert from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import {
  convertCheckpoint,
  createInference,
  explainImage,
  UserError,
  openModelFolder,
  type Heatmap,
  type ImageSource,
  type Inference,
} from '../../src/clip/index.ts';
import { bundledInference, bundledModelFolder, hostScript } from './bundledModel.ts';

const root = path.resolve(import.meta.dirname, '../..');
const fixtures = path.join(root, 'test/parity/fixtures');
const bytes = (content: Uint8Array): ImageSource => ({ kind: 'bytes', name: 'test', bytes: content });

/** A drawing of OpenMoji. The bundled model was not trained on this style. */
async function drawing(name: string): Promise<Buffer> {
  const file = path.join(root, 'node_modules/@iconify-json/openmoji/icons.json');
  const { icons } = JSON.parse(await readFile(file, 'utf8')) as { icons: Record<string, { body: string }> };
  const body = icons[name]?.body ?? '';
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72" width="200" height="200">${body}</svg>`,
  );
}

/** A picture with a drawing in each quarter, row by row. */
async function quarters(...names: readonly string[]): Promise<ImageSource> {
  const overlays = await Promise.all(
    names.map(async (name, i) => ({ input: await drawing(name), left: 28 + 256 * (i % 2), top: 28 + 256 * (i >> 1) })),
  );
  const canvas = sharp({ create: { width: 512, height: 512, channels: 3, background: 'white' } });
  return bytes(await canvas.composite(overlays).png().toBuffer());
}

/** The quarter, 0 to 3, with the highest value of a prompt's map. */
function quarterOf({ columns, rows, values }: Heatmap, prompt: number): number {
  const map = values.subarray(prompt * columns * rows, (prompt + 1) * columns * rows);
  const at = map.indexOf(Math.max(...map));
  return 2 * Number(Math.floor(at / columns) >= rows / 2) + Number(at % columns >= columns / 2);
}

describe('heatmaps of the bundled model', function () {
  this.timeout(120_000);
  let inference: Inference;
  before(async () => {
    inference = await bundledInference();
  });
  after(() => inference[Symbol.asyncDispose]());

  it('show where objects are in a picture of several', async () => {
    const names = ['strawberry', 'guitar', 'umbrella', 'rocket'];
    const image = await quarters(...names);
    const map = await explainImage(inference, image, {
      kind: 'where',
      prompts: names.map((name) => [name, `${name} icon`]),
      imageKind: 'drawing',
    });
    assert.equal(map.method, 'slidingWindow');
    assert.equal(map.values.length, names.length * map.columns * map.rows);
    assert.deepEqual(
      names.map((_, i) => quarterOf(map, i)),
      [0, 1, 2, 3],
    );
    assert.ok(map.values.every((value) => value >= 0 && value <= 1));
    assert.equal(map.similarities.length, names.length);
  });

  it('show the causes of a similarity, and have the same similarity as search', async () => {
    const image = await quarters('rocket', 'strawberry', 'strawberry', 'strawberry');
    const map = await explainImage(inference, image, { kind: 'why', prompts: [['rocket']], imageKind: 'drawing' });
    assert.equal(quarterOf(map, 0), 0);
    const [low, high] = map.range;
    assert.equal(low, -high);
    const [[outcome], text] = await Promise.all([inference.embedImages([image]), inference.embedTexts(['rocket'])]);
    assert.ok(outcome?.ok);
    const cosine = outcome.embedding.reduce((sum, value, i) => sum + value * (text[i] ?? 0), 0);
    assert.ok(Math.abs(cosine - (map.similarities[0] ?? NaN)) < 1e-4);
  });

  it('cover the image as it is shown, whatever its shape', async () => {
    const wide = await sharp(await drawing('rocket'))
      .resize(400, 100, { fit: 'contain', background: '#fff' })
      .png()
      .toBuffer();
    const { columns, rows, area } = await explainImage(inference, bytes(wide), {
      kind: 'where',
      prompts: [['rocket']],
      imageKind: 'drawing',
    });
    assert.deepEqual([columns, rows, area], [16, 4, { left: 0, top: 0, width: 1, height: 1 }]);
  });

  it('of photos come from the dense branch, with the same similarity as search', async () => {
    const photo = bytes(await readFile(path.join(fixtures, 'preprocess/landscape.jpg')));
    const [[outcome], text] = await Promise.all([inference.embedImages([photo]), inference.embedTexts(['tree'])]);
    assert.ok(outcome?.ok);
    const cosine = outcome.embedding.reduce((sum, value, i) => sum + value * (text[i] ?? 0), 0);
    for (const [kind, method] of [
      ['where', 'denseHead'],
      ['why', 'attentionPool'],
    ] as const) {
      const map = await explainImage(inference, photo, { kind, prompts: [['tree']], imageKind: 'photo' });
      assert.equal(map.method, method);
      assert.ok(Math.abs(cosine - (map.similarities[0] ?? NaN)) < 1e-3);
    }
  });

  it('report a problem of an image as search does', async () => {
    const damaged = bytes((await readFile(path.join(fixtures, 'preprocess/landscape.jpg'))).subarray(0, 2000));
    const [outcome] = await inference.embedImages([damaged]);
    assert.ok(outcome?.ok === false);
    for (const kind of ['where', 'why'] as const) {
      await assert.rejects(
        explainImage(inference, damaged, { kind, prompts: [['a']], imageKind: 'photo' }),
        (error) => {
          assert.ok(error instanceof UserError);
          assert.equal(error.message, outcome.reason);
          return true;
        },
      );
    }
    const missing: ImageSource = { kind: 'file', path: path.join(fixtures, 'not here.png') };
    await assert.rejects(
      explainImage(inference, missing, { kind: 'where', prompts: [['a']], imageKind: 'photo' }),
      /cannot be read/,
    );
  });

  it('need a prompt', async () => {
    const image = bytes(await drawing('rocket'));
    const query = { kind: 'where', prompts: new Float32Array(), background: new Float32Array() } as const;
    await assert.rejects(inference.heatmap(image, query), UserError);
  });

  it('can be cancelled', async () => {
    const image = await quarters('cactus', 'cactus', 'cactus', 'cactus');
    const query = { kind: 'where', prompts: [['cactus']], imageKind: 'drawing' } as const;
    await explainImage(inference, bytes(await drawing('rocket')), query); // embeds the prompts
    const controller = new AbortController();
    const map = explainImage(inference, image, query, controller.signal);
    controller.abort();
    await assert.rejects(map, { name: 'AbortError' });
    assert.equal((await explainImage(inference, image, query)).method, 'slidingWindow', 'the next heatmap is made');
  });

  it('are made by the next process if one ends', async () => {
    const image = bytes(await drawing('cactus'));
    const query = { kind: 'where', prompts: [['cactus']], imageKind: 'drawing' } as const;
    const before = await explainImage(inference, image, query);
    const { processId } = await inference.describe();
    const during = explainImage(inference, await quarters('rocket', 'cactus', 'guitar', 'cactus'), query);
    process.kill(processId, 'SIGKILL');
    assert.equal((await during).method, 'slidingWindow');
    assert.deepEqual((await explainImage(inference, image, query)).values, before.values);
  });
});

describe('heatmaps of converted models', function () {
  this.timeout(120_000);
  let temporary: string;
  before(async () => {
    temporary = await mkdtemp(path.join(tmpdir(), 'assetlens-heatmap-'));
  });
  after(() => rm(temporary, { recursive: true }));

  async function mapsOf(modelFolder: string): Promise<readonly [where: Heatmap, why: Heatmap]> {
    await using inference = createInference({ model: await openModelFolder(modelFolder), hostScript });
    const { embeddingSize } = inference.model.manifest;
    const unit = (axis: number): Float32Array => new Float32Array(embeddingSize).map((_, i) => Number(i === axis));
    const image = bytes(await drawing('rocket'));
    const query = { prompts: unit(0), background: unit(1) };
    return [
      await inference.heatmap(image, { kind: 'where', ...query }),
      await inference.heatmap(image, { kind: 'why', ...query }),
    ];
  }

  for (const [checkpoint, why, cells] of [
    ['encoders/transformers-quickgelu', 'backwardPass', [4, 4]],
    ['heatmaps/open-clip-resnet-atrous', 'attentionPool', [6, 3]],
  ] as const) {
    it(`are made by the dense branch of ${checkpoint}`, async () => {
      const folder = path.join(temporary, path.basename(checkpoint));
      await convertCheckpoint(path.join(fixtures, checkpoint), folder, { precision: 'fp32' });
      const maps = await mapsOf(folder);
      assert.deepEqual(
        maps.map(({ method }) => method),
        ['denseHead', why],
      );
      assert.deepEqual(
        maps.map(({ columns }) => columns),
        cells,
      );
    });
  }

  it('are made by windows if an earlier version converted the model', async () => {
    const folder = path.join(temporary, 'earlier');
    await convertCheckpoint(path.join(fixtures, 'encoders/transformers-quickgelu'), folder, { precision: 'fp32' });
    const file = path.join(folder, 'manifest.json');
    const { dense, ...earlier } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    assert.ok(dense);
    await writeFile(file, JSON.stringify(earlier));
    await rm(path.join(folder, 'dense.onnx'));
    const maps = await mapsOf(folder);
    assert.deepEqual(
      maps.map(({ method }) => method),
      ['slidingWindow', 'slidingWindow'],
    );
  });

  it('report that the file of the dense branch is missing', async () => {
    const folder = path.join(temporary, 'lost');
    await cp(bundledModelFolder, folder, { recursive: true });
    const file = path.join(folder, 'manifest.json');
    const manifest = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    await writeFile(file, JSON.stringify({ ...manifest, dense: { graph: 'lost.onnx', gradient: null } }));
    await assert.rejects(mapsOf(folder), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /dense branch of the image encoder cannot be loaded.+Convert or install/s);
      return true;
    });
  });
});
