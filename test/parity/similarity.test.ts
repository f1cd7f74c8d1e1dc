import assert from 'node:assert/strict';
import { momentsModel, rankingModel, similarityModel } from '../../src/clip/scoring/similarityGraph.ts';

import { float16Bits } from '../../src/base/float16.ts';
import { float16Tensor } from '../../src/clip/runtime/matrix/float16Tensor.ts';

process.env['ORT_DISABLE_TELEMETRY'] = '1';
const { InferenceSession, Tensor } = await import('onnxruntime-node');

const rows = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12); // [4, 3]
const rowsTensor = new Tensor('float32', rows, [4, 3]);
const halfRows = float16Tensor(float16Bits(rows), [4, 3]);

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
    for (const [type, rowsOfType] of [
      ['float32', rowsTensor],
      ['float16', halfRows],
    ] as const) {
      const { logits } = await run(similarityModel(type), {
        rows: rowsOfType,
        weights: new Tensor('float32', Float32Array.of(1, 0, -1, 0.5, 0.5, 0.5), [2, 3]),
        bias: new Tensor('float32', Float32Array.of(0, 100), [2]),
      });
      assert.deepEqual(logits?.dims, [4, 2]);
      assert.deepEqual([...(logits.data as Float32Array)], [-2, 103, -2, 107.5, -2, 112, -2, 116.5]);
    }
  });

  it('score the rows of several chunks for a query', async () => {
    const { products } = await run(rankingModel(2), {
      weights: new Tensor('float32', Float32Array.of(1, 0, -1, 0.5, 0.5, 0.5), [2, 3]),
      rows0: halfRows,
      rows1: float16Tensor(float16Bits(rows.map((value) => -value)), [4, 3]),
    });
    assert.deepEqual(products?.dims, [2, 8]);
    assert.deepEqual([...(products.data as Float32Array).subarray(0, 8)], [-2, -2, -2, -2, 2, 2, 2, 2]);
    assert.deepEqual([...(products.data as Float32Array).subarray(8)], [3, 7.5, 12, 16.5, -3, -7.5, -12, -16.5]);
  });

  it('sum rows and their outer products', async () => {
    const { sum, products } = await run(momentsModel(), { rows: halfRows });
    assert.deepEqual([...(sum?.data as Float32Array)], [22, 26, 30]);
    assert.deepEqual([...(products?.data as Float32Array)], [166, 188, 210, 188, 214, 240, 210, 240, 270]);
  });
});
