import * as ort from 'onnxruntime-node';
import {
  rankingLogit,
  type LinearScores,
  type Moments,
  type Ranking,
  type RankingScores,
  type SparseTags,
} from '../../scoring/types.ts';
import { RANKED_ROWS, type MatrixOperations } from './operations.ts';
import { TopK } from './topK.ts';

/** Rows of a block. The products of a block take a millisecond; other requests run between two blocks. */
const BLOCK_ROWS = RANKED_ROWS;
/** Maximum number of rows of one product with labels, so that their float32 values need little memory. */
const MAX_ROWS = 4096;
/** Maximum number of logits of one product, so that many labels do not need memory for rows × labels at once. */
const MAX_LOGITS = 1 << 21;

interface Tag {
  readonly label: number;
  readonly logit: number;
}

/** A matrix of image embeddings, float16, and the operations over all of its rows. */
export class EmbeddingMatrix {
  readonly #columns: number;
  readonly #operations: MatrixOperations;
  /** Blocks of BLOCK_ROWS rows; the last one is filled up to the number of rows. */
  readonly #blocks: Uint16Array[] = [];
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
    for (let offset = 0; offset < bits.length;) {
      const filled = (this.#rows % BLOCK_ROWS) * columns;
      if (filled === 0) this.#blocks.push(new Uint16Array(BLOCK_ROWS * columns));
      const part = bits.subarray(offset, offset + BLOCK_ROWS * columns - filled);
      this.#blocks.at(-1)?.set(part, filled);
      offset += part.length;
      this.#rows += part.length / columns;
    }
  }

  /** @param among the rows that compete; null: all rows */
  async rank(query: RankingScores, limit: number, among: Uint32Array | null, signal: AbortSignal): Promise<Ranking> {
    const best = new TopK(limit);
    const competes = among && membership(among, this.#rows);
    const { weights, bias, exclusions = new Float32Array() } = query;
    const logits = new Float32Array(bias.length);
    for (const { first, count } of this.#ranges(BLOCK_ROWS)) {
      signal.throwIfAborted();
      const products = await this.#operations.rankingProducts(weights, this.#bitsOf(first, count), this.#columns);
      for (let i = 0; i < count; i++) {
        if (competes && !competes[first + i]) continue;
        // An exclusion only lowers the score, and almost all rows end here.
        const logit = (products[i] ?? 0) + (bias[0] ?? 0);
        if (logit <= best.least) continue;
        for (let l = 0; l < logits.length; l++) logits[l] = (products[l * count + i] ?? 0) + (bias[l] ?? 0);
        best.offer(first + i, exclusions.length === 0 ? logit : rankingLogit(logits, exclusions));
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
      const most = Math.min(MAX_ROWS, Math.max(1, Math.floor(MAX_LOGITS / width)));
      for (const { first, count } of this.#ranges(most)) {
        signal.throwIfAborted();
        const rows = this.#bitsOf(first, count);
        const logits = await this.#operations.product(rows, weights, labels.bias, this.#columns); // [n, L]
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
    for (const { first, count: rows } of this.#ranges(MAX_ROWS)) {
      signal.throwIfAborted();
      const block = await this.#operations.sums(this.#bitsOf(first, rows), columns);
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
  #bitsOf(first: number, count: number): Uint16Array {
    const block = this.#blocks[Math.floor(first / BLOCK_ROWS)] ?? new Uint16Array();
    const start = (first % BLOCK_ROWS) * this.#columns;
    return block.subarray(start, start + count * this.#columns);
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
