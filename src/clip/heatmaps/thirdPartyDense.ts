import { open } from 'node:fs/promises';
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { messageOf } from '../../base/userError.ts';
import { OURS } from './thirdParty/denseFragment.ts';
import { type ThirdPartyDense, readDense } from './thirdParty/readDense.ts';
import type { ModelFolder, ModelManifest } from '../base/manifest.ts';
import { dot } from '../base/vectors.ts';
import { stateOf, windowsBecause, type DenseBranch, type DenseOutputs, type DenseSource } from './dense.ts';
import { encodePixels } from '../runtime/encoders/encode.ts';
import { imageRuns, normaliseRows } from '../runtime/encoders/feeds.ts';
import { testPictures } from '../runtime/encoders/testPictures.ts';
import type { HeatmapMethods } from './types.ts';
import { floatOutput, lazySession, tensorOutput, type LazySession } from '../runtime/encoders/sessions.ts';

/** A protobuf message ends at 2 GiB. */
const LARGEST_MODEL = 2 ** 31 - 1;
/**
 * Between the embedding of the encoder's own session, perhaps on a GPU, and that of the same graph extended; and between that and the
 * one which the appended nodes compute, in float32 where the graph may compute in half precision.
 */
const LEAST_COSINE = 0.999;
/** Cells of a picture that differ by less are all the same. */
const ALL_ALIKE = 1 - 1e-5;

interface Surroundings {
  /** The encoder, to compare with. */
  readonly image: LazySession;
  readonly options: ort.InferenceSession.SessionOptions;
  readonly idleMilliseconds: number;
  /** For the log, once. */
  readonly onRefused: (line: string) => void;
}

/**
 * The dense branch of an encoder of another maker: its graph is looked at, extended and tried at the first use. Nothing of it is kept on
 * the disk, so that models that were installed earlier have it, too, and it always fits the graph that is there. Whatever goes
 * wrong is a reason for windows, and no error.
 */
export function thirdPartyDense(model: ModelFolder, surroundings: Surroundings): DenseSource {
  let found: Promise<DenseBranch | null> | undefined;
  let methods: HeatmapMethods | null = null;
  const refuse = (what: string, reason: string): void => {
    surroundings.onRefused(`${what} of "${model.manifest.name}" are made by windows, which takes longer: ${reason}.`);
  };
  const find = async (): Promise<DenseBranch | null> => {
    try {
      const { branch, refused } = await extend(model, surroundings);
      if (refused !== null) refuse('Heatmaps of the kind "why"', refused);
      methods = { where: 'denseHead', why: branch.why ?? 'slidingWindow', because: refused };
      return branch;
    } catch (error) {
      const reason = messageOf(error).replace(/\s+/g, ' ').replace(/\.$/, '');
      refuse('Heatmaps', reason);
      methods = windowsBecause(reason);
      return null;
    }
  };
  return {
    branch: () => (found ??= find()),
    get methods() {
      return methods;
    },
  };
}

/** @throws Error with why there is no such branch */
async function extend({ folder, manifest }: ModelFolder, { image, options, idleMilliseconds }: Surroundings) {
  const file = path.join(folder, manifest.image.graph);
  const output = manifest.image.tensors?.output ?? 'embedding';
  const [picture = new Uint8Array()] = testPictures(1, manifest.image.size);
  const expected = await encodePixels(image, [picture], manifest); // that it is the graph of its manifest is checked there
  const dense = await readDense(file, output, manifest.image.size);
  const load = async () => ort.InferenceSession.create(await extendedModel(file, dense), besideFile(options, file));
  const session = lazySession('image encoder with its dense branch', load, idleMilliseconds);

  const heads = await session.use(async (s) => {
    const outputs = await runDense(s, picture, manifest);
    assertSound(outputs, floatOutput(outputs, output), expected, manifest);
    return tensorOutput(outputs, `${OURS}attention`).dims[0] ?? 0;
  });
  const { gradient, refused } = gradientOf(dense, heads, options, idleMilliseconds);
  const branch: DenseBranch = {
    why: gradient && 'backwardPass',
    look: (pixels) =>
      session.use(async (s): Promise<DenseOutputs> => {
        const outputs = await runDense(s, pixels, manifest);
        const embedding = floatOutput(outputs, output).slice();
        normaliseRows(embedding, embedding.length);
        return {
          embedding,
          cells: floatOutput(outputs, `${OURS}cells`),
          shares: gradient && stateOf(outputs, gradient, OURS),
          lengths: floatOutput(outputs, `${OURS}lengths`),
        };
      }),
  };
  if (gradient) await assertGradient(gradient, await branch.look(picture));
  return { branch, refused };
}

