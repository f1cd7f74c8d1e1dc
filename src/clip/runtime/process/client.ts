import { availableParallelism } from 'node:os';
import type { ModelFolder } from '../../base/manifest.ts';
import { UserError } from '../../../base/userError.ts';
import { chooseDevice, processorAlone, type DeviceOptions, type DeviceReport } from '../device/device.ts';
import { keepProcess } from './keptProcess.ts';
import { ProcessDied, type MatrixSource } from './process.ts';
import type { Heatmap, HeatmapQuery } from '../../heatmaps/types.ts';
import type {
  ImageDetails,
  ImageOutcome,
  ImageSource,
  KnownImage,
  ShownBox,
  ShownPixels,
  Thumbnail,
  ThumbnailBox,
} from '../../images/types.ts';
import type { LinearScores, Moments, Ranking, SparseTags } from '../../scoring/types.ts';
import type { Replies, Request, RuntimeDescription } from '../protocol.ts';

/**
 * CLIP for everybody else: the encoders of one model, and linear scores over a matrix of embeddings. The work is done in the
 * inference process, which starts at the first call, ends when it was idle, and is started anew after a crash.
 */
export interface Inference extends AsyncDisposable {
  readonly model: ModelFolder;
  /**
   * Outcomes aligned with the images. An image whose decoding kills the process is named in its outcome.
   * @throws UserError where the process dies of any image
   */
  embedImages(images: readonly ImageSource[], signal?: AbortSignal): Promise<ImageOutcome[]>;
  /** @returns [texts, D] row-major, unit rows */
  embedTexts(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array>;
  /**
   * A small picture of an image, without a model. It does not wait for images that are being embedded, and is kept: the
   * same content in the same box is not decoded again.
   * @param source with the hash of its content where it is known; see KnownImage for what that means
   * @throws UserError with a short reason where the image cannot be decoded
   */
  thumbnail(source: KnownImage, box: ThumbnailBox, signal?: AbortSignal): Promise<Thumbnail>;
  /**
   * Where in an image something is, or which cells its similarity comes from. The image is decoded and encoded once for all
   * prompts that are asked about it in a row. explainImage (heatmap.ts) asks with texts.
   * @throws UserError with a short reason where the image cannot be decoded
   */
  heatmap(source: ImageSource, query: HeatmapQuery, signal?: AbortSignal): Promise<Heatmap>;
  /**
   * What there is to know of an image, without a model: size, colours, frames, camera. Its pixels are not read.
   * @throws UserError with a short reason where it is no image or beyond the limits of decoding
   */
  imageDetails(source: ImageSource, signal?: AbortSignal): Promise<ImageDetails>;
  /**
   * The pixels of an image as it is shown, to paint over, without a model. Unlike a thumbnail they are not encoded and not kept,
   * and small images are enlarged by whole blocks.
   * @throws UserError with a short reason where the image cannot be decoded
   */
  shownPixels(source: ImageSource, box: ShownBox, signal?: AbortSignal): Promise<ShownPixels>;
  /** The rows with the highest score for one query ([1, D]), best first. */
  rank(
    source: MatrixSource,
    query: LinearScores,
    options: { readonly limit: number; readonly among?: Uint32Array },
    signal?: AbortSignal,
  ): Promise<Ranking>;
  /** For each row the labels whose logit is at least `minimum[label]`, best first, at most `limit` of them. */
  tag(
    source: MatrixSource,
    labels: LinearScores,
    minimum: Float32Array,
    limit: number,
    signal?: AbortSignal,
  ): Promise<SparseTags>;
  moments(source: MatrixSource, signal?: AbortSignal): Promise<Moments>;
  describe(): Promise<RuntimeDescription>;
  /** Where images are embedded, and why there. It starts no process. */
  device(): Promise<DeviceReport>;
  /** Tries every GPU provider that the setting allows anew, some seconds each; who asks for images meanwhile is not disturbed. */
  tryDevices(signal?: AbortSignal): Promise<void>;
  /** The setting of the device changed: the process ends as soon as nobody needs it, which is waited for, and the next one heeds it. */
  deviceChanged(): Promise<void>;
}

export interface InferenceOptions {
  readonly model: ModelFolder;
  /** The script of the inference process: host.ts, or its bundle. */
  readonly hostScript: string | URL;
  /** Threads of the encoders; by default one less than there are cores, which decoding takes, but two where there are two. */
  readonly threads?: number;
  /** The process ends when it was idle this long; default 5 minutes. */
  readonly processIdleMilliseconds?: number;
  /**
   * Keeps thumbnails beyond the process: in this folder, which is made when it is missing and may be shared by several
   * processes, up to so many bytes (default 256 MB). Without it, they are kept in memory while the process lives.
   */
  readonly thumbnailFolder?: { readonly folder: string; readonly bytes?: number } | undefined;
  /** Without it, everything runs on the processor and nothing is tried. */
  readonly device?: DeviceOptions | undefined;
  /** What `auto` has not tried yet is tried when the process was idle this long; default 10 seconds. */
  readonly exploreIdleMilliseconds?: number;
  readonly log?: (line: string) => void;
}

/** An image that no decoder can stumble over: one grey pixel. */
const canary: ImageSource = {
  kind: 'bytes',
  name: 'canary.png',
  bytes: Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAADElEQVQI12NoaGgAAAMEAYGa8M1PAAAAAElFTkSuQmCC',
    'base64',
  ),
};

