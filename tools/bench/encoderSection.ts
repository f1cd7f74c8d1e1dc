import { availableParallelism } from 'node:os';
import { createInference, type Inference } from '../../src/clip/index.ts';
import type { VisionShape } from '../shared/randomCheckpoint.ts';
import { median } from '../shared/statistics.ts';
import type { tasks as EncoderTasks } from './encoderWorker.ts';
import { PEAK_GIGAFLOPS } from './matrixPeak.ts';
import { cosine, interleaved, leastCosine, medianCosineOfNeighbours, secondsOf, type Timing } from './measure.ts';
import { hostScript, type ComparedModel, type Form } from './models.ts';
import type { tasks as PeerTasks } from './peerWorker.ts';
import { processorSeconds } from './processorTime.ts';
import { cosineText, duration, perSecond, ratioOf, type Row } from './table.ts';
import { startWorker } from './worker.ts';

export interface EncoderComparison {
  readonly title: string;
  readonly model: ComparedModel;
  readonly files: readonly string[];
  readonly rounds: number;
  readonly targets: { readonly fp32: string; readonly int8?: string };
  /** The shape of a vision transformer, whose operations can be counted. */
  readonly vision?: VisionShape;
  /** Without the peer, the rows have only the figures of AssetLens. */
  readonly hasPeer: boolean;
}

/** The number of images in a request; several requests are under way at a time, as in the library. */
const IMAGES_PER_REQUEST = 32;

/** The least cosine at which two encoders count as equal. A comparison of different encoders would be meaningless. */
const EQUAL = 0.999;

/** Images per second from files to embeddings, in float32 and in int8. */
export async function endToEnd({ title, model, files, rounds, targets, hasPeer }: EncoderComparison): Promise<Row[]> {
  await using fp32 = createInference({ model: model.ours.fp32, hostScript });
  await using int8 = createInference({ model: model.ours.int8, hostScript });
  await using peer = hasPeer ? startWorker<typeof PeerTasks>(new URL('peerWorker.ts', import.meta.url)) : null;
  const embeddings = new Map<string, Float32Array[]>();
  const used = { ours: [] as number[], peer: [] as number[] };
  const { processId } = await fp32.describe();
  const processors = async () => (await processorSeconds(processId)) + (await processorSeconds(process.pid));
  const ours = (form: Form, inference: Inference) => async () => {
    const before = await processors();
    const seconds = await secondsOf(async () => {
      embeddings.set(form, await embedAll(inference, files));
    });
    if (form === 'fp32') used.ours.push((await processors()) - before);
    return seconds;
  };
  const theirs = (dtype: Form) => async () => {
    if (!peer) return NaN;
    const before = await processorSeconds(peer.processId);
    const result = await peer.ask('embedFiles', { model: { ...model.peer, dtype }, files });
    if (dtype === 'fp32') used.peer.push((await processorSeconds(peer.processId)) - before);
    embeddings.set(`peer ${dtype}`, result.embeddings);
    return result.seconds;
  };
  const seconds = await interleaved(rounds, {
    fp32: ours('fp32', fp32),
    peerFp32: theirs('fp32'),
    int8: ours('int8', int8),
    peerInt8: theirs('int8'),
  });
  const [a = [], b, c = []] = ['fp32', 'peer fp32', 'int8'].map((name) => embeddings.get(name));
  const row = (description: string, mine: Timing, other: Timing, more: Partial<Row>): Row => ({
    title: `${title}, files to embeddings, ${description}`,
    ours: perSecond(files.length, mine),
    ...(hasPeer && { peer: perSecond(files.length, other), ratio: ratioOf(mine, other) }),
    ...more,
  });
  return [
    row('float32', seconds.fp32, seconds.peerFp32, {
      target: targets.fp32,
      ...(b && { agreement: `${cosineText(leastCosine(a, b))}, median ${medianCosine(a, b).toFixed(4)}` }),
    }),
    processorRow(title, files.length, used),
    row('our int8 against float32', seconds.int8, seconds.peerFp32, {
      ...(targets.int8 !== undefined && { target: targets.int8 }),
      agreement: `${cosineText(leastCosine(c, a))} to our float32`,
    }),
    row('both int8 (our graph)', seconds.int8, seconds.peerInt8, {}),
  ];
}

/** The processor time of an image in the rounds behind the first one, in which models load. */
function processorRow(title: string, images: number, used: Readonly<Record<'ours' | 'peer', readonly number[]>>): Row {
  const timing = (seconds: readonly number[]): Timing => {
    const perImage = seconds.slice(1).map((value) => value / images);
    return { median: median(perImage), best: Math.min(...perImage) };
  };
  const [ours, peer] = [timing(used.ours), timing(used.peer)];
  return {
    title: `${title}, processor time of an image, float32`,
    ours: Number.isNaN(ours.median) ? 'unknown' : duration(ours),
    ...(used.peer.length > 0 && { peer: duration(peer), ratio: ratioOf(ours, peer) }),
  };
}

