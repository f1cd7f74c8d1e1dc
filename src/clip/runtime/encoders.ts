import { createHash } from 'node:crypto';
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { UserError, messageOf } from '../../base/userError.ts';
import type { ModelManifest } from '../base/manifest.ts';
import type { Decoding } from '../images/decoding/decodeOptions.ts';
import { DecodeTimeout, NoThreadLeft } from '../images/decoding/decodeQueue.ts';
import { preprocessImage, type EncoderImage } from '../images/preprocess.ts';
import { loadTokenizer } from '../text/tokenizer.ts';
import { imageRuns, normaliseRows, textRuns, type Run } from './feeds.ts';
import { readSource, UnreadableFile } from '../images/imageSource.ts';
import type { ImageOutcome, ImageSource } from '../images/types.ts';
import { floatOutput, type LazySession } from './sessions.ts';

/** Batches that are decoded or being decoded ahead of the encoder, so that neither waits for the other. */
const AHEAD = 3;
const TEXTS_A_RUN = 32;

interface Job {
  readonly source: ImageSource;
  readonly signal: AbortSignal;
  /** Null when the image was not looked at, see Replies. */
  readonly done: (outcome: ImageOutcome | null) => void;
  readonly fail: (error: unknown) => void;
}

interface DecodedJob extends Job {
  readonly image: EncoderImage;
  readonly hash: string;
}

/**
 * The image encoder behind a queue of images: decoding runs in sharp's threads up to AHEAD batches before the encoder, which
 * takes a batch as soon as there is one. Images of several requests share batches.
 * @param batchSize images a run; asked before each, for a device may be lost
 * @param onProgress called after each image that was decoded and each batch that was encoded
 */
export function imageEncoder(
  session: LazySession,
  { image, embeddingSize }: ModelManifest,
  decoding: Decoding,
  batchSize: () => number,
  onProgress: () => void,
) {
  let waiting: Job[] = [];
  let ready: DecodedJob[] = [];
  let decodingCount = 0;
  let encoding = false;

  const pump = (): void => {
    while (waiting.length > 0 && decodingCount + ready.length < AHEAD * batchSize()) {
      const job = waiting.shift();
      if (job) void decodeNext(job);
    }
    // A full batch, or all there is when nothing more is on its way.
    if (!encoding && (ready.length >= batchSize() || (ready.length > 0 && decodingCount === 0))) void encodeNext();
  };

  /** Never rejects: what goes wrong with an image is its outcome. */
  const decodeNext = async (job: Job): Promise<void> => {
    decodingCount++;
    let hash: string | null = null;
    try {
      const file = await readSource(job.source, decoding.limits);
      hash = createHash('sha256').update(file.bytes).digest('hex');
      const decoded = await preprocessImage(file, image, { ...decoding, signal: job.signal });
      ready.push({ ...job, image: decoded, hash });
    } catch (error) {
      if (job.signal.aborted) job.fail(job.signal.reason);
      else if (error instanceof NoThreadLeft) job.done(null);
      else job.done({ ok: false, hash, reason: messageOf(error), permanent: isOfTheImage(error) });
    } finally {
      decodingCount--;
      onProgress();
      pump();
    }
  };

  /** Never rejects: a failing run fails the requests of its images. */
  const encodeNext = async (): Promise<void> => {
    encoding = true;
    const batch = ready.splice(0, batchSize());
    try {
      const embeddings = await encodePixels(
        session,
        batch.map((job) => job.image.pixels),
        { image, embeddingSize },
      );
      batch.forEach(({ done, hash, image: { width, height, format } }, i) => {
        const embedding = embeddings.slice(i * embeddingSize, (i + 1) * embeddingSize);
        done({ ok: true, hash, width, height, format, embedding });
      });
    } catch (error) {
      for (const { fail } of batch) fail(error);
    } finally {
      encoding = false;
      onProgress();
      pump();
    }
  };

  const dropAborted = (): void => {
    for (const { signal, fail } of [...waiting, ...ready]) if (signal.aborted) fail(signal.reason);
    waiting = waiting.filter(({ signal }) => !signal.aborted);
    ready = ready.filter(({ signal }) => !signal.aborted);
    pump();
  };

  return async (images: readonly ImageSource[], signal: AbortSignal): Promise<(ImageOutcome | null)[]> => {
    signal.throwIfAborted();
    signal.addEventListener('abort', dropAborted, { once: true });
    const outcomes = images.map(
      (source) =>
        new Promise<ImageOutcome | null>((done, fail) => {
          waiting.push({ source, signal, done, fail });
        }),
    );
    pump();
    return Promise.all(outcomes).finally(() => {
      signal.removeEventListener('abort', dropAborted);
    });
  };
}

