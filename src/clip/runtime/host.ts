/**
 * The inference process: sharp and ONNX Runtime live here and nowhere else, because a run blocks its thread and a native
 * library can abort its process past any try/catch. Started by process.ts with HostOptions as its argument.
 */
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { assertNever, UserError } from '../../base/userError.ts';
import { assertGraph } from '../models/assertGraph.ts';
import { openModelFolder, type ImageInput, type TextInput } from '../base/manifest.ts';
import { readDetails } from '../images/details.ts';
import { DECODE_LIMITS } from '../images/limits.ts';
import { readShownPixels } from '../images/shownPixels.ts';
import type { DecodeOptions, Decoding } from '../images/decoding/decodeOptions.ts';
import { DecodeQueue, NoThreadLeft } from '../images/decoding/decodeQueue.ts';
import { knownDense } from '../heatmaps/denseBranch.ts';
import { convertedDense } from './dense/convertedDense.ts';
import { ThirdPartyDenseSource } from './dense/thirdPartyDense.ts';
import { encodePixels, imageEncoder, textEncoder } from './encoders.ts';
import { gpuSession } from './device/gpuSession.ts';
import { HeatmapMaker } from '../heatmaps/heatmaps.ts';
import { readSource } from '../images/imageSource.ts';
import { matrixRuntime, type Matrix } from './matrix/matrices.ts';
import type { ImageDetails, ImageSource, ShownBox, ShownPixels } from '../images/types.ts';
import type { FromHost, HostOptions, Replies, Request, ToHost } from './protocol.ts';
import { lazySession, sessionOptions } from './sessions.ts';
import { cachedThumbnails } from './thumbnails/thumbnailCache.ts';
import { CPU_BATCH } from './device/verdict.ts';

/** Between two signs of life; far shorter than the patience of process.ts. */
const SIGN_MILLISECONDS = 1000;

type Answer = (request: Request, signal: AbortSignal) => Promise<Replies[keyof Replies]>;

async function createAnswer(
  options: HostOptions,
  decoding: Decoding,
  onProgress: () => void,
  tell: (message: FromHost) => void,
): Promise<Answer> {
  const { folder, manifest } = await openModelFolder(options.modelFolder);
  const session = sessionOptions({ ...options, device: 'cpu' });
  const idle = options.sessionIdleMilliseconds;
  const load =
    (file: string, where = session) =>
    () =>
      ort.InferenceSession.create(path.join(folder, file), where);
  const loadEncoder =
    (encoder: ImageInput | TextInput, where = session) =>
    async () => {
      await assertGraph(folder, encoder);
      return load(encoder.graph, where)();
    };
  let { device, batch } = options;
  const onProcessor = lazySession('image encoder', loadEncoder(manifest.image), idle);
  const onGpu = lazySession('image encoder', loadEncoder(manifest.image, sessionOptions(options)), idle);
  const imageSession =
    device === 'cpu'
      ? onProcessor
      : gpuSession(onGpu, onProcessor, manifest.embeddingSize, {
          onBusy(busy) {
            tell({ type: 'onGpu', busy });
          },
          onLost(reason) {
            device = 'cpu';
            batch = CPU_BATCH;
            tell({ type: 'gpuLost', reason });
          },
        });
  const textSession = lazySession('text encoder', loadEncoder(manifest.text), idle);
  const embedImages = imageEncoder(imageSession, manifest, decoding, () => batch, onProgress);
  const embedTexts = textEncoder(textSession, folder, manifest, onProgress);
  const thumbnail = cachedThumbnails(decoding, options.thumbnailFolder && { ...options.thumbnailFolder, onUnwritable });
  const { dense } = manifest;
  const denseSession = dense && lazySession('dense branch of the image encoder', load(dense.graph), idle);
  const gradient = dense?.gradient ? lazySession('gradient for heatmaps', load(dense.gradient), idle) : null;
  const denseSource =
    manifest.image.tensors && !denseSession
      ? new ThirdPartyDenseSource(
          { folder, manifest },
          { image: imageSession, session, idleMilliseconds: idle, onRefused },
        )
      : knownDense(denseSession ? convertedDense(denseSession, gradient, manifest.image.size) : null);
  const encode = (squares: readonly Uint8Array[]) => encodePixels(imageSession, squares, manifest);
  const heatmaps = new HeatmapMaker({ encode, dense: denseSource }, manifest, decoding, onProgress);
  const newMatrix = matrixRuntime(session, idle);
  const matrices = new Map<string, Matrix>();

  const matrixOf = (key: string): Matrix => {
    const matrix = matrices.get(key);
    if (!matrix) throw new Error(`The matrix ${key} is not here.`);
    return matrix;
  };

  return async (request, signal) => {
    switch (request.kind) {
      case 'embedImages':
        return embedImages(request.images, signal);
      case 'embedTexts':
        return embedTexts(request.texts, signal);
      case 'thumbnail':
        return thumbnail(request.source, request.box, signal);
      case 'imageDetails':
        return unlessStuck(detailsOf(request.source, { ...decoding, signal, urgent: true }));
      case 'shownPixels':
        return unlessStuck(pixelsOf(request.source, request.box, { ...decoding, signal, urgent: true }));
      case 'heatmap':
        return unlessStuck(heatmaps.heatmap(request.source, request.query, signal));
      case 'beginMatrix':
        matrices.set(request.key, newMatrix(request.columns));
        return null;
      case 'forgetMatrix':
        matrices.delete(request.key);
        return null;
      case 'appendRows':
        matrixOf(request.key).append(request.rows);
        return null;
      case 'rank':
        return matrixOf(request.key).rank(request.query, request.limit, request.among, signal);
      case 'tag':
        return matrixOf(request.key).tag(request.labels, request.minimum, request.limit, signal);
      case 'moments':
        return matrixOf(request.key).moments(signal);
      case 'describe':
        return {
          processId: process.pid,
          provider: device,
          batch,
          threads: options.threads,
          imageSession: imageSession.state,
          textSession: textSession.state,
          heatmaps: denseSource.methods,
        };
      default:
        return assertNever(request);
    }
  };
}

