import * as ort from 'onnxruntime-node';
import { float16Values } from '../../../base/float16.ts';
import { momentsModel, similarityModel } from '../../scoring/similarityGraph.ts';
import type { LinearScores, Moments, Ranking, SparseTags } from '../../scoring/types.ts';
import { floatOutput, lazySession } from '../sessions.ts';
import { topK } from './topK.ts';

/** Rows a block: a block's MatMul takes some milliseconds, and between two blocks other requests get their turn. */
const BLOCK_ROWS = 16_384;
/** Logits that one MatMul may give out, so that many labels do not need the memory of rows × labels at once. */
const MOST_LOGITS = 1 << 21;

/** A matrix of image embeddings, float32, and the operations over all of its rows. */
export interface Matrix {
  readonly rows: number;
  /** @param rows float16 bit patterns, row-major, whole rows */
  append(rows: Uint16Array): void;
  rank(query: LinearScores, limit: number, among: Uint32Array | null, signal: AbortSignal): Promise<Ranking>;
  tag(labels: LinearScores, minimum: Float32Array, limit: number, signal: AbortSignal): Promise<SparseTags>;
  moments(signal: AbortSignal): Promise<Moments>;
}

/** @returns a function that makes empty matrices; they share the two sessions of their operations */
export function matrixRuntime(
  options: ort.InferenceSession.SessionOptions,
  idleMilliseconds: number,
): (columns: number) => Matrix {
  const similarity = lazySession(
    'similarity graph',
    () => ort.InferenceSession.create(similarityModel(), options),
    idleMilliseconds,
  );
  const momentsOf = lazySession(
    'moments graph',
    () => ort.InferenceSession.create(momentsModel(), options),
    idleMilliseconds,
  );

  return (columns) => {
    const blocks: Float32Array[] = []; // of BLOCK_ROWS rows; the last one is filled up to `count`
    let count = 0;

    const append = (bits: Uint16Array): void => {
      if (bits.length % columns !== 0) throw new Error(`${bits.length} values are no whole rows of ${columns}.`);
      const values = float16Values(bits);
      for (let at = 0; at < values.length;) {
        const filled = (count % BLOCK_ROWS) * columns;
        if (filled === 0) blocks.push(new Float32Array(BLOCK_ROWS * columns));
        const part = values.subarray(at, at + BLOCK_ROWS * columns - filled);
        blocks.at(-1)?.set(part, filled);
        at += part.length;
        count += part.length / columns;
      }
    };

    /** A stretch of rows within one block: [n, D] */
    const rowsOf = (first: number, n: number): ort.Tensor => {
      const block = blocks[Math.floor(first / BLOCK_ROWS)] ?? new Float32Array();
      const at = (first % BLOCK_ROWS) * columns;
      return new ort.Tensor('float32', block.subarray(at, at + n * columns), [n, columns]);
    };

    const product = (rows: ort.Tensor, weights: ort.Tensor, bias: Float32Array): Promise<Float32Array> =>
      similarity.use(async (session) => {
        const feeds = { rows, weights, bias: new ort.Tensor('float32', bias, [bias.length]) };
        return floatOutput(await session.run(feeds), 'logits');
      });

    /** Stretches of at most `most` rows that do not cross blocks. */
    function* stretches(most: number): Generator<{ first: number; n: number }> {
      for (let first = 0, n; first < count; first += n) {
        n = Math.min(most, BLOCK_ROWS - (first % BLOCK_ROWS), count - first);
        yield { first, n };
      }
    }

    return {
      get rows() {
        return count;
      },
      append,

      async rank(query, limit, among, signal) {
        const best = topK(limit);
        const competes = among && membership(among, count);
        const one = new ort.Tensor('float32', query.weights, [1, columns]);
        const bias = new Float32Array(BLOCK_ROWS).fill(query.bias[0] ?? 0);
        for (const { first, n } of stretches(BLOCK_ROWS)) {
          signal.throwIfAborted();
          // The query as the only row and the rows as weights: [1, n] lies in memory as [n, 1] does and takes a quarter less time.
          const logits = await product(one, rowsOf(first, n), bias.subarray(0, n));
          for (let i = 0; i < n; i++) {
            if (!competes || competes[first + i]) best.offer(first + i, logits[i] ?? 0);
          }
        }
        const { rows, scores } = best.best();
        return { rows, logits: scores };
      },

      async tag(labels, minimum, limit, signal) {
        const width = minimum.length;
        if (width === 0) return noTags(count);
        const offsets = new Uint32Array(count + 1);
        const weights = new ort.Tensor('float32', labels.weights, [width, columns]);
        const found: Tag[] = [];
        for (const { first, n } of stretches(Math.max(1, Math.floor(MOST_LOGITS / width)))) {
          signal.throwIfAborted();
          const logits = await product(rowsOf(first, n), weights, labels.bias); // [n, L]
          for (let i = 0, at = 0; i < n; i++) {
            const mine: Tag[] = [];
            for (let label = 0; label < width; label++, at++) {
              const logit = logits[at] ?? 0;
              if (logit >= (minimum[label] ?? 0)) mine.push({ label, logit });
            }
            found.push(...mine.sort((a, b) => b.logit - a.logit).slice(0, limit));
            offsets[first + i + 1] = found.length;
          }
        }
        return {
          offsets,
          labels: Uint32Array.from(found, ({ label }) => label),
          logits: Float32Array.from(found, ({ logit }) => logit),
        };
      },

      async moments(signal) {
        // Sums in double precision: of a million rows, float32 sums would lose the small eigenvalues.
        const sum = new Float64Array(columns);
        const products = new Float64Array(columns * columns);
        for (const { first, n } of stretches(BLOCK_ROWS)) {
          signal.throwIfAborted();
          await momentsOf.use(async (session) => {
            const outputs = await session.run({ rows: rowsOf(first, n) });
            for (const [i, value] of floatOutput(outputs, 'sum').entries()) sum[i] = (sum[i] ?? 0) + value;
            for (const [i, value] of floatOutput(outputs, 'products').entries()) {
              products[i] = (products[i] ?? 0) + value;
            }
          });
        }
        const mean = sum.map((value) => value / Math.max(1, count));
        const covariance = products.map((value, i) => {
          const row = Math.floor(i / columns);
          return value / Math.max(1, count) - (mean[row] ?? 0) * (mean[i % columns] ?? 0);
        });
        return { count, mean: Float32Array.from(mean), covariance: Float32Array.from(covariance) };
      },
    };
  };
}

function noTags(rows: number): SparseTags {
  return { offsets: new Uint32Array(rows + 1), labels: new Uint32Array(), logits: new Float32Array() };
}

interface Tag {
  readonly label: number;
  readonly logit: number;
}

function membership(rows: Uint32Array, count: number): Uint8Array {
  const member = new Uint8Array(count);
  for (const row of rows) member[row] = 1;
  return member;
}
