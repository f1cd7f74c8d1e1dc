import { availableParallelism } from 'node:os';
import { createInference, type Inference } from '../../src/clip/index.ts';
import { VIT_B32 } from '../shared/randomCheckpoint.ts';
import type { tasks as EncoderTasks } from './encoderWorker.ts';
import {
  cosine,
  interleaved,
  type Timing,
  leastCosine,
  median,
  medianCosineOfNeighbours,
  secondsOf,
} from './measure.ts';
import { PEAK_GIGAFLOPS } from './matrixPeak.ts';
import { hostScript, type ComparedModel, type Form } from './models.ts';
import type { PeerModel, tasks as PeerTasks } from './peerWorker.ts';
import { cosineText, perSecond, ratioOf, type Row } from './table.ts';
import { startWorker } from './worker.ts';

export interface EncoderComparison {
  readonly title: string;
  readonly model: ComparedModel;
  readonly files: readonly string[];
  readonly rounds: number;
  readonly targets: { readonly fp32: string; readonly int8?: string };
  /** Whether the model is ViT-B/32, whose operations are counted. */
  readonly isVitB32: boolean;
}

/** As the library asks: a few requests of this many images under way. */
const IMAGES_A_REQUEST = 32;

/** Images a second from files to embeddings, ours against the peer's, in float32 and in int8. */
export async function endToEnd({ title, model, files, rounds, targets }: EncoderComparison): Promise<Row[]> {
  await using fp32 = createInference({ model: model.ours.fp32, hostScript });
  await using int8 = createInference({ model: model.ours.int8, hostScript });
  await using peer = startWorker<typeof PeerTasks>(new URL('peerWorker.ts', import.meta.url));
  const embeddings: Partial<Record<string, Float32Array[]>> = {};
  const ours = (name: string, inference: Inference) => () =>
    secondsOf(async () => (embeddings[name] = await embedAll(inference, files)));
  const theirs = (name: string, dtype: Form) => async () => {
    const result = await peer.ask('embedFiles', { model: { ...model.peer, dtype }, files });
    embeddings[name] = result.embeddings;
    return result.seconds;
  };
  const seconds = await interleaved(rounds, {
    fp32: ours('fp32', fp32),
    peerFp32: theirs('peerFp32', 'fp32'),
    int8: ours('int8', int8),
    peerInt8: theirs('peerInt8', 'int8'),
  });
  const { fp32: a = [], peerFp32: b = [], int8: c = [] } = embeddings;
  const count = files.length;
  const row = (what: string, mine: Timing, other: Timing, rest: Partial<Row>): Row => ({
    what: `${title}, files to embeddings, ${what}`,
    ours: perSecond(count, mine),
    peer: perSecond(count, other),
    ratio: ratioOf(mine, other),
    ...rest,
  });
  return [
    row('float32', seconds.fp32, seconds.peerFp32, {
      target: targets.fp32,
      agreement: `${cosineText(leastCosine(a, b))}, median ${median(a.map((v, i) => cosine(v, b[i] ?? v))).toFixed(4)}`,
    }),
    row('our int8 against float32', seconds.int8, seconds.peerFp32, {
      ...(targets.int8 !== undefined && { target: targets.int8 }),
      agreement: `${cosineText(leastCosine(c, a))} to our float32`,
    }),
    row('both int8 (our graph)', seconds.int8, seconds.peerInt8, {}),
  ];
}

