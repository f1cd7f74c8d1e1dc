import assert from 'node:assert/strict';
import { momentsModel, similarityModel } from '../../src/clip/scoring/similarityGraph.ts';

process.env['ORT_DISABLE_TELEMETRY'] = '1';
const { InferenceSession, Tensor } = await import('onnxruntime-node');

const rows = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12); // [4, 3]
const rowsTensor = new Tensor('float32', rows, [4, 3]);

async function run(model: Uint8Array, feeds: Readonly<Record<string, InstanceType<typeof Tensor>>>) {
  const session = await InferenceSession.create(model);
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

describe('the similarity graphs', () => {
  it('score every row against every label, row by row', async () => {
    const { logits } = await run(similarityModel(), {
      rows: rowsTensor,
      weights: new Tensor('float32', Float32Array.of(1, 0, -1, 0.5, 0.5, 0.5), [2, 3]),
      bias: new Tensor('float32', Float32Array.of(0, 100), [2]),
    });
    assert.deepEqual(logits?.dims, [4, 2]);
    assert.deepEqual([...(logits.data as Float32Array)], [-2, 103, -2, 107.5, -2, 112, -2, 116.5]);
  });

  it('sum rows and their outer products', async () => {
    const { sum, products } = await run(momentsModel(), { rows: rowsTensor });
    assert.deepEqual([...(sum?.data as Float32Array)], [22, 26, 30]);
    assert.deepEqual([...(products?.data as Float32Array)], [166, 188, 210, 188, 214, 240, 210, 240, 270]);
  });
});
