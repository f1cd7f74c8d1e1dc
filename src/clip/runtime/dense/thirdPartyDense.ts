import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { openRegularFile } from '../../../base/regularFile.ts';
import { messageOf } from '../../../base/userError.ts';
import type { ModelFolder, ModelManifest } from '../../base/manifest.ts';
import { dot } from '../../base/vectors.ts';
import { readThirdPartyDense, THIRD_PARTY_PREFIX, type ThirdPartyDense } from '../../families/index.ts';
import { windowMethods, type DenseBranch, type DenseOutputs, type DenseSource } from '../../heatmaps/denseBranch.ts';
import type { HeatmapMethods } from '../../heatmaps/types.ts';
import { testPictures } from '../encoders/testPictures.ts';
import { encodePixels } from '../encoders/encode.ts';
import { imageRuns, normaliseRows } from '../encoders/feeds.ts';
import { floatOutput, lazySession, tensorOutput, type LazySession } from '../encoders/sessions.ts';
import { PromptGradient } from './promptGradient.ts';

/** Maximum size of a protobuf message. */
const MAX_MODEL_BYTES = 2 ** 31 - 1;
/** Some systems cannot read 2 GiB at once. */
const MAX_READ_BYTES = 1 << 28;
/**
 * Minimum cosine between the embedding of the encoder's own session, which may be on a GPU, and that of the extended
 * graph, and between the latter and the embedding of the appended nodes, which compute in float32 where the graph may
 * use half precision.
 */
const MIN_COSINE = 0.999;
/** Cells with a higher cosine are equal. */
const EQUAL_COSINE = 1 - 1e-5;

export interface ThirdPartyDenseOptions {
  /** The image encoder, to compare with. */
  readonly image: LazySession;
  readonly session: ort.InferenceSession.SessionOptions;
  readonly idleMilliseconds: number;
  /** Called with a line for the log if the graph has no dense branch or no gradient. */
  readonly onRefused: (line: string) => void;
}

/**
 * The dense branch of a third-party encoder: its graph is analysed, extended and tested at the first use. Nothing is
 * stored on the disk, so the branch always fits the graph, and models of earlier versions have it, too. If any step
 * fails, heatmaps use sliding windows.
 */
export class ThirdPartyDenseSource implements DenseSource {
  readonly #model: ModelFolder;
  readonly #options: ThirdPartyDenseOptions;
  #branch: Promise<DenseBranch | null> | undefined;
  #methods: HeatmapMethods | null = null;

  constructor(model: ModelFolder, options: ThirdPartyDenseOptions) {
    this.#model = model;
    this.#options = options;
  }

  get methods(): HeatmapMethods | null {
    return this.#methods;
  }

  branch(): Promise<DenseBranch | null> {
    return (this.#branch ??= this.#find());
  }

  async #find(): Promise<DenseBranch | null> {
    try {
      const { branch, refused } = await extend(this.#model, this.#options);
      if (refused !== null) this.#report('Heatmaps of the kind "why"', refused);
      this.#methods = { where: 'denseHead', why: branch.why ?? 'slidingWindow', because: refused };
      return branch;
    } catch (error) {
      const reason = messageOf(error).replace(/\s+/g, ' ').replace(/\.$/, '');
      this.#report('Heatmaps', reason);
      this.#methods = windowMethods(reason);
      return null;
    }
  }

  #report(heatmaps: string, reason: string): void {
    const { name } = this.#model.manifest;
    this.#options.onRefused(`${heatmaps} of "${name}" use sliding windows, which take longer: ${reason}.`);
  }
}

interface ExtendedEncoder {
  readonly branch: DenseBranch;
  /** Reason why there is no gradient, as a clause for the user; null where there is one. */
  readonly refused: string | null;
}