/** Runs the image encoder once: [n] of [size, size, 3] → [n, D], unit rows. */
export function encodePixels(
  session: LazySession,
  images: readonly Uint8Array[],
  { image, embeddingSize }: Pick<ModelManifest, 'image' | 'embeddingSize'>,
): Promise<Float32Array> {
  return session.use((s) => runAll(s, imageRuns(image, images), embeddingSize, image.tensors !== undefined));
}

/** The decoder's own words about an image hold for its bytes; a limit of time, a file out of reach, or a bug of ours, does not. */
function isOfTheImage(error: unknown): boolean {
  return error instanceof UserError && !(error instanceof DecodeTimeout) && !(error instanceof UnreadableFile);
}

/**
 * The text encoder behind its tokenizer. Texts of like length share a run, which costs what its longest text costs.
 * @param onProgress called after each run
 */
export function textEncoder(
  session: LazySession,
  folder: string,
  { text, embeddingSize }: ModelManifest,
  onProgress: () => void,
) {
  let tokenizer: ReturnType<typeof loadTokenizer> | undefined;
  return async (texts: readonly string[], signal: AbortSignal): Promise<Float32Array> => {
    tokenizer ??= loadTokenizer(path.join(folder, text.tokenizer), text);
    const { encode } = await tokenizer.catch((error: unknown) => {
      tokenizer = undefined; // the next request may find the file mended
      throw error;
    });
    const order = texts.map((_, i) => i).sort((a, b) => (texts[a] ?? '').length - (texts[b] ?? '').length);
    const embeddings = new Float32Array(texts.length * embeddingSize);
    for (let at = 0; at < order.length; at += TEXTS_A_RUN) {
      signal.throwIfAborted();
      const chosen = order.slice(at, at + TEXTS_A_RUN);
      const runs = textRuns(text, encode(chosen.map((i) => texts[i] ?? '')));
      const rows = await session.use((s) => runAll(s, runs, embeddingSize, text.tensors !== undefined));
      chosen.forEach((i, row) => {
        embeddings.set(rows.subarray(row * embeddingSize, (row + 1) * embeddingSize), i * embeddingSize);
      });
      onProgress();
    }
    return embeddings;
  };
}

/**
 * [rows of all runs, D], unit rows.
 * @param isThirdParty whether the graph is another maker's: ours puts out unit rows by itself
 * @throws UserError where the graph puts out other rows than its manifest says
 */
async function runAll(
  session: ort.InferenceSession,
  runs: readonly Run[],
  embeddingSize: number,
  isThirdParty: boolean,
): Promise<Float32Array> {
  const embeddings = new Float32Array(runs.reduce((sum, { rows }) => sum + rows, 0) * embeddingSize);
  let at = 0;
  for (const { feeds, output, rows } of runs) {
    const tensors = feeds.map(({ input, type, data, dims }) => [input, new ort.Tensor(type, data, dims)] as const);
    const values = floatOutput(await session.run(Object.fromEntries(tensors), [output]), output);
    if (values.length !== rows * embeddingSize) {
      throw new UserError(
        `The model puts out ${values.length / rows} values for each input, and its manifest says ${embeddingSize}. Install or convert the model again.`,
      );
    }
    embeddings.set(values, at);
    at += values.length;
  }
  if (isThirdParty) normaliseRows(embeddings, embeddingSize);
  return embeddings;
}