function gradientOf(
  { gradient }: ThirdPartyDense,
  heads: number,
  options: ort.InferenceSession.SessionOptions,
  idleMilliseconds: number,
) {
  if (typeof gradient !== 'function') return { gradient: null, refused: gradient.refused };
  const load = async () => ort.InferenceSession.create(await gradient(heads), options);
  return { gradient: lazySession('gradient for heatmaps', load, idleMilliseconds), refused: null };
}

/** The bytes of the model followed by those of its extension. Weights in files of their own stay there. */
async function extendedModel(file: string, { fragment }: ThirdPartyDense): Promise<Uint8Array> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (size + fragment.byteLength > LARGEST_MODEL)
      throw new Error('the file of its graph is too large to be extended');
    const bytes = new Uint8Array(size + fragment.byteLength);
    for (let filled = 0; filled < size;) {
      // A read of 2 GiB at once is one too many for some systems.
      const { bytesRead } = await handle.read(bytes, filled, Math.min(size - filled, 1 << 28));
      if (bytesRead === 0) throw new Error('the file of its graph was cut off meanwhile');
      filled += bytesRead;
    }
    bytes.set(fragment, size);
    return bytes;
  } finally {
    await handle.close();
  }
}

/** A model that is given as bytes says of its weights that they are beside it; the runtime is told where that is. */
function besideFile(options: ort.InferenceSession.SessionOptions, file: string): ort.InferenceSession.SessionOptions {
  const extra = options.extra as { readonly session?: Readonly<Record<string, unknown>> } | undefined;
  const session = { ...extra?.session, model_external_initializers_file_folder_path: path.dirname(file) };
  return { ...options, extra: { ...extra, session } };
}

async function runDense(
  session: ort.InferenceSession,
  pixels: Uint8Array,
  { image }: Pick<ModelManifest, 'image'>,
): Promise<ort.InferenceSession.ReturnType> {
  const feeds = imageRuns(image, [pixels]).flatMap((run) => run.feeds);
  return session.run(
    Object.fromEntries(feeds.map(({ input, type, data, dims }) => [input, new ort.Tensor(type, data, dims)])),
  );
}

/** @throws Error where the extended graph is not the same encoder, or its cells say nothing */
function assertSound(
  outputs: ort.InferenceSession.ReturnType,
  embedding: Float32Array,
  expected: Float32Array,
  { embeddingSize }: ModelManifest,
): void {
  const unit = embedding.slice();
  normaliseRows(unit, embeddingSize);
  if (!(dot(unit, expected) > LEAST_COSINE)) throw new Error('extended, its graph gives another embedding');
  const again = floatOutput(outputs, `${OURS}embedding`);
  if (!(dot(unit, again) > LEAST_COSINE))
    throw new Error('what follows its last block computes something else than was recognised');
  const cells = floatOutput(outputs, `${OURS}cells`);
  const isFinite = [cells, floatOutput(outputs, `${OURS}lengths`)].every((values) => values.every(Number.isFinite));
  if (!isFinite) throw new Error('its cells are no numbers');
  const first = cells.subarray(0, embeddingSize);
  for (let at = embeddingSize; at < cells.length; at += embeddingSize) {
    if (dot(first, cells.subarray(at, at + embeddingSize)) < ALL_ALIKE) return;
  }
  throw new Error('its cells are all alike');
}

/** @throws Error where what it says are no numbers */
async function assertGradient(gradient: LazySession, { embedding, shares }: DenseOutputs): Promise<void> {
  if (!shares || shares instanceof Float32Array) throw new Error('A gradient needs the state of the class token.');
  const text = new ort.Tensor('float32', embedding, [1, embedding.length]);
  const signed = await gradient.use(async (s) => floatOutput(await s.run({ ...shares.feeds, text }), 'signed'));
  if (!signed.every(Number.isFinite)) throw new Error('its gradient is no number');
}
