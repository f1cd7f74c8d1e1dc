import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  DECODE_LIMITS,
  encodeColours,
  LOOK_SIDE,
  UserError,
  rankingLogit,
  type ImageLook,
  type ImageOutcome,
  type ImageSource,
  type Inference,
  type MatrixSource,
  type ModelFolder,
  type SheetContent,
} from '../../../src/clip/index.ts';
import { float16Values } from '../../../src/base/float16.ts';
import { splitImagePath } from '../../../src/base/imagePath.ts';

/** The words that the fake encoder distinguishes: each word is one axis. The last two axes are the modalities. */
const WORDS = ['red', 'blue', 'green', 'car', 'road', 'tree', 'house', 'night', 'sun', 'cat', 'dog', 'gear', 'a', 'an'];
const AXES = WORDS.length + 2;

export interface FakeInference extends Inference {
  /** Base names of all images that the encoder saw, in order. */
  readonly seen: string[];
  /** All texts that the encoder saw. */
  readonly texts: string[];
  /** The transferred rows: from `from` to `rows` of the matrix with this key. */
  readonly matrices: { readonly key: string; readonly from: number; readonly rows: number }[];
  /** Runs before each batch of images: may throw, wait, or change files. */
  beforeBatch: (batch: number) => void | Promise<void>;
}

/**
 * An encoder whose "images" are text files: the words in them are what they show. A file with the word "broken" cannot
 * be decoded, and a file with the word "slow" fails temporarily. A file "x.svg" with lines "#id words" is a sheet. It
 * computes scores like the inference process, from the rows that the library transfers.
 */
