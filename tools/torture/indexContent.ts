import { DatabaseSync } from 'node:sqlite';

/** The rows of an index that users rely on. */
export interface IndexContent {
  /** Path → hash of the content. */
  readonly files: ReadonlyMap<string, string>;
  /** Hash → float16 components of the embedding, in hexadecimal. */
  readonly embeddings: ReadonlyMap<string, string>;
  /** Path → reason. */
  readonly failures: ReadonlyMap<string, string>;
  /** "hash label" → whether the label applies. */
  readonly manualTags: ReadonlyMap<string, boolean>;
}

/** Reads an index file with SQLite only, so that a fault of the product's own reader cannot hide one of its writer. */
export function readIndex(file: string): IndexContent {
  const database = new DatabaseSync(file);
  try {
    const damage = database.prepare('PRAGMA integrity_check').all();
    if (damage.length !== 1 || damage[0]?.['integrity_check'] !== 'ok') {
      throw new Error(`The index is damaged: ${JSON.stringify(damage.slice(0, 3))}`);
    }
    const rows = (sql: string): Record<string, string>[] => database.prepare(sql).all() as Record<string, string>[];
    const map = (sql: string): Map<string, string> =>
      new Map(rows(sql).map(({ key = '', value = '' }) => [key, value]));
    return {
      files: map('SELECT path AS key, hash AS value FROM files f JOIN blobs b ON b.id = f.blob'),
      embeddings: map('SELECT hash AS key, hex(vector) AS value FROM embeddings e JOIN blobs b ON b.id = e.blob'),
      failures: map('SELECT path AS key, reason AS value FROM failures'),
      manualTags: new Map(
        rows("SELECT hash || ' ' || label AS key, CAST(holds AS TEXT) AS value FROM manual_tags").map(
          ({ key = '', value }) => [key, value === '1'],
        ),
      ),
    };
  } finally {
    database.close();
  }
}

export interface IndexDifference {
  readonly kind: 'lost' | 'wrong';
  readonly what: string;
}

/** The differences of an index from the expected content. Additional embeddings of earlier contents are allowed. */
export function compareIndexes(expected: IndexContent, actual: IndexContent): IndexDifference[] {
  const found: IndexDifference[] = [];
  const compare = <T>(what: string, left: ReadonlyMap<string, T>, right: ReadonlyMap<string, T>): void => {
    for (const [key, value] of left) {
      if (!right.has(key)) found.push({ kind: 'lost', what: `${what} ${JSON.stringify(key)} is missing` });
      else if (right.get(key) !== value) found.push({ kind: 'wrong', what: `${what} ${JSON.stringify(key)} differs` });
    }
  };
  compare('the file', expected.files, actual.files);
  compare('the failure of', expected.failures, actual.failures);
  compare('the manual tag', expected.manualTags, actual.manualTags);
  for (const key of actual.files.keys()) {
    if (!expected.files.has(key)) found.push({ kind: 'wrong', what: `the file ${JSON.stringify(key)} is too much` });
  }
  const used = new Set(expected.files.values());
  for (const hash of used) {
    const problem = embeddingProblem(expected.embeddings.get(hash), actual.embeddings.get(hash));
    if (problem) found.push({ kind: problem.kind, what: `the embedding of ${hash.slice(0, 12)} ${problem.what}` });
  }
  return found;
}

/** Embeddings of the same image may differ by rounding, if the images of their batches differ. */
const LEAST_COSINE = 0.999;

export function embeddingProblem(expected: string | undefined, actual: string | undefined): IndexDifference | null {
  if (expected === undefined || actual === undefined) return { kind: 'lost', what: 'is missing' };
  if (expected === actual) return null;
  const cosine = cosineOf(vectorOf(expected), vectorOf(actual));
  return cosine >= LEAST_COSINE
    ? null
    : { kind: 'wrong', what: `has cosine ${cosine.toFixed(4)} with the expected one` };
}

function vectorOf(hexadecimal: string): Float32Array {
  const bytes = Buffer.from(hexadecimal, 'hex');
  return Float32Array.from(new Float16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)));
}

function cosineOf(a: Float32Array, b: Float32Array): number {
  let [product, left, right] = [0, 0, 0];
  for (const [i, value] of a.entries()) {
    const other = b[i] ?? NaN;
    product += value * other;
    left += value * value;
    right += other * other;
  }
  return a.length === b.length ? product / Math.sqrt(left * right) : NaN;
}
