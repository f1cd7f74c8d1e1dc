import { open } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSafetensorsHeader, type StoredTensor } from '../../src/clip/checkpoint/safetensors.ts';
import { readFloats } from '../../src/clip/checkpoint/readFloats.ts';

process.env['ORT_DISABLE_TELEMETRY'] = '1';
const ort = await import('onnxruntime-node');
export type Feed = InstanceType<typeof ort.Tensor>;

/** The reference that references/encoders.py writes beside a checkpoint. */
export interface Expected {
  /** uint8 [N, S, S, 3] */
  readonly pixels: Feed;
  /** int64 [N, T] */
  readonly ids: Feed;
  /** [N, E] outputs of the projections, not normalised. */
  readonly imageEmbeds: Rows;
  readonly textEmbeds: Rows;
}

export interface Rows {
  readonly values: Float32Array;
  readonly columns: number;
}

export function fixtureFolder(name: string): string {
  return fileURLToPath(new URL(`fixtures/encoders/${name}`, import.meta.url));
}

export async function readExpected(name: string): Promise<Expected> {
  const tensors = await readSafetensorsHeader(path.join(fixtureFolder(name), 'expected.safetensors'));
  const stored = (key: string): StoredTensor => {
    const tensor = tensors.get(key);
    if (!tensor) throw new Error(`${name}/expected.safetensors has no ${key}`);
    return tensor;
  };
  const rows = async (tensor: StoredTensor): Promise<Rows> => ({
    values: await readFloats(tensor),
    columns: tensor.shape[1] ?? 0,
  });
  const pixels = stored('pixels');
  const ids = stored('input_ids');
  return {
    pixels: new ort.Tensor('uint8', new Uint8Array(await readRaw(pixels)), pixels.shape),
    ids: new ort.Tensor('int64', new BigInt64Array(await readRaw(ids)), ids.shape),
    imageEmbeds: await rows(stored('image_embeds')),
    textEmbeds: await rows(stored('text_embeds')),
  };
}

export async function readRaw({ file, offset, byteLength }: StoredTensor): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(byteLength);
  const handle = await open(file);
  try {
    await handle.read(bytes, 0, byteLength, offset);
  } finally {
    await handle.close();
  }
  return bytes.buffer;
}

/** Runs a model with one output, on one thread. */
export async function runModel(model: string | Uint8Array, feeds: Readonly<Record<string, Feed>>): Promise<Rows> {
  const options = { intraOpNumThreads: 1, logSeverityLevel: 3 } as const;
  const session = await (typeof model === 'string'
    ? ort.InferenceSession.create(model, options)
    : ort.InferenceSession.create(model, options));
  try {
    const [output] = Object.values(await session.run(feeds));
    if (!(output?.data instanceof Float32Array)) throw new Error('The model puts out no float32');
    return { values: output.data, columns: output.dims[1] ?? 0 };
  } finally {
    await session.release();
  }
}

export function feed(type: 'uint8' | 'float32', data: Uint8Array | Float32Array, shape: readonly number[]): Feed {
  return type === 'uint8'
    ? new ort.Tensor('uint8', data as Uint8Array, shape)
    : new ort.Tensor('float32', data as Float32Array, shape);
}

/** Runs a model with several outputs, on one thread. */
export async function runOutputs(model: string, feeds: Readonly<Record<string, Feed>>) {
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  try {
    const outputs = await session.run(feeds);
    const floats = (name: string): Float32Array => {
      const data = outputs[name]?.data;
      if (!(data instanceof Float32Array)) throw new Error(`The model puts out no float32 "${name}"`);
      return data;
    };
    return { outputs, floats };
  } finally {
    await session.release();
  }
}

/** The first `count` rows of a tensor, each cut to `length` elements along its second axis. */
export function cutIds(ids: Feed, count: number, length: number): Feed {
  const [, width = 0] = ids.dims;
  const data = ids.data as BigInt64Array;
  const cut = new BigInt64Array(count * length);
  for (let row = 0; row < count; row++) cut.set(data.subarray(row * width, row * width + length), row * length);
  return new ort.Tensor('int64', cut, [count, length]);
}

/** One image of a batch. uint8 [N, S, S, 3] → [1, S, S, 3] */
export function imageAt(pixels: Feed, index: number): Feed {
  const [, ...shape] = pixels.dims;
  const size = shape.reduce((product, side) => product * side, 1);
  const data = (pixels.data as Uint8Array).slice(index * size, (index + 1) * size);
  return new ort.Tensor('uint8', data, [1, ...shape]);
}

/** float32 [N, 3, S, S], normalised as a checkpoint of transformers requires. */
export function normalisedPixels(pixels: Feed, mean: readonly number[], std: readonly number[]): Feed {
  const [count = 0, size = 0] = pixels.dims;
  const source = pixels.data as Uint8Array;
  const plane = size * size;
  const result = new Float32Array(source.length);
  for (let at = 0; at < source.length; at++) {
    const channel = at % 3;
    const cell = Math.floor(at / 3) % plane;
    const image = Math.floor(at / (3 * plane));
    const value = ((source[at] ?? 0) / 255 - (mean[channel] ?? 0)) / (std[channel] ?? 1);
    result[(image * 3 + channel) * plane + cell] = value;
  }
  return new ort.Tensor('float32', result, [count, 3, size, size]);
}

export function unitRows({ values, columns }: Rows): Rows {
  const result = values.slice();
  for (let start = 0; start < result.length; start += columns) {
    const row = result.subarray(start, start + columns);
    const norm = Math.hypot(...row);
    row.forEach((value, at) => (row[at] = value / norm));
  }
  return { values: result, columns };
}

/** The lowest cosine between rows with the same index, and the largest difference between two elements. */
export function compareRows(actual: Rows, expected: Rows): { readonly cosine: number; readonly difference: number } {
  if (actual.values.length !== expected.values.length || actual.columns !== expected.columns) {
    throw new Error(
      `${actual.values.length} values in rows of ${actual.columns} for ${expected.values.length} of ${expected.columns}`,
    );
  }
  let cosine = 1;
  let difference = 0;
  const [a, b] = [unitRows(actual).values, unitRows(expected).values];
  for (let start = 0; start < a.length; start += actual.columns) {
    let dot = 0;
    for (let at = start; at < start + actual.columns; at++) {
      dot += (a[at] ?? NaN) * (b[at] ?? NaN);
      difference = Math.max(difference, Math.abs((actual.values[at] ?? NaN) - (expected.values[at] ?? NaN)));
    }
    // A NaN must not count as a high cosine.
    cosine = Number.isNaN(dot) ? NaN : Math.min(cosine, dot);
  }
  return { cosine, difference };
}