export function fakeInference(modelId = 'fake'): FakeInference {
  const held: { key: string; rows: Float32Array[] } = { key: '', rows: [] };
  let batches = 0;
  const hold = async (source: MatrixSource): Promise<readonly Float32Array[]> => {
    const { key, columns } = source;
    if (held.key === key && held.rows.length === source.rows) return held.rows;
    if (held.key !== key || held.rows.length > source.rows) held.rows = [];
    const from = held.rows.length;
    for await (const chunk of source.chunks(from)) {
      const values = float16Values(chunk);
      for (let i = 0; i < values.length; i += columns) held.rows.push(values.subarray(i, i + columns));
    }
    held.key = key;
    fake.matrices.push({ key, from, rows: held.rows.length });
    return held.rows;
  };
  const fake: FakeInference = {
    model: model(modelId),
    limits: DECODE_LIMITS,
    seen: [],
    texts: [],
    matrices: [],
    beforeBatch: () => undefined,
    async embedImages(images, signal) {
      await fake.beforeBatch(++batches);
      signal?.throwIfAborted();
      return Promise.all(
        images.map((image) => {
          fake.seen.push(path.basename(image.kind === 'file' ? image.path : image.name));
          return outcomeOf(image);
        }),
      );
    },
    embedTexts(texts) {
      fake.texts.push(...texts);
      const rows = texts.map((text) => embeddingOf(text, 'text'));
      return Promise.resolve(Float32Array.from(rows.flatMap((row) => [...row])));
    },
    // A word that the encoder knows is one piece, and another one is a piece for each letter.
    countPieces: (texts) =>
      Promise.resolve(Uint32Array.from(texts, (text) => (WORDS.includes(text) ? 1 : text.length))),
    async rank(source, { weights, bias, exclusions = new Float32Array() }, { limit, among }, signal) {
      const rows = await hold(source);
      signal?.throwIfAborted();
      const scores = Array.from(among ?? rows.keys(), (row) => {
        const logits = bias.map(
          (shift, l) => dot(rows[row] ?? weights, weights.subarray(l * AXES, (l + 1) * AXES)) + shift,
        );
        return { row, score: rankingLogit(logits, exclusions) };
      });
      const best = scores.sort((a, b) => b.score - a.score || a.row - b.row).slice(0, limit);
      return {
        rows: Uint32Array.from(best, ({ row }) => row),
        logits: Float32Array.from(best, ({ score }) => score),
      };
    },
    async tag(source, { weights, bias }, minimum, limit) {
      const rows = await hold(source);
      const entries = rows.map((row) =>
        Array.from(bias, (b, label) => ({ label, logit: dot(row, weights.subarray(label * AXES)) + b }))
          .filter(({ label, logit }) => logit >= (minimum[label] ?? 0))
          .sort((a, b) => b.logit - a.logit)
          .slice(0, limit),
      );
      const offsets = [0];
      for (const own of entries) offsets.push((offsets.at(-1) ?? 0) + own.length);
      return {
        offsets: Uint32Array.from(offsets),
        labels: Uint32Array.from(entries.flat(), ({ label }) => label),
        logits: Float32Array.from(entries.flat(), ({ logit }) => logit),
      };
    },
    async moments(source) {
      const rows = await hold(source);
      const mean = new Float32Array(AXES).map((_, i) => average(rows.map((row) => row[i] ?? 0)));
      const covariance = new Float32Array(AXES * AXES).map((_, at) => {
        const [i, j] = [Math.floor(at / AXES), at % AXES];
        return average(rows.map((row) => ((row[i] ?? 0) - (mean[i] ?? 0)) * ((row[j] ?? 0) - (mean[j] ?? 0))));
      });
      return { count: rows.length, mean, covariance };
    },
    async imageLook(source) {
      const outcome = await outcomeOf(source);
      if (!outcome.ok) throw new UserError(outcome.reason);
      return { hash: outcome.hash, look: outcome.look };
    },
    async sheetContent(source) {
      const outcome = await outcomeOf(source);
      if (outcome.hash === null) throw new UserError('it cannot be read');
      return { hash: outcome.hash, content: outcome.sheet ?? null };
    },
    thumbnail: () => Promise.reject(new Error('a fake has no pictures')),
    heatmap: () => Promise.reject(new Error('a fake has no cells')),
    imageDetails: () => Promise.reject(new Error('a fake has no pictures')),
    shownPixels: () => Promise.reject(new Error('a fake has no pictures')),
    describe: () => Promise.reject(new Error('a fake has no runtime')),
    device: () => Promise.reject(new Error('a fake has no device')),
    tryDevices: () => Promise.reject(new Error('a fake has no device')),
    deviceChanged: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return fake;
}

async function outcomeOf(image: ImageSource): Promise<ImageOutcome> {
  const { file, fragment } = splitImagePath(image.kind === 'file' ? image.path : image.name);
  let bytes: Uint8Array;
  try {
    const size = image.kind === 'file' ? (await stat(file)).size : image.bytes.length;
    if (size > DECODE_LIMITS.bytes) return { ok: false, hash: null, reason: 'it is too large', permanent: true };
    bytes = image.kind === 'file' ? await readFile(file) : image.bytes;
    if (fragment !== '') bytes = Buffer.from(symbolsOf(bytes).get(fragment) ?? 'broken');
  } catch (error) {
    return { ok: false, hash: null, reason: String(error), permanent: false };
  }
  const hash = hashOf(bytes);
  const sheet = fragment === '' ? sheetOf(file, bytes) : undefined;
  const shows = new TextDecoder().decode(bytes);
  if (shows.includes('broken')) return { ok: false, hash, reason: 'it is no image', permanent: true, sheet };
  if (shows.includes('slow')) return { ok: false, hash, reason: 'it takes too long', permanent: false };
  return {
    ok: true,
    hash,
    width: 32,
    height: 16,
    format: file.endsWith('.svg') ? 'svg' : 'png',
    embedding: embeddingOf(shows, 'image'),
    look: lookOf(shows),
    sheet,
  };
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The words of each symbol, from lines such as "#heart red". */
function symbolsOf(bytes: Uint8Array): Map<string, string> {
  const lines = new TextDecoder().decode(bytes).matchAll(/^#(\S+) (.*)$/gm);
  return new Map(Array.from(lines, ([, fragment = '', words = '']) => [fragment, words]));
}

/** A sheet with the word "drawing" shows something by itself. */
function sheetOf(file: string, bytes: Uint8Array): SheetContent | undefined {
  const fragments = [...symbolsOf(bytes)].map(([fragment, words]) => ({ fragment, hash: hashOf(Buffer.from(words)) }));
  if (!file.endsWith('.svg') || fragments.length === 0) return undefined;
  const text = new TextDecoder().decode(bytes);
  return { fragments, left: text.includes('more') ? 12 : 0, isDrawing: text.includes('drawing') };
}

/** The colours of the colour words, in equal shares, and pixels that depend on the known words. */
function lookOf(shows: string): ImageLook {
  const words = shows.toLowerCase().split(/[^a-z]+/);
  const colours = Object.entries(COLOURS).filter(([word]) => words.includes(word));
  const digest = createHash('sha256')
    .update(words.filter((word) => WORDS.includes(word)).join())
    .digest();
  return {
    colours: encodeColours(colours.map(([, colour]) => ({ ...colour, share: 1 / colours.length }))),
    pixels: Uint8Array.from({ length: LOOK_SIDE ** 2 }, (_, i) => digest[i % digest.length] ?? 0),
  };
}

/** OKLab values of #e11d2e, #1f4fd8 and #1a9e3c. */
const COLOURS = {
  red: { l: 0.58, a: 0.2, b: 0.09 },
  blue: { l: 0.48, a: -0.02, b: -0.21 },
  green: { l: 0.61, a: -0.15, b: 0.1 },
};

function embeddingOf(shows: string, modality: 'image' | 'text'): Float32Array {
  const vector = new Float32Array(AXES);
  for (const word of shows.toLowerCase().split(/[^a-z]+/)) {
    const axis = WORDS.indexOf(word);
    if (axis >= 0) vector[axis] = 1;
  }
  vector[modality === 'image' ? AXES - 2 : AXES - 1] = 1;
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

function average(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function model(id: string): ModelFolder {
  return {
    folder: 'nowhere',
    manifest: {
      formatVersion: 2,
      id,
      name: id,
      licence: null,
      precision: 'fp32',
      embeddingSize: AXES,
      logitScale: 100,
      image: { graph: '', size: 32, resize: 'squash', interpolation: 'area', background: 'contrast' },
      text: { graph: '', tokenizer: '', contextLength: 8, startToken: 0, endToken: 1, padToken: 0 },
      calibration: null,
    },
  };
}
