import {
  createInference,
  type Inference,
  type LinearScores,
  type MatrixSource,
  type ModelFolder,
} from '../../src/clip/index.ts';
import { interleaved, secondsOf } from './measure.ts';
import { hostScript } from './models.ts';
import { randomValues } from '../shared/random.ts';
import { duration, ratioOf, type Row } from './table.ts';

const COLUMNS = 512;
/** Rows that the library sends at a time. */
const CHUNK_ROWS = 512;
const PEER_ROWS = 100_000;
const LABELS = 1000;
/** The plain loop over all rows and labels takes about a minute: it runs over this many rows and its time is scaled. */
const PEER_TAGGED_ROWS = 1000;
const SEARCHES_A_ROUND = 3;
const RESULTS = 100;
const MOST_TAGS = 8;

/** Search and tagging over matrices of random unit rows, beside the loops that one would write without a matrix product. */
export async function matrixOperations(
  model: ModelFolder,
  rowCounts: readonly number[],
  rounds: number,
): Promise<Row[]> {
  const plain = Float32Array.from(valuesOf(0, PEER_ROWS));
  const rows: Row[] = [];
  for (const count of rowCounts) {
    await using inference = createInference({ model, hostScript });
    const source = randomMatrix(count);
    const query = linear(1, 3);
    const load = await secondsOf(() => inference.rank(source, query, { limit: 1 }));
    rows.push({
      what: `matrix of ${thousands(count)} × ${COLUMNS}, loading into the process`,
      ours: duration({ median: load, best: load }),
    });
    rows.push(await search(inference, source, query, count, plain, rounds));
    if (count === PEER_ROWS) rows.push(await tagging(inference, source, plain, rounds));
  }
  return rows;
}

async function search(
  inference: Inference,
  source: MatrixSource,
  query: LinearScores,
  count: number,
  plain: Float32Array,
  rounds: number,
): Promise<Row> {
  const { ours, peer } = await interleaved(rounds * SEARCHES_A_ROUND, {
    ours: () => secondsOf(() => inference.rank(source, query, { limit: RESULTS })),
    // Over the same 100,000 rows again and again, as they are no more in the cache the second time than other rows would be.
    peer: () => secondsOf(() => repeat(count / PEER_ROWS, () => plainSearch(plain, query.weights))),
  });
  return {
    what: `search over ${thousands(count)} × ${COLUMNS}, best ${RESULTS}`,
    ours: duration(ours),
    peer: `JS loop: ${duration(peer)}`,
    ratio: ratioOf(ours, peer),
    target: `≤ ${count / 5000} ms`,
  };
}

async function tagging(inference: Inference, source: MatrixSource, plain: Float32Array, rounds: number): Promise<Row> {
  const labels = linear(LABELS, 5);
  // About two tags a row: logits of unit rows in 512 dimensions deviate by 1/√512, and 2.9 deviations are passed by 2 in 1000.
  const minimum = new Float32Array(LABELS).fill(2.9 / Math.sqrt(COLUMNS));
  const scale = PEER_ROWS / PEER_TAGGED_ROWS;
  const { ours, peer } = await interleaved(rounds, {
    ours: () => secondsOf(() => inference.tag(source, labels, minimum, MOST_TAGS)),
    peer: async () =>
      scale * (await secondsOf(() => repeat(1, () => plainTags(plain, PEER_TAGGED_ROWS, labels.weights, minimum)))),
  });
  return {
    what: `tagging ${thousands(PEER_ROWS)} × ${COLUMNS} with ${thousands(LABELS)} labels`,
    ours: duration(ours),
    peer: `JS loop: ${duration(peer)}`,
    ratio: ratioOf(ours, peer),
    target: '≤ 2 s',
  };
}

/** What one would write by hand: all cosines, sorted. */
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
    for (let label = 0, at = 0; label < LABELS; label++) {
      let score = 0;
      for (let i = 0, from = row * COLUMNS; i < COLUMNS; i++, from++, at++) {
        score += (matrix[from] ?? 0) * (weights[at] ?? 0);
      }
      if (score >= (minimum[label] ?? 0)) tags.push(label);
    }
    return tags.slice(0, MOST_TAGS);
  });
}

function linear(rows: number, seed: number): LinearScores {
  return { weights: randomValues(rows * COLUMNS, 1 / Math.sqrt(COLUMNS), seed), bias: new Float32Array(rows) };
}

const pool = new Float16Array(randomValues(1 << 21, 1 / Math.sqrt(COLUMNS), 7));

/** Rows that differ from each other, at a fraction of the cost of new random numbers: cut from one pool at changing places. */
function valuesOf(first: number, rows: number): Float16Array {
  const values = new Float16Array(rows * COLUMNS);
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
        yield new Uint16Array(valuesOf(first, Math.min(CHUNK_ROWS, count - first)).buffer);
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
