import { availableParallelism } from 'node:os';
import type { MethodName, Params, Protocol, Result } from '../../../base/rpc/protocol.ts';
import { UserError } from '../../../base/userError.ts';
import type { ModelFolder } from '../../base/manifest.ts';
import type { Heatmap, HeatmapQuery } from '../../heatmaps/types.ts';
import type { HashedLook } from '../../images/look/imageLook.ts';
import { DECODE_LIMITS, type DecodeLimits, defaultDecodeThreads } from '../../images/limits.ts';
import type {
  HashedSheet,
  ImageDetails,
  ImageOutcome,
  ImageSource,
  KnownImage,
  ShownBox,
  ShownPixels,
  Thumbnail,
  ThumbnailBox,
} from '../../images/types.ts';
import type { LinearScores, Moments, Ranking, RankingScores, SparseTags } from '../../scoring/types.ts';
import { chooseDevice, cpuOnly, type Device, type DeviceOptions, type DeviceReport } from '../device/device.ts';
import type { MatrixSource } from '../matrix/matrixSource.ts';
import type { ImageMethods, InferenceProtocol, MatrixMethods, RuntimeDescription } from '../protocol.ts';
import { ImageRequests } from './imageRequests.ts';
import { ProcessDied } from './inferenceProcess.ts';
import { KeptProcess } from './keptProcess.ts';

const THUMBNAIL_BYTES = 256 * 2 ** 20;

export interface InferenceOptions {
  readonly model: ModelFolder;
  /** The script of the inference process: host.ts, or its bundle. */
  readonly hostScript: string | URL;
  /** Threads of the encoders. Default: one less than there are cores, because decoding needs one, but at least two. */
  readonly threads?: number;
  /** Images to decode at a time, if the memory allows it. Default: nearly two for each processor thread. */
  readonly decodeThreads?: number;
  /** Returns the limits of decoding that differ from DECODE_LIMITS. It is called at each start of the process. */
  readonly limits?: (() => Partial<DecodeLimits>) | undefined;
  /** The process ends after this idle time. Default: 5 minutes. */
  readonly processIdleMilliseconds?: number;
  /**
   * The folder that keeps thumbnails longer than the process runs, up to this number of bytes (default: 256 MB). It is
   * created if it is missing, and several processes can share it. Without it, thumbnails are kept in memory while the
   * process runs.
   */
  readonly thumbnailFolder?: { readonly folder: string; readonly bytes?: number } | undefined;
  /** Without it, everything runs on the CPU and no GPU is tried. */
  readonly device?: DeviceOptions | undefined;
  /** Devices that `auto` has not tried yet are tried after this idle time. Default: 10 seconds. */
  readonly exploreIdleMilliseconds?: number;
  readonly log?: (line: string) => void;
}

/** Does not start the process: the first call does. */
export function createInference(options: InferenceOptions): Inference {
  return new InferenceClient(options);
}

/** The client of the inference process. */
export type Inference = Pick<InferenceClient, keyof InferenceClient>;

interface ImageProtocol extends Protocol {
  readonly methods: ImageMethods;
}
interface MatrixProtocol extends Protocol {
  readonly methods: MatrixMethods;
}

/**
 * CLIP in another process: the encoders of one model, and linear scores over matrices of embeddings. The process starts
 * at the first call, ends after an idle time, and is restarted if it dies.
 */
class InferenceClient implements AsyncDisposable {
  readonly model: ModelFolder;
  readonly #limits: () => DecodeLimits;
  readonly #device: Device;
  readonly #process: KeptProcess;
  readonly #images: ImageRequests;
  /** Settles when no matrix is being uploaded or used. */
  #matrixTurn: Promise<unknown> = Promise.resolve();

