import * as ort from 'onnxruntime-node';
import { float16Values } from '../../../base/float16.ts';
import {
  rankingLogit,
  type LinearScores,
  type Moments,
  type Ranking,
  type RankingScores,
  type SparseTags,
} from '../../scoring/types.ts';
import type { MatrixOperations } from './operations.ts';
import { topK } from './topK.ts';

/** Rows of a block. The product of a block takes some milliseconds; other requests run between two blocks. */
const BLOCK_ROWS = 16_384;
/** Maximum number of logits of one product, so that many labels do not need memory for rows × labels at once. */
const MAX_LOGITS = 1 << 21;

interface Tag {
  readonly label: number;
  readonly logit: number;
}

/** A matrix of image embeddings, float32, and the operations over all of its rows. */
export class EmbeddingMatrix {
  readonly #columns: number;
  readonly #operations: MatrixOperations;
  /** Blocks of BLOCK_ROWS rows; the last one is filled up to the number of rows. */
  readonly #blocks: Float32Array[] = [];
  #rows = 0;

  constructor(columns: number, operations: MatrixOperations) {
    this.#columns = columns;
    this.#operations = operations;
  }

  get rows(): number {
    return this.#rows;
  }

  /** @param bits float16 bit patterns, row-major, whole rows */
  append(bits: Uint16Array): void {
    const columns = this.#columns;
    if (bits.length % columns !== 0) throw new Error(`${bits.length} values are no whole rows of ${columns}.`);
    const values = float16Values(bits);
    for (let offset = 0; offset < values.length;) {
      const filled = (this.#rows % BLOCK_ROWS) * columns;
      if (filled === 0) this.#blocks.push(new Float32Array(BLOCK_ROWS * columns));
      const part = values.subarray(offset, offset + BLOCK_ROWS * columns - filled);
      this.#blocks.at(-1)?.set(part, filled);
      offset += part.length;
      this.#rows += part.length / columns;
    }
  }

  /** @param among the rows that compete; null: all rows */
  async rank(query: RankingScores, limit: number, among: Uint32Array | null, signal: AbortSignal): Promise<Ranking> {
    const best = topK(limit);
    const competes = among && membership(among, this.#rows);
    const width = query.bias.length;
    const exclusions = query.exclusions ?? new Float32Array();
    const weights = new ort.Tensor('float32', query.weights, [width, this.#columns]);
    const zeros = new Float32Array(BLOCK_ROWS);
    for (const { first, count } of this.#ranges(BLOCK_ROWS)) {
      signal.throwIfAborted();
      // The scores of the query take the place of the rows, and the rows that of the weights: for one score, [1, n] has
      // the same memory layout as [n, 1], and the product takes 25 % less time. The biases are added afterwards.
      const products = await this.#operations.product(weights, this.#tensorOf(first, count), zeros.subarray(0, count));
      for (let i = 0; i < count; i++) {
        if (competes && !competes[first + i]) continue;
        const logit = (l: number): number => (products[l * count + i] ?? 0) + (query.bias[l] ?? 0);
        best.offer(first + i, rankingLogit(logit, exclusions));
      }
    }
    const { rows, scores } = best.best();
    return { rows, logits: scores };
  }

  /**
   * @param minimum [L] the logit from which a label is a tag
   * @param limit maximum number of tags of a row
   */
  async tag(labels: LinearScores, minimum: Float32Array, limit: number, signal: AbortSignal): Promise<SparseTags> {
    const width = minimum.length;
    const offsets = new Uint32Array(this.#rows + 1);
    const tags: Tag[] = [];
    if (width > 0) {
      const weights = new ort.Tensor('float32', labels.weights, [width, this.#columns]);
      for (const { first, count } of this.#ranges(Math.max(1, Math.floor(MAX_LOGITS / width)))) {
        signal.throwIfAborted();
        const logits = await this.#operations.product(this.#tensorOf(first, count), weights, labels.bias); // [n, L]
        for (let i = 0; i < count; i++) {
          tags.push(...tagsOf(logits, i * width, minimum).slice(0, limit));
          offsets[first + i + 1] = tags.length;
        }
      }
    }
    return {
      offsets,
      labels: Uint32Array.from(tags, ({ label }) => label),
      logits: Float32Array.from(tags, ({ logit }) => logit),
    };
  }

  async moments(signal: AbortSignal): Promise<Moments> {
    const columns = this.#columns;
    const count = this.#rows;
    // Double precision: float32 sums of a million rows would lose the small eigenvalues.
    const sum = new Float64Array(columns);
    const products = new Float64Array(columns * columns);
    for (const range of this.#ranges(BLOCK_ROWS)) {
      signal.throwIfAborted();
      const block = await this.#operations.sums(this.#tensorOf(range.first, range.count));
      add(sum, block.sum);
      add(products, block.products);
    }
    const mean = sum.map((value) => value / Math.max(1, count));
    const covariance = products.map((value, i) => {
      const row = Math.floor(i / columns);
      return value / Math.max(1, count) - (mean[row] ?? 0) * (mean[i % columns] ?? 0);
    });
    return { count, mean: Float32Array.from(mean), covariance: Float32Array.from(covariance) };
  }

  /** Rows of one block: [count, D]. */
  #tensorOf(first: number, count: number): ort.Tensor {
    const block = this.#blocks[Math.floor(first / BLOCK_ROWS)] ?? new Float32Array();
    const start = (first % BLOCK_ROWS) * this.#columns;
    return new ort.Tensor('float32', block.subarray(start, start + count * this.#columns), [count, this.#columns]);
  }

  /** Ranges of at most `most` rows, each within one block. */
  *#ranges(most: number): Generator<{ readonly first: number; readonly count: number }> {
    for (let first = 0, count; first < this.#rows; first += count) {
      count = Math.min(most, BLOCK_ROWS - (first % BLOCK_ROWS), this.#rows - first);
      yield { first, count };
    }
  }
}

/** The labels of one row whose logit reaches the minimum, best first. The logits of the row begin at `start`. */
function tagsOf(logits: Float32Array, start: number, minimum: Float32Array): Tag[] {
  const tags: Tag[] = [];
  for (let label = 0; label < minimum.length; label++) {
    const logit = logits[start + label] ?? 0;
    if (logit >= (minimum[label] ?? 0)) tags.push({ label, logit });
  }
  return tags.sort((a, b) => b.logit - a.logit);
}

function add(sums: Float64Array, values: Float32Array): void {
  for (const [i, value] of values.entries()) sums[i] = (sums[i] ?? 0) + value;
}

/** [count] 1 for each of the rows. */
function membership(rows: Uint32Array, count: number): Uint8Array {
  const members = new Uint8Array(count);
  for (const row of rows) members[row] = 1;
  return members;
}