/** Does not start the process yet: that is for the first call. */
export function createInference(options: InferenceOptions): Inference {
  const threads = options.threads ?? Math.min(availableParallelism(), Math.max(2, availableParallelism() - 1));
  const device = options.device
    ? chooseDevice(options.model, threads, options.device, (line) => options.log?.(line))
    : processorAlone;
  const { current, busy, ...kept } = keepProcess({ ...options, threads }, device);
  let imageGate: Promise<unknown> = Promise.resolve();
  let matrixTurn: Promise<unknown> = Promise.resolve();

  /** Every request is repeatable: when the process dies under it, it is asked once more of a new one. */
  const ask = <R extends Request>(request: R, signal?: AbortSignal): Promise<Replies[R['kind']]> =>
    busy(async () => {
      try {
        return await (await current(signal)).ask(request, signal);
      } catch (error) {
        if (!(error instanceof ProcessDied)) throw error;
        return (await current(signal)).ask(request, signal);
      }
    });

  /** Matrix operations take turns: the process holds one matrix, and the next caller may want another. */
  const withMatrix = <R extends Request>(source: MatrixSource, request: R, signal?: AbortSignal) => {
    const attempt = async (): Promise<Replies[R['kind']]> => {
      signal?.throwIfAborted();
      const host = await current(signal);
      await host.holdMatrix(source, signal);
      return host.ask(request, signal);
    };
    const turn = matrixTurn.then(() =>
      busy(() =>
        attempt().catch((error: unknown) => {
          if (!(error instanceof ProcessDied)) throw error;
          return attempt();
        }),
      ),
    );
    matrixTurn = turn.catch(() => undefined);
    return turn;
  };

  /** Asks again for what a process had not looked at when its decoders hung; each process names the images it hangs in. */
  const outcomesOf = async (images: readonly ImageSource[], signal?: AbortSignal): Promise<ImageOutcome[]> => {
    const host = await current(signal);
    const outcomes = await host.ask({ kind: 'embedImages', images }, signal);
    const left = images.filter((_, i) => outcomes[i] === null);
    const others = left.length > 0 ? await outcomesOf(left, signal) : [];
    let next = 0;
    return outcomes.map((outcome) => outcome ?? others[next++] ?? unanswered());
  };

  /** One image alone in the process: if it dies twice, and not of any other, this image is what kills it. */
  const embedAlone = async (image: ImageSource, signal?: AbortSignal): Promise<ImageOutcome[]> => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await outcomesOf([image], signal);
      } catch (error) {
        if (!(error instanceof ProcessDied)) throw error;
        if (attempt === 1) continue;
        await assertEmbeds(signal);
        device.acquit(); // on the processor it died of it as well
        const reason = `decoding it ends the process (${error.how})`;
        return [{ ok: false, hash: null, reason, permanent: false }];
      }
    }
  };

  /** Before an image is blamed: the process that starts next, which the next image needs anyway, embeds one without fault. */
  const assertEmbeds = async (signal: AbortSignal | undefined): Promise<void> => {
    const flaw = await outcomesOf([canary], signal).then(
      ([outcome]) => (outcome?.ok === false ? outcome.reason : undefined),
      (error: unknown) => {
        if (error instanceof ProcessDied) return error.how;
        throw error;
      },
    );
    if (flaw === undefined) return;
    throw new UserError(
      `The inference process cannot embed any image (${flaw}). Check that the machine has memory left; whether the runtime ` +
        'and the model load on it, the output "AssetLens" says in the editor, and "assetlens doctor" on the command line.',
    );
  };

  const embedImages = (images: readonly ImageSource[], signal?: AbortSignal): Promise<ImageOutcome[]> =>
    busy(async () => {
      for (let gate; gate !== imageGate;) {
        gate = imageGate;
        await gate;
      }
      signal?.throwIfAborted();
      try {
        return await outcomesOf(images, signal);
      } catch (error) {
        if (!(error instanceof ProcessDied)) throw error;
      }
      // One of the images in flight killed the process. Find it: one image at a time, while all other images wait.
      const before = imageGate;
      const search = before.then(async () => {
        const outcomes: ImageOutcome[] = [];
        for (const image of images) outcomes.push(...(await embedAlone(image, signal)));
        return outcomes;
      });
      imageGate = search.catch(() => undefined);
      return search;
    });

  /** Of one image alone. A process whose decoders all hang has not looked at it, and the next one does. */
  const ofImage = async <
    R extends Extract<Request, { kind: 'thumbnail' | 'imageDetails' | 'heatmap' | 'shownPixels' }>,
  >(
    request: R,
    signal?: AbortSignal,
  ): Promise<NonNullable<Replies[R['kind']]>> => {
    try {
      for (;;) {
        const made = await ask(request, signal);
        if (made) return made;
      }
    } catch (error) {
      if (!(error instanceof ProcessDied)) throw error;
      throw new UserError(`decoding it ends the process (${error.how})`);
    }
  };

  return {
    model: options.model,
    embedImages: (images, signal) => (images.length ? embedImages(images, signal) : Promise.resolve([])),
    embedTexts: (texts, signal) => ask({ kind: 'embedTexts', texts }, signal),
    thumbnail: (source, box, signal) => ofImage({ kind: 'thumbnail', source, box }, signal),
    heatmap: (source, query, signal) => {
      if (query.prompts.length === 0) throw new UserError('A heatmap needs at least one prompt.');
      return ofImage({ kind: 'heatmap', source, query }, signal);
    },
    imageDetails: (source, signal) => ofImage({ kind: 'imageDetails', source }, signal),
    shownPixels: (source, box, signal) => ofImage({ kind: 'shownPixels', source, box }, signal),
    rank: (source, query, { limit, among }, signal) => {
      if (limit < 1) throw new UserError('A search needs room for at least one result.');
      return withMatrix(source, { kind: 'rank', key: source.key, query, limit, among: among ?? null }, signal);
    },
    tag: (source, labels, minimum, limit, signal) =>
      withMatrix(source, { kind: 'tag', key: source.key, labels, minimum, limit }, signal),
    moments: (source, signal) => withMatrix(source, { kind: 'moments', key: source.key }, signal),
    describe: () => ask({ kind: 'describe' }),
    device: () => device.report(),
    tryDevices: (signal) => device.tryAll(signal),
    deviceChanged: kept.renew,
    [Symbol.asyncDispose]: kept.end,
  };
}

function unanswered(): never {
  throw new Error('The inference process left an image unanswered.');
}