async function detailsOf(source: ImageSource, decode: DecodeOptions): Promise<ImageDetails> {
  return readDetails(await readSource(source, decode.limits), decode);
}

async function pixelsOf(source: ImageSource, box: ShownBox, decode: DecodeOptions): Promise<ShownPixels> {
  return readShownPixels(await readSource(source, decode.limits), box, decode);
}

/** Null when the image was not looked at, see Replies. */
async function unlessStuck<T>(reply: Promise<T>): Promise<T | null> {
  try {
    return await reply;
  } catch (error) {
    if (error instanceof NoThreadLeft) return null;
    throw error;
  }
}

/** What goes to standard error is in the log of whoever started the process. */
function onUnwritable(reason: string): void {
  process.stderr.write(`Thumbnails cannot be kept on the disk and are made anew each time: ${reason}\n`);
}

function onRefused(line: string): void {
  process.stderr.write(`${line}\n`);
}

function failureOf(error: unknown, signal: AbortSignal): Extract<FromHost, { type: 'failure' }>['failure'] {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  if (signal.aborted) return { kind: 'cancelled', message, stack };
  return { kind: error instanceof UserError ? 'human' : 'bug', message, stack };
}

function serve(options: HostOptions): void {
  const running = new Map<number, AbortController>();
  const send = (message: FromHost): void => {
    if (process.connected) process.send?.(message);
  };
  let lastSign = -Infinity;
  const sayAlive = (): void => {
    if (performance.now() - lastSign < SIGN_MILLISECONDS) return;
    lastSign = performance.now();
    send({ type: 'alive' });
  };
  const decoding: Decoding = { queue: new DecodeQueue(), limits: DECODE_LIMITS };
  const answer = createAnswer(options, decoding, sayAlive, send);
  answer.catch(() => undefined); // each request says so itself

  process.on('message', (message: ToHost) => {
    if (message.type === 'cancel') {
      running.get(message.id)?.abort();
      return;
    }
    const controller = new AbortController();
    running.set(message.id, controller);
    answer
      .then((answerTo) => answerTo(message.request, controller.signal))
      .then(
        (reply) => {
          // Told first, so that what was not looked at is not asked of this process again.
          if (decoding.queue.isStuck) send({ type: 'stuck' });
          send({ type: 'reply', id: message.id, reply });
        },
        (error: unknown) => {
          send({ type: 'failure', id: message.id, failure: failureOf(error, controller.signal) });
        },
      )
      .finally(() => running.delete(message.id))
      .catch((error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
      });
  });
  // An ordinary exit would wait for decoders that hang, and there is nothing left to tidy up.
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  send({ type: 'ready' });
}

serve(JSON.parse(process.argv[2] ?? '{}') as HostOptions);
