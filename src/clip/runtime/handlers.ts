import { createHash } from 'node:crypto';
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import type { Emit, Handlers } from '../../base/rpc/protocol.ts';
import {
  openModelFolder,
  type ImageInput,
  type ModelFolder,
  type ModelManifest,
  type TextInput,
} from '../base/manifest.ts';
import { lazySession, sessionOptions, type LazySession } from './encoders/sessions.ts';
import { knownDense, type DenseSource } from '../heatmaps/denseBranch.ts';
import { HeatmapMaker } from '../heatmaps/heatmaps.ts';
import { readDetails } from '../images/details.ts';
import type { DecodeOptions, Decoding } from '../images/decoding/decodeOptions.ts';
import { NoThreadLeft } from '../images/decoding/decodeQueue.ts';
import { withSource } from '../images/imageSource.ts';
import type { HashedLook } from '../images/look/imageLook.ts';
import { preprocessImage } from '../images/preprocess.ts';
import { readShownPixels } from '../images/shownPixels.ts';
import { sheetContent } from '../images/formats/svg/sheet/sheet.ts';
import type { HashedSheet, ImageDetails, ImageSource, ShownBox, ShownPixels } from '../images/types.ts';
import { assertGraph, assertWeightFiles } from '../models/assertGraph.ts';
import { convertedDense } from './dense/convertedDense.ts';
import { ThirdPartyDenseSource } from './dense/thirdPartyDense.ts';
import { gpuSession } from './device/gpuSession.ts';
import { CPU_BATCH } from './device/verdict.ts';
import { encodePixels } from './encoders/encode.ts';
import { ImageQueue } from './imageQueue.ts';
import { MatrixStore } from './matrix/matrixStore.ts';
import { MatrixOperations } from './matrix/operations.ts';
import type { HostEvents, HostOptions, InferenceProtocol } from './protocol.ts';
import { textEmbedder } from './textEmbedder.ts';
import { cachedThumbnails } from './thumbnails/thumbnailCache.ts';

export interface HandlerContext {
  readonly decoding: Decoding;
  readonly emit: Emit<HostEvents>;
  /** Called during long work. */
  readonly onProgress: () => void;
}

/**
 * The methods of the inference process, for one model.
 * @throws UserError if the folder has no model
 */
export async function createHandlers(
  options: HostOptions,
  { decoding, emit, onProgress }: HandlerContext,
): Promise<Handlers<InferenceProtocol>> {
  const model = await openModelFolder(options.modelFolder);
  const { manifest } = model;
  const sessions = new ModelSessions(model, options, emit);
  const dense = sessions.dense();
  const images = new ImageQueue({
    session: sessions.image,
    manifest,
    decoding,
    batchSize: () => sessions.batch,
    onProgress,
  });
  const texts = textEmbedder(sessions.text, model, onProgress);
  const thumbnail = cachedThumbnails(decoding, options.thumbnailFolder && { ...options.thumbnailFolder, onUnwritable });
  const encode = (squares: readonly Uint8Array[]) => encodePixels(sessions.image, squares, manifest);
  const heatmaps = new HeatmapMaker({ encode, dense }, manifest, decoding, onProgress);
  const matrices = new MatrixStore(new MatrixOperations(sessions.cpuOptions, options.sessionIdleMilliseconds));

  return {
    embedImages: (params, signal) => images.embed(params.images, signal),
    embedTexts: (params, signal) => texts.embed(params.texts, signal),
    countPieces: (params) => texts.countPieces(params.texts),
    thumbnail: ({ source, box }, signal) => thumbnail(source, box, signal),
    heatmap: ({ source, query }, signal) => nullIfStuck(heatmaps.heatmap(source, query, signal)),
    imageLook: ({ source }, signal) => nullIfStuck(hashedLook(source, manifest, { ...decoding, signal })),
    sheetContent: ({ source }, signal) => nullIfStuck(hashedSheet(source, { ...decoding, signal })),
    imageDetails: ({ source }, signal) => nullIfStuck(detailsOf(source, { ...decoding, signal, urgent: true })),
    shownPixels: ({ source, box }, signal) => nullIfStuck(pixelsOf(source, box, { ...decoding, signal, urgent: true })),
    beginMatrix({ key, columns }) {
      matrices.begin(key, columns);
      return null;
    },
    forgetMatrix({ key }) {
      matrices.forget(key);
      return null;
    },
    appendRows({ key, rows }) {
      matrices.get(key).append(rows);
      return null;
    },
    rank: ({ key, query, limit, among }, signal) => matrices.get(key).rank(query, limit, among, signal),
    tag: ({ key, labels, minimum, limit }, signal) => matrices.get(key).tag(labels, minimum, limit, signal),
    moments: ({ key }, signal) => matrices.get(key).moments(signal),
    describe: () => ({
      processId: process.pid,
      provider: sessions.provider,
      batch: sessions.batch,
      threads: options.threads,
      imageSession: sessions.image.state,
      textSession: sessions.text.state,
      heatmaps: dense.methods,
    }),
  };
}