/** @throws Error with the reason why there is no such branch */
async function extend({ folder, manifest }: ModelFolder, options: ThirdPartyDenseOptions): Promise<ExtendedEncoder> {
  const { embeddingSize } = manifest;
  const file = path.join(folder, manifest.image.graph);
  const output = manifest.image.tensors?.output ?? 'embedding';
  const [picture = new Uint8Array()] = testPictures(1, manifest.image.size);
  // This also checks the graph against its manifest.
  const expected = await encodePixels(options.image, [picture], manifest);
  const dense = await readThirdPartyDense(file, output, manifest.image.size);
  const sessionOptions = withWeightFolder(options.session, file);
  const load = async () => ort.InferenceSession.create(await extendedModel(file, dense), sessionOptions);
  const session = lazySession('image encoder with its dense branch', load, options.idleMilliseconds);

  const heads = await session.use(async (denseSession) => {
    const outputs = await runDense(denseSession, picture, manifest);
    assertSound(outputs, floatOutput(outputs, output), expected, manifest);
    return tensorOutput(outputs, `${THIRD_PARTY_PREFIX}attention`).dims[0] ?? 0;
  });
  const { gradient, refused } = gradientOf(dense, heads, options);
  const run = (pixels: Uint8Array): Promise<DenseOutputs> =>
    session.use(async (denseSession) => {
      const outputs = await runDense(denseSession, pixels, manifest);
      const embedding = floatOutput(outputs, output).slice();
      normaliseRows(embedding, embedding.length);
      return {
        embedding,
        cells: floatOutput(outputs, `${THIRD_PARTY_PREFIX}cells`),
        contributions: gradient && new PromptGradient(gradient, outputs, embeddingSize, THIRD_PARTY_PREFIX),
        lengths: floatOutput(outputs, `${THIRD_PARTY_PREFIX}lengths`),
      };
    });
  if (gradient) await assertFiniteGradient(await run(picture));
  return { branch: { onlyPhotos: false, why: gradient && 'backwardPass', run }, refused };
}

function gradientOf(
  { gradient }: ThirdPartyDense,
  heads: number,
  { session, idleMilliseconds }: ThirdPartyDenseOptions,
): { readonly gradient: LazySession | null; readonly refused: string | null } {
  if (typeof gradient !== 'function') return { gradient: null, refused: gradient.refused };
  const load = async () => ort.InferenceSession.create(await gradient(heads), session);
  return { gradient: lazySession('gradient for heatmaps', load, idleMilliseconds), refused: null };
}

/** The bytes of the model followed by those of its extension. Weights in separate files stay there. */
async function extendedModel(file: string, { fragment }: ThirdPartyDense): Promise<Uint8Array> {
  const { handle } = await openRegularFile(file);
  try {
    const { size } = await handle.stat();
    if (size + fragment.byteLength > MAX_MODEL_BYTES)
      throw new Error('the file of its graph is too large to be extended');
    const bytes = new Uint8Array(size + fragment.byteLength);
    for (let filled = 0; filled < size;) {
      const { bytesRead } = await handle.read(bytes, filled, Math.min(size - filled, MAX_READ_BYTES));
      if (bytesRead === 0) throw new Error('the file of its graph was truncated');
      filled += bytesRead;
    }
    bytes.set(fragment, size);
    return bytes;
  } finally {
    await handle.close();
  }
}

/** Options with the folder of the weight files, which ONNX Runtime does not know for a model in memory. */
function withWeightFolder(
  options: ort.InferenceSession.SessionOptions,
  file: string,
): ort.InferenceSession.SessionOptions {
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

/** @throws Error where the extended graph is another encoder, or its cells have no information */
function assertSound(
  outputs: ort.InferenceSession.ReturnType,
  embedding: Float32Array,
  expected: Float32Array,
  { embeddingSize }: ModelManifest,
): void {
  const unit = embedding.slice();
  normaliseRows(unit, embeddingSize);
  if (!(dot(unit, expected) > MIN_COSINE)) throw new Error('its extended graph gives another embedding');
  if (!(dot(unit, floatOutput(outputs, `${THIRD_PARTY_PREFIX}embedding`)) > MIN_COSINE))
    throw new Error('the layers after its last block were not recognised correctly');
  const cells = floatOutput(outputs, `${THIRD_PARTY_PREFIX}cells`);
  const lengths = floatOutput(outputs, `${THIRD_PARTY_PREFIX}lengths`);
  if (![cells, lengths].every((values) => values.every(Number.isFinite)))
    throw new Error('its cells are not finite numbers');
  const first = cells.subarray(0, embeddingSize);
  for (let start = embeddingSize; start < cells.length; start += embeddingSize) {
    if (dot(first, cells.subarray(start, start + embeddingSize)) < EQUAL_COSINE) return;
  }
  throw new Error('its cells are all equal');
}

/** @throws Error where the gradient of the image's own embedding is not finite */
async function assertFiniteGradient({ embedding, contributions }: DenseOutputs): Promise<void> {
  const signed = await contributions?.mapsOf(embedding);
  if (!signed?.every(Number.isFinite)) throw new Error('its gradient is not finite');
}
