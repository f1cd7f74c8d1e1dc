import { createHash } from 'node:crypto';
import { splitImagePath } from '../../base/imagePath.ts';
import { UserError, messageOf } from '../../base/userError.ts';
import type { ModelManifest } from '../base/manifest.ts';
import { embeddingProblem, encodePixels, noEmbeddings } from './encoders/encode.ts';
import type { LazySession } from './encoders/sessions.ts';
import { testPictures } from './encoders/testPictures.ts';
import type { Decoding } from '../images/decoding/decodeOptions.ts';
import { NoThreadLeft } from '../images/decoding/decodeQueue.ts';
import { UnreadableFile, withSource } from '../images/imageSource.ts';
import { preprocessImage, type EncoderImage } from '../images/preprocess.ts';
import { sheetContent } from '../images/formats/svg/sheet/sheet.ts';
import type { ImageOutcome, ImageSource, SheetContent } from '../images/types.ts';

/** Batches that are decoded, or being decoded, ahead of the encoder, so that neither waits for the other. */
const BATCHES_AHEAD = 3;

/** One image of a request. */
interface Job {
  readonly source: ImageSource;
  readonly signal: AbortSignal;
  /** Called with null if the image was not processed, see Methods.embedImages. */
  readonly done: (outcome: ImageOutcome | null) => void;
  readonly fail: (error: unknown) => void;
}

interface DecodedJob extends Job {
  readonly image: EncoderImage;
  readonly hash: string;
  readonly sheet: SheetContent | undefined;
}

export interface ImageQueueOptions {
  readonly session: LazySession;
  readonly manifest: Pick<ModelManifest, 'image' | 'embeddingSize'>;
  readonly decoding: Decoding;
  /** The batch size, read before each run: it changes if the GPU is lost. */
  readonly batchSize: () => number;
  /** Called after each decoded image and each encoded batch. */
  readonly onProgress: () => void;
}

/**
 * The image encoder behind a queue. Images are decoded in sharp's threads, up to BATCHES_AHEAD batches ahead of the
 * encoder, which runs as soon as a batch is ready. Images of several requests share batches.
 */
export class ImageQueue {
  readonly #options: ImageQueueOptions;
  #waiting: Job[] = [];
  #decoded: DecodedJob[] = [];
  #decoding = 0;
  #isEncoding = false;
  /** The pixels of a batch. New memory for each batch would keep the garbage collector busy. */
  #batchMemory = new Uint8Array();

  constructor(options: ImageQueueOptions) {
    this.#options = options;
  }