/** The sessions of a model's encoders, and the device of its image encoder. */
class ModelSessions {
  readonly image: LazySession;
  readonly text: LazySession;
  readonly cpuOptions: ort.InferenceSession.SessionOptions;
  readonly #model: ModelFolder;
  readonly #idleMilliseconds: number;
  #device: Pick<HostOptions, 'device' | 'batch'>;

  constructor(model: ModelFolder, options: HostOptions, emit: Emit<HostEvents>) {
    const { device, threads } = options;
    this.#model = model;
    this.#idleMilliseconds = options.sessionIdleMilliseconds;
    this.#device = options;
    this.cpuOptions = sessionOptions({ provider: 'cpu', threads });
    this.text = this.#encoder('text encoder', model.manifest.text, this.cpuOptions);
    const onCpu = this.#encoder('image encoder', model.manifest.image, this.cpuOptions);
    if (device === 'cpu') {
      this.image = onCpu;
      return;
    }
    const onGpu = this.#encoder('image encoder', model.manifest.image, sessionOptions({ provider: device, threads }));
    this.image = gpuSession(onGpu, onCpu, model.manifest.embeddingSize, {
      onBusy(busy) {
        emit('onGpu', { busy });
      },
      onLost: (reason) => {
        this.#device = { device: 'cpu', batch: CPU_BATCH };
        emit('gpuLost', { reason });
      },
    });
  }

  /** The execution provider of the image encoder. */
  get provider(): HostOptions['device'] {
    return this.#device.device;
  }

  /** The batch size of the image encoder. */
  get batch(): number {
    return this.#device.batch;
  }

  /** The dense branch of the image encoder, for heatmaps. */
  dense(): DenseSource {
    const { dense, image } = this.#model.manifest;
    if (dense) {
      const session = this.#graph('dense branch of the image encoder', dense.graph, this.cpuOptions);
      const gradient =
        dense.gradient === null ? null : this.#graph('gradient for heatmaps', dense.gradient, this.cpuOptions);
      return knownDense(convertedDense(session, gradient, { size: image.size, onlyPhotos: dense.onlyPhotos }));
    }
    if (!image.tensors) return knownDense(null);
    return new ThirdPartyDenseSource(this.#model, {
      image: this.image,
      session: this.cpuOptions,
      idleMilliseconds: this.#idleMilliseconds,
      onRefused: writeLog,
    });
  }

  #encoder(name: string, input: ImageInput | TextInput, options: ort.InferenceSession.SessionOptions): LazySession {
    const load = async (): Promise<ort.InferenceSession> => {
      await assertGraph(this.#model.folder, input);
      return this.#load(input.graph, options);
    };
    return lazySession(name, load, this.#idleMilliseconds);
  }

  #graph(name: string, file: string, options: ort.InferenceSession.SessionOptions): LazySession {
    return lazySession(name, () => this.#load(file, options), this.#idleMilliseconds);
  }

  async #load(file: string, options: ort.InferenceSession.SessionOptions): Promise<ort.InferenceSession> {
    await assertWeightFiles(this.#model.folder, file);
    return ort.InferenceSession.create(path.join(this.#model.folder, file), options);
  }
}

function detailsOf(source: ImageSource, options: DecodeOptions): Promise<ImageDetails> {
  return withSource(source, options, (file) => readDetails(file, options));
}

function hashedLook(source: ImageSource, { image }: ModelManifest, options: DecodeOptions): Promise<HashedLook> {
  return withSource(source, options, async (file) => {
    const { look } = await preprocessImage(file, image, options);
    return { hash: createHash('sha256').update(file.bytes).digest('hex'), look };
  });
}

function hashedSheet(source: ImageSource, options: DecodeOptions): Promise<HashedSheet> {
  return withSource(source, options, async ({ bytes }) => {
    const hash = createHash('sha256').update(bytes).digest('hex');
    return { hash, content: (await sheetContent(bytes, hash, options.limits)) ?? null };
  });
}

function pixelsOf(source: ImageSource, box: ShownBox, options: DecodeOptions): Promise<ShownPixels> {
  return withSource(source, options, (file) => readShownPixels(file, box, options));
}

/** Null if hanging decoders hold every thread, see ImageMethods. */
async function nullIfStuck<T>(result: Promise<T>): Promise<T | null> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof NoThreadLeft) return null;
    throw error;
  }
}

function onUnwritable(reason: string): void {
  writeLog(`Thumbnails cannot be stored on the disk and are created each time: ${reason}`);
}

/** The parent writes this to its log. */
function writeLog(line: string): void {
  process.stderr.write(`${line}\n`);
}
