import assert from 'node:assert/strict';
import { modelBytes } from '../../../../src/clip/onnx/encode.ts';
import { GraphBuilder, type Value } from '../../../../src/clip/onnx/graph.ts';
import { integers, scalar } from '../../../../src/clip/onnx/tensor.ts';
import { sharp } from '../../../../src/clip/images/sharp.ts';
import { decodeOptions } from '../images/testImages.ts';
import { knownDense } from '../../../../src/clip/heatmaps/denseBranch.ts';
import { HeatmapMaker } from '../../../../src/clip/heatmaps/heatmaps.ts';
import type { HeatmapQuery } from '../../../../src/clip/heatmaps/types.ts';
import type { ImageSource } from '../../../../src/clip/images/types.ts';
import { convertedDense } from '../../../../src/clip/runtime/dense/convertedDense.ts';
import { encodePixels } from '../../../../src/clip/runtime/encoders/encode.ts';
import { lazySession, type LazySession } from '../../../../src/clip/runtime/encoders/sessions.ts';

process.env['ORT_DISABLE_TELEMETRY'] = '1';
const SIZE = 64;
const CELLS = 4;

function floatPixels(graph: GraphBuilder, images: number | string): Value {
  const pixels = graph.input('pixels', 'uint8', [images, SIZE, SIZE, 3]);
  return graph.node('float', 'Cast', [pixels], { to: 1 });
}

/** An encoder that returns the mean colour of each image [N, 3], as a unit vector. */
function meanColour(): Uint8Array {
  const graph = new GraphBuilder('mean_colour');
  const mean = graph.node('mean', 'ReduceMean', [floatPixels(graph, 'N')], { axes: [1, 2], keepdims: 0 });
  graph.output('embedding', graph.node('unit', 'LpNormalization', [mean], { axis: 1 }), 'float32', ['N', 3]);
  return modelBytes(graph.finish());
}

/**
 * Its dense branch: the mean colour of each of 4 × 4 cells, which is also the share of the cell. As a branch for
 * photos, it applies to images with a mean above 200.
 */
function cellColours(): Uint8Array {
  const graph = new GraphBuilder('cell_colours');
  const pixels = floatPixels(graph, 1);
  const brightness = graph.node('brightness', 'ReduceMean', [pixels], { axes: [1, 2, 3], keepdims: 0 });
  const isBright = graph.node('is_bright', 'Greater', [brightness, graph.constant('bright', scalar(200))]);
  graph.output('applies', graph.node('as_number', 'Cast', [isBright], { to: 1 }), 'float32', [1]);
  const first = graph.node('channels_first', 'Transpose', [pixels], { perm: [0, 3, 1, 2] });
  const step = SIZE / CELLS;
  const means = graph.node('means', 'AveragePool', [first], { kernel_shape: [step, step], strides: [step, step] });
  const flat = graph.node('flat', 'Reshape', [means, graph.constant('shape', integers(1, 3, CELLS ** 2))]);
  const rows = graph.node('rows', 'Transpose', [flat], { perm: [0, 2, 1] });
  const unit = graph.node('unit', 'LpNormalization', [rows], { axis: 2 });
  graph.output('cells', unit, 'float32', [1, CELLS ** 2, 3]);
  graph.output('shares', unit, 'float32', [1, CELLS ** 2, 3]);
  graph.output('embedding', graph.node('all', 'ReduceMean', [unit], { axes: [1], keepdims: 0 }), 'float32', [1, 3]);
  return modelBytes(graph.finish());
}

async function runtime({ dense }: { readonly dense: boolean | 'onlyPhotos' }) {
  const { InferenceSession } = await import('onnxruntime-node');
  const runs = { image: 0, dense: 0, progress: 0 };
  const counted = (name: 'image' | 'dense', bytes: Uint8Array): LazySession => {
    const session = lazySession(name, () => InferenceSession.create(bytes), 1000);
    return {
      state: 'loaded',
      use(work) {
        runs[name]++;
        return session.use(work);
      },
    };
  };
  const model = {
    embeddingSize: 3,
    image: { graph: '', size: SIZE, resize: 'longest', interpolation: 'area', background: [0, 0, 0] },
  } satisfies ConstructorParameters<typeof HeatmapMaker>[1];
  const image = counted('image', meanColour());
  const encoders = {
    encode: (squares: readonly Uint8Array[]) => encodePixels(image, squares, model),
    dense: knownDense(
      dense === false
        ? null
        : convertedDense(counted('dense', cellColours()), null, { size: SIZE, onlyPhotos: dense === 'onlyPhotos' }),
    ),
  };
  const maker = new HeatmapMaker(encoders, model, decodeOptions(), () => runs.progress++);
  const answer = (source: ImageSource, query: HeatmapQuery, signal: AbortSignal) =>
    maker.heatmap(source, query, signal);
  return { answer, runs };
}

