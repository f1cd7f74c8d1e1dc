import {
  createInference,
  type Inference,
  type LinearScores,
  type MatrixSource,
  type ModelFolder,
} from '../../src/clip/index.ts';
import { float16Bits, float16Values } from '../../src/base/float16.ts';
import { randomValues } from '../shared/random.ts';
import { interleaved, secondsOf } from './measure.ts';
import { hostScript } from './models.ts';
import { processMemory } from './processMemory.ts';
import { duration, ratioOf, type Row } from './table.ts';

const COLUMNS = 512;
/** The number of rows that the library sends at a time. */
const CHUNK_ROWS = 512;
const SEARCHES_PER_ROUND = 3;
const RESULTS = 100;
const MAX_TAGS = 8;

export interface MatrixSizes {
  /** The matrices to search, with the targets. The first one is also tagged. */
  readonly matrices: readonly { readonly rows: number; readonly milliseconds: number }[];
  readonly labels: number;
  /** The number of rows in the matrix of the loop. */
  readonly loopRows: number;
  /** The number of rows that the loop tags. Tagging all of them takes about a minute, so its time is extrapolated. */
  readonly loopTaggedRows: number;
}

/** Measures search and tagging over matrices of random unit rows, beside plain loops without a matrix product. */
export async function matrixOperations(model: ModelFolder, sizes: MatrixSizes, rounds: number): Promise<Row[]> {
  const plain = float16Values(valuesOf(0, sizes.loopRows));
  const rows: Row[] = [];
  for (const [index, { rows: count, milliseconds }] of sizes.matrices.entries()) {
    await using inference = createInference({ model, hostScript });
    const memory = async () => (await processMemory((await inference.describe()).processId))?.resident ?? NaN;
    const empty = await memory();
    const source = randomMatrix(count);
    const query = linear(1, 3);
    const load = await secondsOf(() => inference.rank(source, query, { limit: 1 }));
    rows.push({
      title: `matrix of ${thousands(count)} × ${COLUMNS}, loading into the process`,
      ours: duration({ median: load, best: load }),
    });
    rows.push({ title: '… its memory', ours: `${(((await memory()) - empty) / 1e6).toFixed(0)} MB` });
    rows.push(await search(inference, source, query, plain, { rounds, milliseconds }));
    if (index === 0) rows.push(await tagging(inference, source, plain, sizes, rounds));
  }
  return rows;
}

async function search(
  inference: Inference,
  source: MatrixSource,
  query: LinearScores,
  plain: Float32Array,
  { rounds, milliseconds }: { readonly rounds: number; readonly milliseconds: number },
): Promise<Row> {
  const count = source.rows;
  const { ours, peer } = await interleaved(rounds * SEARCHES_PER_ROUND, {
    ours: () => secondsOf(() => inference.rank(source, query, { limit: RESULTS })),
    // The loop runs over the same rows several times; they are too large for the CPU's cache.
    peer: () => secondsOf(() => repeat(count / (plain.length / COLUMNS), () => plainSearch(plain, query.weights))),
  });
  return {
    title: `search over ${thousands(count)} × ${COLUMNS}, best ${RESULTS}`,
    ours: duration(ours),
    peer: `JS loop: ${duration(peer)}`,
    ratio: ratioOf(ours, peer),
    target: `≤ ${milliseconds} ms`,
  };
}

async function tagging(
  inference: Inference,
  source: MatrixSource,
  plain: Float32Array,
  sizes: MatrixSizes,
  rounds: number,
): Promise<Row> {
  const labels = linear(sizes.labels, 5);
  // About 2 in 1000 labels per row: logits of unit rows in 512 dimensions have the standard deviation 1/√512.
  const minimum = new Float32Array(sizes.labels).fill(2.9 / Math.sqrt(COLUMNS));
  const scale = source.rows / sizes.loopTaggedRows;
  const { ours, peer } = await interleaved(rounds, {
    ours: () => secondsOf(() => inference.tag(source, labels, minimum, MAX_TAGS)),
    peer: async () =>
      scale * (await secondsOf(() => repeat(1, () => plainTags(plain, sizes.loopTaggedRows, labels.weights, minimum)))),
  });
  return {
    title: `tagging ${thousands(source.rows)} × ${COLUMNS} with ${thousands(sizes.labels)} labels`,
    ours: duration(ours),
    peer: `JS loop: ${duration(peer)}`,
    ratio: ratioOf(ours, peer),
    target: '≤ 2 s',
  };
}

/** The simple implementation: all cosines, sorted. */
function plainSearch(matrix: Float32Array, query: Float32Array): { row: number; score: number }[] {
  const scores: { row: number; score: number }[] = [];
  for (let row = 0, at = 0; at < matrix.length; row++) {
    let score = 0;
    for (let i = 0; i < COLUMNS; i++, at++) score += (matrix[at] ?? 0) * (query[i] ?? 0);
    scores.push({ row, score });
  }
  return scores.sort((a, b) => b.score - a.score).slice(0, RESULTS);
}

function plainTags(matrix: Float32Array, rows: number, weights: Float32Array, minimum: Float32Array): number[][] {
  return Array.from({ length: rows }, (_, row) => {
    const tags: number[] = [];
    for (let label = 0, at = 0; label < minimum.length; label++) {
      let score = 0;
      for (let i = 0, from = row * COLUMNS; i < COLUMNS; i++, from++, at++) {
        score += (matrix[from] ?? 0) * (weights[at] ?? 0);
      }
      if (score >= (minimum[label] ?? 0)) tags.push(label);
    }
    return tags.slice(0, MAX_TAGS);
  });
}

function linear(rows: number, seed: number): LinearScores {
  return { weights: randomValues(rows * COLUMNS, 1 / Math.sqrt(COLUMNS), seed), bias: new Float32Array(rows) };
}

const pool = float16Bits(randomValues(1 << 21, 1 / Math.sqrt(COLUMNS), 7));

/** Distinct rows of float16 bits. They are cut from one pool, which is much faster than new random numbers. */
function valuesOf(first: number, rows: number): Uint16Array {
  const values = new Uint16Array(rows * COLUMNS);
  for (let row = 0; row < rows; row++) {
    const at = ((first + row) * 7919) % (pool.length - COLUMNS);
    values.set(pool.subarray(at, at + COLUMNS), row * COLUMNS);
  }
  return values;
}

function randomMatrix(count: number): MatrixSource {
  return {
    key: `random ${count}`,
    rows: count,
    columns: COLUMNS,
    *chunks(from) {
      for (let first = from; first < count; first += CHUNK_ROWS) {
        yield valuesOf(first, Math.min(CHUNK_ROWS, count - first));
      }
    },
  };
}

async function repeat(times: number, work: () => unknown): Promise<void> {
  for (let i = 0; i < times; i++) await Promise.resolve(work());
}

function thousands(count: number): string {
  return count.toLocaleString('en');
}