  /** @returns outcomes aligned with the images; null where an image was not processed, see Methods.embedImages */
  async embed(images: readonly ImageSource[], signal: AbortSignal): Promise<(ImageOutcome | null)[]> {
    signal.throwIfAborted();
    signal.addEventListener('abort', this.#dropAborted, { once: true });
    const outcomes = images.map((source) => {
      const { promise, resolve, reject } = Promise.withResolvers<ImageOutcome | null>();
      this.#waiting.push({ source, signal, done: resolve, fail: reject });
      return promise;
    });
    this.#proceed();
    return Promise.all(outcomes).finally(() => {
      signal.removeEventListener('abort', this.#dropAborted);
    });
  }

  /** Starts whatever can start now. */
  #proceed(): void {
    const batchSize = this.#options.batchSize();
    while (this.#waiting.length > 0 && this.#decoding + this.#decoded.length < BATCHES_AHEAD * batchSize) {
      const job = this.#waiting.shift();
      if (job) void this.#decode(job);
    }
    // A smaller batch runs only if no other image is being decoded.
    const isBatchReady = this.#decoded.length >= batchSize || (this.#decoded.length > 0 && this.#decoding === 0);
    if (isBatchReady && !this.#isEncoding) void this.#encode(this.#decoded.splice(0, batchSize));
  }

  /** Never rejects: an error becomes the outcome of the image. */
  async #decode(job: Job): Promise<void> {
    this.#decoding++;
    const { manifest, decoding } = this.#options;
    let hash: string | null = null;
    let sheet: SheetContent | undefined;
    try {
      const options = { ...decoding, signal: job.signal };
      const decoded = await withSource(job.source, options, async (file) => {
        hash = knownHash(job.source) ?? createHash('sha256').update(file.bytes).digest('hex');
        if (isWholeFile(job.source)) sheet = await sheetContent(file.bytes, hash, decoding.limits);
        return { hash, sheet, image: await preprocessImage(file, manifest.image, options) };
      });
      this.#decoded.push({ ...job, ...decoded });
    } catch (error) {
      if (job.signal.aborted) job.fail(job.signal.reason);
      else if (error instanceof NoThreadLeft) job.done(null);
      else job.done({ ok: false, hash, reason: messageOf(error), permanent: isPermanent(error), ...withSheet(sheet) });
    } finally {
      this.#decoding--;
      this.#options.onProgress();
      this.#proceed();
    }
  }

  /** Never rejects: an error fails the requests of the images in the batch. */
  async #encode(batch: readonly DecodedJob[]): Promise<void> {
    this.#isEncoding = true;
    const { session, manifest, onProgress } = this.#options;
    const { embeddingSize } = manifest;
    try {
      const embeddings = await encodePixels(
        session,
        batch.map(({ image }) => image.pixels),
        manifest,
        this.#memoryFor(batch.length),
      );
      const rows = batch.map((_, i) => embeddings.slice(i * embeddingSize, (i + 1) * embeddingSize));
      const problems = rows.map(embeddingProblem);
      if (problems.some((problem) => problem !== undefined)) await this.#assertModelWorks();
      batch.forEach(({ done, hash, sheet, image: { width, height, format, look } }, i) => {
        const [embedding = new Float32Array(), problem] = [rows[i], problems[i]];
        if (problem === undefined)
          done({ ok: true, hash, width, height, format, embedding, look, ...withSheet(sheet) });
        else
          done({
            ok: false,
            hash,
            reason: `the model gives no embedding: ${problem}`,
            permanent: true,
            ...withSheet(sheet),
          });
      });
    } catch (error) {
      for (const { fail } of batch) fail(error);
    } finally {
      this.#isEncoding = false;
      onProgress();
      this.#proceed();
    }
  }

  /** Only one batch is encoded at a time. */
  #memoryFor(images: number): Uint8Array {
    const { size } = this.#options.manifest.image;
    const bytes = images * size * size * 3;
    if (this.#batchMemory.length < bytes) this.#batchMemory = new Uint8Array(bytes);
    return this.#batchMemory;
  }

  /** @throws UserError if the cause of a missing embedding is the model and not the image */
  async #assertModelWorks(): Promise<void> {
    const { session, manifest } = this.#options;
    const problem = embeddingProblem(await encodePixels(session, testPictures(1, manifest.image.size), manifest));
    if (problem !== undefined) throw noEmbeddings('images', problem);
  }

  readonly #dropAborted = (): void => {
    for (const { signal, fail } of [...this.#waiting, ...this.#decoded]) if (signal.aborted) fail(signal.reason);
    this.#waiting = this.#waiting.filter(({ signal }) => !signal.aborted);
    this.#decoded = this.#decoded.filter(({ signal }) => !signal.aborted);
    this.#proceed();
  };
}

function knownHash(source: ImageSource): string | undefined {
  return source.kind === 'file' ? source.content?.hash : undefined;
}

/**
 * Whether the same bytes are expected to fail again: not if they could not be read, or met a bug. A decoder that took
 * too long once would take as long at each command.
 */
function isPermanent(error: unknown): boolean {
  return error instanceof UserError && !(error instanceof UnreadableFile);
}

/** The property of an outcome; none for most images. */
function withSheet(sheet: SheetContent | undefined): Pick<ImageOutcome, 'sheet'> {
  return sheet ? { sheet } : {};
}

/** Whether a source is not an image in a sheet already. */
function isWholeFile(source: ImageSource): boolean {
  return source.kind === 'file' && splitImagePath(source.path).fragment === '';
}