const RED = [1, 0, 0];
const GREEN = [0, 1, 0];
const GREY = [0.577, 0.577, 0.577];
const query = (kind: HeatmapQuery['kind'], ...prompts: number[][]): HeatmapQuery => ({
  kind,
  prompts: Float32Array.from(prompts.flat()),
  background: Float32Array.from(kind === 'where' ? GREY : []),
});

/** A green image, twice as wide as high, with a red square in its lower right corner. */
async function redOnGreen(): Promise<ImageSource> {
  const red = await sharp({ create: { width: 32, height: 32, channels: 3, background: '#f00' } })
    .png()
    .toBuffer();
  const bytes = await sharp({ create: { width: 128, height: 64, channels: 3, background: '#0f0' } })
    .composite([{ input: red, left: 96, top: 32 }])
    .png()
    .toBuffer();
  return { kind: 'bytes', name: 'red on green.png', bytes };
}

describe('heatmaps', () => {
  const never = new AbortController().signal;
  let image: ImageSource;
  before(async () => {
    image = await redOnGreen();
  });

  it('show a colour in the cells of the dense branch, without the bars beside the image', async () => {
    const { answer } = await runtime({ dense: true });
    const map = await answer(image, query('where', RED), never);
    assert.deepEqual([map.columns, map.rows, map.method], [4, 2, 'denseHead']);
    assert.deepEqual(map.area, { left: 0, top: 0, width: 1, height: 1 });
    assert.deepEqual([...map.range], [0.5, 1]);
    assert.deepEqual(
      Array.from(map.values, (value) => value > 0.5),
      [...Array<boolean>(7).fill(false), true],
    );
  });

  it('decode and encode an image once for all prompts and both kinds of map', async () => {
    const { answer, runs } = await runtime({ dense: true });
    await answer(image, query('where', RED), never);
    await answer(image, query('where', GREEN), never);
    const why = await answer(image, query('why', RED, GREEN), never);
    assert.deepEqual([runs.dense, runs.image], [1, 0]);
    assert.equal(why.method, 'attentionPool');
    assert.equal(why.values.length, 2 * why.columns * why.rows);
    await answer(await redOnGreen(), query('where', RED), never);
    assert.equal(runs.dense, 1, 'the features are cached by content, not by name');
  });

  it('use windows if a model has no dense branch, once for all prompts', async () => {
    const { answer, runs } = await runtime({ dense: false });
    const map = await answer(image, query('where', RED, GREEN), never);
    assert.equal(map.method, 'slidingWindow');
    assert.deepEqual([map.columns, map.rows], [16, 8]);
    const cells = map.columns * map.rows;
    const red = map.values.subarray(0, cells);
    assert.ok((red.at(-1) ?? 0) > 0.5 && (red[0] ?? 1) < 0.1, 'only the lower right corner is red');
    assert.ok((map.values[cells] ?? 0) > 0.5, 'green is in the upper left');
    const { image: encoded, progress } = runs;
    assert.equal(progress, encoded, 'each run reports progress');
    await answer(image, query('where', GREEN), never);
    assert.equal(runs.image, encoded);
  });

  it('use windows for an image that the dense branch does not apply to', async () => {
    const { answer, runs } = await runtime({ dense: 'onlyPhotos' });
    for (const kind of ['where', 'why'] as const) {
      assert.equal((await answer(image, query(kind, RED), never)).method, 'slidingWindow');
    }
    const white = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    const encoded = runs.image;
    const bright: ImageSource = { kind: 'bytes', name: 'white.png', bytes: white };
    assert.equal((await answer(bright, query('where', RED), never)).method, 'denseHead');
    assert.equal((await answer(bright, query('why', RED), never)).method, 'attentionPool');
    assert.equal(runs.image, encoded);
  });

  it('hide windows to measure contributions to the similarity', async () => {
    const { answer } = await runtime({ dense: false });
    const map = await answer(image, query('why', RED), never);
    assert.equal(map.method, 'slidingWindow');
    const [low, high] = map.range;
    assert.equal(low, -high);
    assert.ok((map.values.at(-1) ?? 0) > 0, 'without the red square it is less red');
    assert.ok((map.values[0] ?? 0) < 0, 'without a part of the green area it is more red');
    const [similarity = NaN] = map.similarities;
    assert.ok(similarity > 0 && similarity < 1);
  });

  it('stop between two runs when they are cancelled', async () => {
    const { answer, runs } = await runtime({ dense: false });
    const controller = new AbortController();
    const map = answer(image, query('where', RED), controller.signal);
    const poll = setInterval(() => {
      if (runs.image > 0) controller.abort();
    }, 1);
    await assert.rejects(map, { name: 'AbortError' });
    clearInterval(poll);
    assert.ok(runs.image < 10, `${runs.image} runs`);
  });
});