/** Images a second of the encoders alone, both with all cores and fed with the same pixels, and how near they come to the peak. */
export async function encoderOnly(comparison: EncoderComparison): Promise<Row[]> {
  const { title, model, files, rounds } = comparison;
  const threads = availableParallelism();
  const count = files.length;
  await using our = startWorker<typeof EncoderTasks>(new URL('encoderWorker.ts', import.meta.url));
  await using peer = startWorker<typeof PeerTasks>(new URL('peerWorker.ts', import.meta.url));
  const pixels = await our.ask('preprocess', { folder: model.ours.fp32.folder, files });
  const normalised = channelsFirst(pixels, count, model.statistics);
  const embeddings: Partial<Record<string, Float32Array[]>> = {};
  const ours = (form: Form) => async () => {
    const result = await our.ask('encode', { folder: model.ours[form].folder, threads, pixels, count });
    embeddings[form] = result.embeddings;
    return result.seconds;
  };
  const theirs = async () => {
    const fp32: PeerModel = { ...model.peer, dtype: 'fp32' };
    const result = await peer.ask('encode', { model: fp32, pixels: normalised, count });
    embeddings['peer'] = result.embeddings;
    return result.seconds;
  };
  const peak = () => our.ask('matrixPeak', { threads });
  const seconds = await interleaved(rounds, { fp32: ours('fp32'), peer: theirs, int8: ours('int8'), peak });
  const { fp32: a = [], peer: b = [], int8: c = [] } = embeddings;
  const rows: Row[] = [
    {
      what: `${title}, encoder alone, float32`,
      ours: perSecond(count, seconds.fp32),
      peer: perSecond(count, seconds.peer),
      ratio: ratioOf(seconds.fp32, seconds.peer),
      agreement: `${cosineText(leastCosine(a, b))} (other images: ${medianCosineOfNeighbours(a).toFixed(2)})`,
    },
    {
      what: `${title}, encoder alone, our int8 against float32`,
      ours: perSecond(count, seconds.int8),
      peer: perSecond(count, seconds.peer),
      ratio: ratioOf(seconds.int8, seconds.peer),
      agreement: `${cosineText(leastCosine(c, a))} to our float32`,
    },
  ];
  if (comparison.isVitB32) {
    const ours = (at: keyof Timing) => (count * gigaflopsOfVitB32()) / seconds.fp32[at];
    const best = (at: keyof Timing) => PEAK_GIGAFLOPS / seconds.peak[at];
    rows.push({
      what: `${title}, encoder alone, GFLOP/s against the runtime's own MatMul`,
      ours: `${ours('median').toFixed(0)} (${ours('best').toFixed(0)})`,
      peer: `${best('median').toFixed(0)} (${best('best').toFixed(0)})`,
      ratio: { median: ours('median') / best('median'), best: ours('best') / best('best') },
      target: '≥ 0.9×',
    });
  }
  return rows;
}

/**
 * Billions of operations that our graph of ViT-B/32 spends on an image, matrix products alone. Of the last block all tokens need
 * keys and values; queries, MLP and the rest are computed for the class token only.
 */
function gigaflopsOfVitB32(): number {
  const { imageSize, patchSize, width, layers, mlpWidth, embeddingSize } = VIT_B32;
  const patches = (imageSize / patchSize) ** 2;
  const tokens = patches + 1;
  const block = (queries: number): number =>
    width * width * (2 * tokens + 2 * queries) + 2 * queries * tokens * width + 2 * queries * width * mlpWidth;
  const products =
    patches * patchSize ** 2 * 3 * width + (layers - 1) * block(tokens) + block(1) + width * embeddingSize;
  return (2 * products) / 1e9;
}

async function embedAll(inference: Inference, files: readonly string[]): Promise<Float32Array[]> {
  const requests: Promise<Float32Array[]>[] = [];
  for (let at = 0; at < files.length; at += IMAGES_A_REQUEST) {
    const images = files.slice(at, at + IMAGES_A_REQUEST).map((path) => ({ kind: 'file' as const, path }));
    requests.push(
      inference.embedImages(images).then((outcomes) =>
        outcomes.map((outcome) => {
          if (!outcome.ok) throw new Error(outcome.reason);
          return outcome.embedding;
        }),
      ),
    );
  }
  return (await Promise.all(requests)).flat();
}

/** uint8 [N, S, S, 3] → normalised float32 [N, 3, S, S] */
function channelsFirst(pixels: Uint8Array, count: number, { mean, std }: ComparedModel['statistics']): Float32Array {
  const cells = pixels.length / count / 3;
  const result = new Float32Array(pixels.length);
  for (let at = 0; at < pixels.length; at++) {
    const channel = at % 3;
    const cell = Math.floor(at / 3);
    const image = Math.floor(cell / cells);
    const value = ((pixels[at] ?? 0) / 255 - (mean[channel] ?? 0)) / (std[channel] ?? 1);
    result[(image * 3 + channel) * cells + (cell % cells)] = value;
  }
  return result;
}
