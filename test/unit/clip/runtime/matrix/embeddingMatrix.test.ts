import assert from 'node:assert/strict';
import { EmbeddingMatrix } from '../../../../../src/clip/runtime/matrix/embeddingMatrix.ts';
import { randomSource } from '../../../../../tools/shared/random.ts';
import { MatrixOperations } from '../../../../../src/clip/runtime/matrix/operations.ts';

process.env['ORT_DISABLE_TELEMETRY'] = '1';
const D = 8;
const ROWS = 20_000; // more than one block

/** Deterministic values in −1..1 that float16 holds exactly. */
function values(count: number, seed: number): number[] {
  return Array.from({ length: count }, (_, i) => (((i + 1) * 7919 * seed) % 257) / 128 - 1);
}
const float16Bits = (numbers: readonly number[]): Uint16Array => new Uint16Array(Float16Array.from(numbers).buffer);

describe('a matrix of embeddings in the inference process', () => {
  const signal = new AbortController().signal;
  const operations = new MatrixOperations({ executionProviders: ['cpu'] }, 1000);
  const rows = values(ROWS * D, 1);
  const matrix = new EmbeddingMatrix(D, operations);
  // The chunks do not align with the blocks.
  for (let at = 0; at < ROWS; at += 777) matrix.append(float16Bits(rows.slice(at * D, (at + 777) * D)));
  const stored = Array.from(Float16Array.from(rows));
  const scoreOf = (row: number, weights: readonly number[], bias: number): number =>
    weights.reduce((sum, w, i) => sum + w * (stored[row * D + i] ?? 0), bias);

  it('holds every row that was sent', () => {
    assert.equal(matrix.rows, ROWS);
  });

  it('ranks its rows by their score', async () => {
    const weights = values(D, 3);
    const { rows: found, logits } = await matrix.rank(
      { weights: Float32Array.from(weights), bias: Float32Array.of(0.5) },
      10,
      null,
      signal,
    );
    const expected = Array.from({ length: ROWS }, (_, row) => scoreOf(row, weights, 0.5)).sort((a, b) => b - a);
    assert.equal(found.length, 10);
    found.forEach((row, i) => {
      assert.ok(Math.abs(scoreOf(row, weights, 0.5) - (logits[i] ?? NaN)) < 1e-4);
      assert.ok(Math.abs((expected[i] ?? NaN) - (logits[i] ?? NaN)) < 1e-4);
    });
  });

  it('finds the best hundred of rows that are similar to each other and have a large value', async () => {
    // Like embeddings: a common direction, one column that is much larger than the others, and small differences.
    const columns = 96;
    const count = 40_000;
    const random = randomSource(11);
    const direction = Array.from({ length: columns }, (_, i) => (i === 7 ? 0.8 : (random() - 0.5) / 8));
    const embeddings = Float16Array.from({ length: count * columns }, (_, i) => {
      return (direction[i % columns] ?? 0) + (random() - 0.5) / 16;
    });
    const similar = new EmbeddingMatrix(columns, operations);
    similar.append(new Uint16Array(embeddings.buffer));
    const weights = Float32Array.from({ length: columns }, () => random() - 0.5);
    const { rows: found } = await similar.rank({ weights, bias: Float32Array.of(-1) }, 100, null, signal);
    const exact = Array.from({ length: count }, (_, row) => {
      const values = embeddings.subarray(row * columns, (row + 1) * columns);
      return { row, score: values.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), 0) };
    });
    exact.sort((a, b) => b.score - a.score);
    assert.deepEqual(
      [...found],
      exact.slice(0, 100).map(({ row }) => row),
    );
  });

  it('ranks its rows by the score of a query without the terms to exclude', async () => {
    const [towards, away] = [values(D, 3), values(D, 5)];
    const { rows: found, logits } = await matrix.rank(
      {
        weights: Float32Array.from([...towards, ...away]),
        bias: Float32Array.of(0.5, -0.25),
        exclusions: Float32Array.of(2),
      },
      10,
      null,
      signal,
    );
    const expected = (row: number): number =>
      scoreOf(row, towards, 0.5) - 2 * Math.log(1 + Math.exp(scoreOf(row, away, -0.25)));
    const best = Array.from({ length: ROWS }, (_, row) => expected(row)).sort((a, b) => b - a);
    found.forEach((row, i) => {
      assert.ok(Math.abs(expected(row) - (logits[i] ?? NaN)) < 1e-4);
      assert.ok(Math.abs((best[i] ?? NaN) - (logits[i] ?? NaN)) < 1e-4);
    });
  });

  it('ranks only the given rows', async () => {
    const query = { weights: Float32Array.from(values(D, 3)), bias: Float32Array.of(0) };
    const { rows: found } = await matrix.rank(query, 10, Uint32Array.of(17_000, 5, 3), signal);
    assert.deepEqual([...found].sort(), [17_000, 3, 5]);
  });

  it('tags each row with the labels above their minimum, best first, up to the limit', async () => {
    const labels = [values(D, 5), values(D, 11), values(D, 2)];
    const minimum = Float32Array.of(-1, -1, Infinity);
    const bias = Float32Array.of(0, 0.25, 100);
    const tags = await matrix.tag({ weights: Float32Array.from(labels.flat()), bias }, minimum, 1, signal);
    let several = 0;
    for (let row = 0; row < ROWS; row++) {
      const expected = labels
        .map((weights, label) => ({ label, logit: scoreOf(row, weights, bias[label] ?? 0) }))
        .filter(({ label, logit }) => logit >= (minimum[label] ?? 0))
        .sort((a, b) => b.logit - a.logit);
      if (expected.length > 1) several++;
      const from = tags.offsets[row] ?? 0;
      assert.equal((tags.offsets[row + 1] ?? 0) - from, Math.min(1, expected.length));
      if (expected[0]) assert.ok(Math.abs((tags.logits[from] ?? NaN) - expected[0].logit) < 1e-4);
    }
    assert.ok(several > 0, 'the limit was not tested');
  });

  it('has no tags without labels', async () => {
    const tags = await matrix.tag(
      { weights: new Float32Array(), bias: new Float32Array() },
      new Float32Array(),
      5,
      signal,
    );
    assert.equal(tags.offsets.length, ROWS + 1);
    assert.equal(tags.labels.length, 0);
  });

  it('returns the mean and covariance of its rows', async () => {
    const { count, mean, covariance } = await matrix.moments(signal);
    assert.equal(count, ROWS);
    const column = (i: number): number[] => Array.from({ length: ROWS }, (_, row) => stored[row * D + i] ?? 0);
    const average = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length;
    const [x, y] = [column(2), column(5)];
    const [meanX, meanY] = [average(x), average(y)];
    assert.ok(Math.abs(meanX - (mean[2] ?? NaN)) < 1e-5);
    const expected = average(x.map((a, i) => (a - meanX) * ((y[i] ?? 0) - meanY)));
    assert.ok(Math.abs(expected - (covariance[2 * D + 5] ?? NaN)) < 1e-4);
    assert.equal(covariance[2 * D + 5], covariance[5 * D + 2]);
  });

  it('stops when cancelled', async () => {
    const query = { weights: Float32Array.from(values(D, 3)), bias: Float32Array.of(0) };
    await assert.rejects(matrix.rank(query, 10, null, AbortSignal.abort()), { name: 'AbortError' });
  });

  it('returns empty results without rows', async () => {
    const empty = new EmbeddingMatrix(D, operations);
    assert.equal((await empty.moments(signal)).count, 0);
    const query = { weights: new Float32Array(D), bias: Float32Array.of(0) };
    assert.equal((await empty.rank(query, 3, null, signal)).rows.length, 0);
  });
});
