import type { ImageInput, TextInput } from '../../base/manifest.ts';
import type { Tokens } from '../../text/tokenizer.ts';

/** A tensor for an input of a session. */
export interface Feed {
  readonly input: string;
  readonly type: 'uint8' | 'float32' | 'int32' | 'int64';
  readonly data: Uint8Array | Float32Array | Int32Array | BigInt64Array;
  readonly dims: readonly number[];
}

/** The input of one run of a session, and the number of rows that it returns. */
export interface Run {
  readonly feeds: readonly Feed[];
  readonly output: string;
  readonly rows: number;
}

/** The tensors of our own graphs, whose manifests do not list them. */
const OWN_IMAGE_TENSORS = { type: 'uint8', input: 'pixels', output: 'embedding', batch: null } as const;
const OWN_TEXT_TENSORS = {
  type: 'int64',
  input: 'input_ids',
  attentionMask: null,
  output: 'embedding',
  batch: null,
  length: null,
} as const;

/**
 * The runs that embed these images.
 * @param images each [size, size, 3]
 * @param memory used for the pixels if it is large enough; the runs are over before it is used again
 */
export function imageRuns(
  { tensors = OWN_IMAGE_TENSORS, size }: ImageInput,
  images: readonly Uint8Array[],
  memory: Uint8Array = new Uint8Array(),
): Run[] {
  return groups(images, tensors.batch).map((group): Run => {
    const rows = group.length;
    const values = size * size * 3;
    if (tensors.type === 'uint8') {
      const isEnough = tensors.batch === null && memory.length >= rows * values;
      const data = isEnough ? memory.subarray(0, rows * values) : new Uint8Array(rows * values);
      for (const [row, pixels] of group.entries()) data.set(pixels, row * values);
      const feed: Feed = { input: tensors.input, type: 'uint8', data, dims: [rows, size, size, 3] };
      return { feeds: [feed], output: tensors.output, rows };
    }
    const data = new Float32Array(rows * values);
    const normalised = channelTables(tensors.mean, tensors.std);
    for (const [row, pixels] of group.entries()) {
      toPlanes(pixels, normalised, data.subarray(row * values, (row + 1) * values));
    }
    const feed: Feed = { input: tensors.input, type: 'float32', data, dims: [rows, 3, size, size] };
    return { feeds: [feed], output: tensors.output, rows };
  });
}

/** The runs that embed these texts. */
export function textRuns(input: TextInput, { ids, shape: [count, length] }: Tokens): Run[] {
  const tensors = input.tensors ?? OWN_TEXT_TENSORS;
  const paddedLength = tensors.length ?? length;
  const texts = Array.from({ length: count }, (_, i) => ids.subarray(i * length, (i + 1) * length));
  return groups(texts, tensors.batch).map((group): Run => {
    const dims = [group.length, paddedLength];
    const padded = new BigInt64Array(group.length * paddedLength).fill(BigInt(input.padToken));
    const mask = new BigInt64Array(padded.length);
    for (const [row, text] of group.entries()) {
      padded.set(text, row * paddedLength);
      // The padding token can be the end token, so the text ends at the first one. If the encoder attends to the
      // padding, the mask hides nothing.
      const attended = input.paddedLength === undefined ? text.indexOf(BigInt(input.endToken)) + 1 : paddedLength;
      mask.fill(1n, row * paddedLength, row * paddedLength + attended);
    }
    const feeds = [idFeed(tensors.input, tensors.type, padded, dims)];
    const { attentionMask } = tensors;
    if (attentionMask) feeds.push(idFeed(attentionMask.input, attentionMask.type, mask, dims));
    return { feeds, output: tensors.output, rows: group.length };
  });
}

/** Makes each row a unit vector, in place, so that cosines are plain products (paper, figure 3). */
export function normaliseRows(rows: Float32Array, columns: number): void {
  for (let start = 0; start < rows.length; start += columns) {
    const row = rows.subarray(start, start + columns);
    let sum = 0;
    for (const value of row) sum += value * value;
    // The lower bound keeps a zero vector from becoming NaN.
    const norm = Math.max(Math.sqrt(sum), 1e-12);
    for (let i = 0; i < columns; i++) row[i] = (row[i] ?? 0) / norm;
  }
}

function idFeed(input: string, type: 'int32' | 'int64', ids: BigInt64Array, dims: readonly number[]): Feed {
  return { input, type, data: type === 'int64' ? ids : Int32Array.from(ids, Number), dims };
}

/** Splits items into runs: one item each if the graph accepts only one, else all in one run. */
function groups<T>(items: readonly T[], batch: 1 | null): (readonly T[])[] {
  return batch === 1 ? items.map((item) => [item]) : [items];
}

type Triple = readonly [number, number, number];

/** The normalised value of each of the 256 levels, for each channel. */
function channelTables(mean: Triple, std: Triple): readonly [Float32Array, Float32Array, Float32Array] {
  const table = (channel: 0 | 1 | 2) =>
    Float32Array.from({ length: 256 }, (_, value) => (value / 255 - mean[channel]) / std[channel]);
  return [table(0), table(1), table(2)];
}

/** [size · size, 3] → [3, size · size] */
function toPlanes(
  pixels: Uint8Array,
  tables: readonly [Float32Array, Float32Array, Float32Array],
  planes: Float32Array,
): void {
  const cells = pixels.length / 3;
  for (const [channel, table] of tables.entries()) {
    for (let cell = 0; cell < cells; cell++) {
      planes[channel * cells + cell] = table[pixels[cell * 3 + channel] ?? 0] ?? 0;
    }
  }
}