/**
 * Images per second of the encoders alone, with all cores and the same pixels, and their share of the peak.
 * @throws Error where the two encoders give different embeddings
 */
export async function encoderOnly(comparison: EncoderComparison): Promise<Row[]> {
  const { title, model, files, rounds, vision, hasPeer } = comparison;
  const threads = availableParallelism();
  const count = files.length;
  await using our = startWorker<typeof EncoderTasks>(new URL('encoderWorker.ts', import.meta.url));
  await using peer = hasPeer ? startWorker<typeof PeerTasks>(new URL('peerWorker.ts', import.meta.url)) : null;
  const pixels = await our.ask('preprocess', { folder: model.ours.fp32.folder, files });
  const normalised = channelsFirst(pixels, count, model.statistics);
  const embeddings = new Map<string, Float32Array[]>();
  const ours = (form: Form) => async () => {
    const result = await our.ask('encode', { folder: model.ours[form].folder, threads, pixels, count });
    embeddings.set(form, result.embeddings);
    return result.seconds;
  };
  const theirs = async () => {
    if (!peer) return NaN;
    const result = await peer.ask('encode', { model: { ...model.peer, dtype: 'fp32' }, pixels: normalised, count });
    embeddings.set('peer', result.embeddings);
    return result.seconds;
  };
  const peak = () => our.ask('matrixPeak', { threads });
  const seconds = await interleaved(rounds, { fp32: ours('fp32'), peer: theirs, int8: ours('int8'), peak });
  const [a = [], b, c = []] = ['fp32', 'peer', 'int8'].map((name) => embeddings.get(name));
  const agreement = b && leastCosine(a, b);
  if (agreement !== undefined && agreement < EQUAL) {
    throw new Error(`${title}: the encoders differ, their least cosine is ${agreement.toFixed(5)}.`);
  }
  const row = (description: string, mine: Timing, text: string | undefined): Row => ({
    title: `${title}, encoder alone, ${description}`,
    ours: perSecond(count, mine),
    ...(hasPeer && { peer: perSecond(count, seconds.peer), ratio: ratioOf(mine, seconds.peer) }),
    ...(text !== undefined && { agreement: text }),
  });
  const others = medianCosineOfNeighbours(a).toFixed(2);
  return [
    row(
      'float32',
      seconds.fp32,
      agreement === undefined ? undefined : `${cosineText(agreement)} (other images: ${others})`,
    ),
    row('our int8 against float32', seconds.int8, `${cosineText(leastCosine(c, a))} to our float32`),
    ...(vision ? [peakRow(title, count * gigaflopsOf(vision), seconds.fp32, seconds.peak)] : []),
  ];
}

/** The operations per second of the encoder beside those of the fastest matrix product. */
function peakRow(title: string, gigaflops: number, encoder: Timing, peak: Timing): Row {
  const ours = { median: gigaflops / encoder.median, best: gigaflops / encoder.best };
  const fastest = { median: PEAK_GIGAFLOPS / peak.median, best: PEAK_GIGAFLOPS / peak.best };
  return {
    title: `${title}, encoder alone, GFLOP/s against the runtime's own MatMul`,
    ours: `${ours.median.toFixed(0)} (${ours.best.toFixed(0)})`,
    peer: `${fastest.median.toFixed(0)} (${fastest.best.toFixed(0)})`,
    ratio: { median: ours.median / fastest.median, best: ours.best / fastest.best },
  };
}

/**
 * The operations of our graph for one image in billions, counting matrix products only. The last block needs keys and
 * values of all tokens, but queries and MLP only for the class token.
 */
function gigaflopsOf({ imageSize, patchSize, width, layers, mlpWidth, embeddingSize }: VisionShape): number {
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
  for (let start = 0; start < files.length; start += IMAGES_PER_REQUEST) {
    const images = files.slice(start, start + IMAGES_PER_REQUEST).map((path) => ({ kind: 'file' as const, path }));
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

function medianCosine(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  return median(a.map((vector, i) => cosine(vector, b[i] ?? vector)));
}

/** uint8 [N, S, S, 3] → normalised float32 [N, 3, S, S] */
function channelsFirst(pixels: Uint8Array, count: number, { mean, std }: ComparedModel['statistics']): Float32Array {
  const cells = pixels.length / count / 3;
  const result = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) {
    const channel = i % 3;
    const cell = Math.floor(i / 3);
    const image = Math.floor(cell / cells);
    const value = ((pixels[i] ?? 0) / 255 - (mean[channel] ?? 0)) / (std[channel] ?? 1);
    result[(image * 3 + channel) * cells + (cell % cells)] = value;
  }
  return result;
}