  constructor(options: InferenceOptions) {
    const { model, thumbnailFolder } = options;
    const threads = options.threads ?? Math.min(availableParallelism(), Math.max(2, availableParallelism() - 1));
    this.model = model;
    this.#limits = () => ({ ...DECODE_LIMITS, ...options.limits?.() });
    this.#device = options.device
      ? chooseDevice(model, threads, options.device, (line) => options.log?.(line))
      : cpuOnly;
    this.#process = new KeptProcess({
      hostScript: options.hostScript,
      modelFolder: model.folder,
      threads,
      decodeThreads: options.decodeThreads ?? defaultDecodeThreads(),
      limits: this.#limits,
      thumbnailFolder: thumbnailFolder && { bytes: THUMBNAIL_BYTES, ...thumbnailFolder },
      device: this.#device,
      processIdleMilliseconds: options.processIdleMilliseconds,
      exploreIdleMilliseconds: options.exploreIdleMilliseconds,
      log: options.log,
    });
    this.#images = new ImageRequests(this.#process, this.#device);
  }

  /** The limits of decoding. */
  get limits(): DecodeLimits {
    return this.#limits();
  }

  /**
   * Embeds images. If an image ends the process, its outcome has that reason.
   * @returns outcomes aligned with the images
   * @throws UserError if the process dies of any image
   */
  async embedImages(images: readonly ImageSource[], signal?: AbortSignal): Promise<ImageOutcome[]> {
    return images.length > 0 ? this.#images.embed(images, signal) : [];
  }

  /** @returns [texts, D] row-major, unit rows */
  embedTexts(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array> {
    return this.#call('embedTexts', { texts }, signal);
  }

  /**
   * Counts the pieces of the vocabulary that each text consists of. A word of many pieces is rare in the texts that the
   * model was trained with.
   */
  countPieces(texts: readonly string[], signal?: AbortSignal): Promise<Uint32Array> {
    return this.#call('countPieces', { texts }, signal);
  }

  /**
   * A small picture of an image, without a model. It is made before the images that wait to be embedded, and cached:
   * the same content in the same box is decoded once.
   * @param source with the hash of its content if it is known, see KnownImage
   * @throws UserError with a short reason if the image cannot be decoded
   */
  thumbnail(source: KnownImage, box: ThumbnailBox, signal?: AbortSignal): Promise<Thumbnail> {
    return this.#callForImage('thumbnail', { source, box }, signal);
  }

  /**
   * A heatmap for prompts as embeddings; explainImage takes texts. The features of the image are cached: another query
   * for the same image does not decode and encode it again.
   * @throws UserError with a short reason if the image cannot be decoded, or if there is no prompt
   */
  async heatmap(source: ImageSource, query: HeatmapQuery, signal?: AbortSignal): Promise<Heatmap> {
    if (query.prompts.length === 0) throw new UserError('A heatmap needs at least one prompt.');
    return this.#callForImage('heatmap', { source, query }, signal);
  }

  /**
   * The look of an image, without the encoder. embedImages returns it, too.
   * @throws UserError with a short reason if the image cannot be decoded
   */
  imageLook(source: ImageSource, signal?: AbortSignal): Promise<HashedLook> {
    return this.#callForImage('imageLook', { source }, signal);
  }

  /**
   * The images that an SVG contains for other documents, such as symbols, without the encoder. embedImages returns
   * them, too.
   * @throws UserError with a short reason if the file cannot be read
   */
  sheetContent(source: ImageSource, signal?: AbortSignal): Promise<HashedSheet> {
    return this.#callForImage('sheetContent', { source }, signal);
  }

  /**
   * Details of an image from its headers, without a model: size, colours, frames, camera. Pixels are not decoded.
   * @throws UserError with a short reason if it is no image or exceeds the limits of decoding
   */
  imageDetails(source: ImageSource, signal?: AbortSignal): Promise<ImageDetails> {
    return this.#callForImage('imageDetails', { source }, signal);
  }

  /**
   * The pixels of an image as it is shown, to paint over, without a model. Unlike a thumbnail they are neither encoded
   * nor cached, and small images are enlarged by whole blocks.
   * @throws UserError with a short reason if the image cannot be decoded
   */
  shownPixels(source: ImageSource, box: ShownBox, signal?: AbortSignal): Promise<ShownPixels> {
    return this.#callForImage('shownPixels', { source, box }, signal);
  }

  /**
   * The rows with the highest score for one query, best first.
   * @param options.among the rows that compete; default: all rows
   */
  async rank(
    source: MatrixSource,
    query: RankingScores,
    { limit, among }: { readonly limit: number; readonly among?: Uint32Array },
    signal?: AbortSignal,
  ): Promise<Ranking> {
    if (limit < 1) throw new UserError('The limit of a search must be at least 1.');
    return this.#callForMatrix(source, 'rank', { key: source.key, query, limit, among: among ?? null }, signal);
  }

  /** For each row the labels whose logit is at least `minimum[label]`, best first, at most `limit` of them. */
  tag(
    source: MatrixSource,
    labels: LinearScores,
    minimum: Float32Array,
    limit: number,
    signal?: AbortSignal,
  ): Promise<SparseTags> {
    return this.#callForMatrix(source, 'tag', { key: source.key, labels, minimum, limit }, signal);
  }

  moments(source: MatrixSource, signal?: AbortSignal): Promise<Moments> {
    return this.#callForMatrix(source, 'moments', { key: source.key }, signal);
  }

  describe(): Promise<RuntimeDescription> {
    return this.#call('describe', null);
  }

  /** The device of the image encoder, and the reason for it. Starts no process. */
  device(): Promise<DeviceReport> {
    return this.#device.report();
  }

  /** Tries every GPU provider that the setting allows again, for some seconds each. Other requests are not delayed. */
  tryDevices(signal?: AbortSignal): Promise<void> {
    return this.#device.tryAll(signal);
  }

  /**
   * Call it after the device setting or the limits changed: the process ends as soon as it has no users, and the next
   * one reads them.
   */
  deviceChanged(): Promise<void> {
    return this.#process.renew();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process.end();
  }

  /** Every request can be repeated: if the process dies during it, it is sent to a new one once. */
  #call<M extends MethodName<InferenceProtocol>>(
    method: M,
    params: Params<InferenceProtocol, M>,
    signal?: AbortSignal,
  ): Promise<Result<InferenceProtocol, M>> {
    return this.#process.useTwice((process) => process.call(method, params, signal), signal);
  }

  /** Calls a method for one image. If a stuck process did not process the image, a new one does. */
  async #callForImage<M extends MethodName<ImageProtocol>>(
    method: M,
    params: Params<InferenceProtocol, M>,
    signal?: AbortSignal,
  ): Promise<NonNullable<Result<InferenceProtocol, M>>> {
    try {
      for (;;) {
        const result = await this.#call(method, params, signal);
        if (result) return result;
      }
    } catch (error) {
      if (!(error instanceof ProcessDied)) throw error;
      throw new UserError(`decoding it ends the process (${error.how})`);
    }
  }

  /** Calls a method over a matrix, one at a time: uploads must not mix their rows. */
  #callForMatrix<M extends MethodName<MatrixProtocol>>(
    source: MatrixSource,
    method: M,
    params: Params<InferenceProtocol, M>,
    signal?: AbortSignal,
  ): Promise<Result<InferenceProtocol, M>> {
    const turn = this.#matrixTurn.then(() =>
      this.#process.useTwice(async (process) => {
        signal?.throwIfAborted();
        await process.uploadMatrix(source, signal);
        return process.call(method, params, signal);
      }, signal),
    );
    this.#matrixTurn = turn.catch(() => undefined);
    return turn;
  }
}
