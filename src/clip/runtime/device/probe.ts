/**
 * The probe: tries one provider with one model, and is thrown away. A native library that aborts or hangs takes this process along
 * and no other. Started by probeProcess.ts with ProbeOptions as its argument.
 */
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { messageOf } from '../../../base/userError.ts';
import { similarityModel } from '../../scoring/similarityGraph.ts';
import { openModelFolder } from '../../base/manifest.ts';
import { dot } from '../../base/vectors.ts';
import { encodePixels } from '../encoders.ts';
import { plainReason, type FromProbe, type ProbeOptions } from './probeProtocol.ts';
import { probePixels } from './probePixels.ts';
import { PROVIDER_NAMES, type Provider } from './providers.ts';
import { floatOutput, lazySession, sessionOptions } from '../sessions.ts';
import { CPU_BATCH, type Trial } from './verdict.ts';

/** Embeddings of the same image agree at least so well: half precision comes to 0.9999, a wrong kernel to 0.99 and less. */
const LEAST_COSINE = 0.999;
/** A GPU that gains less is not worth its memory and its driver. */
const FASTER = 1.2;
/** So many times slower at one image, no batch makes up for it: a GPU that is software is 25 to 400 times slower. */
const HOPELESS = 16;
/** One at first, which tells soonest. */
const GPU_BATCHES = [1, 8, 32, 64];
/** What is measured takes as long as so many runs, the compiling included. */
const COMPILING = 10;
/** A larger batch makes other requests wait longer, so it has to gain something. */
const WORTH_A_LARGER_BATCH = 1.05;
/** A rate is the median of at least so many runs, where they do not take too long, and in at least this time. */
const LEAST_RUNS = 3;
const LEAST_MILLISECONDS = 400;
const MOST_MILLISECONDS = 3000;

type Encode = (images: readonly Uint8Array[]) => Promise<Float32Array>;

async function probe({ modelFolder, provider, threads, milliseconds }: ProbeOptions): Promise<Trial> {
  const end = performance.now() + milliseconds;
  const name = PROVIDER_NAMES[provider];
  const { folder, manifest } = await openModelFolder(modelFolder);
  const { image, embeddingSize } = manifest;
  const figures: { -readonly [Key in 'cosine' | 'imagesPerSecond' | 'cpuImagesPerSecond']: Trial[Key] } & {
    batch: number;
  } = { cosine: null, imagesPerSecond: null, cpuImagesPerSecond: null, batch: CPU_BATCH };
  const trial = (outcome: Trial['outcome'], reason: string): Trial => ({
    ...{ provider, outcome, reason },
    ...{ ...figures, at: Date.now() },
  });
  const encoderOn = (device: Provider): Encode => {
    const load = () => ort.InferenceSession.create(path.join(folder, image.graph), sessionOptions({ device, threads }));
    const session = lazySession('image encoder', load, milliseconds);
    return (images) => encodePixels(session, images, manifest);
  };

  // First what costs nothing where there is no GPU at all.
  step(`ran a small graph on ${name}`);
  try {
    await assertMultiplies(provider, threads);
  } catch (error) {
    return trial('failed', plainReason(messageOf(error)));
  }

  step('ran the model on the processor');
  const images = probePixels(CPU_BATCH, image.size);
  const onProcessor = encoderOn('cpu');
  const expected = await onProcessor(images);
  const cpuRate = (figures.cpuImagesPerSecond = await rateOf(onProcessor, images));

  /** Runs it, says how like the processor's its embeddings are, and how fast it is; or that it is wrong. */
  const measure = async (encode: Encode, batch: number): Promise<number | 'wrong'> => {
    step(`ran the model on ${name}, images a run: ${batch}`);
    const many = Array.from({ length: batch }, (_, i) => images[i % images.length] ?? new Uint8Array());
    const cosine = leastCosine(await encode(many), expected, embeddingSize);
    figures.cosine = Math.min(cosine, figures.cosine ?? 1);
    return cosine < LEAST_COSINE ? 'wrong' : rateOf(encode, many);
  };

  const encode = encoderOn(provider);
  try {
    for (const batch of GPU_BATCHES) {
      const best = figures.imagesPerSecond;
      if (best !== null) {
        if (best * HOPELESS < cpuRate) break;
        // Another batch may be compiled for first, and takes its time.
        if (performance.now() + (COMPILING * 1000 * batch) / best > end) break;
      }
      const rate = await measure(encode, batch);
      if (rate === 'wrong') return trial('wrong', wrongReason(figures.cosine ?? 0));
      if (best !== null && rate < best * WORTH_A_LARGER_BATCH && figures.batch > 1) continue;
      figures.imagesPerSecond = rate;
      figures.batch = batch;
    }
  } catch (error) {
    // Too large a batch may find no memory; what was measured before holds.
    if (figures.imagesPerSecond === null) return trial('failed', plainReason(messageOf(causeOf(error))));
  }
  const rate = figures.imagesPerSecond ?? 0;
  if (rate >= FASTER * cpuRate) return trial('accepted', `${ratio(rate, cpuRate)} as fast as the processor`);
  if (rate >= cpuRate) return trial('slower', `hardly faster than the processor (${ratio(rate, cpuRate)})`);
  return trial('slower', `${ratio(cpuRate, rate)} slower than the processor`);
}

/** A product of numbers that half precision, too, holds exactly. */
async function assertMultiplies(device: Provider, threads: number): Promise<void> {
  const session = await ort.InferenceSession.create(similarityModel(), sessionOptions({ device, threads }));
  const rows = new ort.Tensor('float32', Float32Array.of(1, 2, 3, 4), [2, 2]);
  const weights = new ort.Tensor('float32', Float32Array.of(5, 6, 7, 8, 1, 0), [3, 2]);
  const bias = new ort.Tensor('float32', Float32Array.of(0, 1, 2), [3]);
  const logits = floatOutput(await session.run({ rows, weights, bias }), 'logits');
  await session.release();
  if (logits.join() !== '17,24,3,39,54,5') throw new Error(`it computes wrongly: ${logits.join()}`);
}

/** @param expected of the images that `rows` are of, in turn; NaN counts as no likeness at all */
function leastCosine(rows: Float32Array, expected: Float32Array, embeddingSize: number): number {
  let least = 1;
  for (let at = 0; at < rows.length; at += embeddingSize) {
    const row = rows.subarray(at, at + embeddingSize);
    const right = expected.subarray(at % expected.length, (at % expected.length) + embeddingSize);
    const cosine = dot(row, right) / Math.sqrt(dot(row, row));
    least = Math.min(least, Number.isNaN(cosine) ? 0 : cosine);
  }
  return least;
}

/** Images a second, of a session that ran with so many before. */
async function rateOf(encode: Encode, images: readonly Uint8Array[]): Promise<number> {
  const times: number[] = [];
  for (let all = 0; all < (times.length < LEAST_RUNS ? MOST_MILLISECONDS : LEAST_MILLISECONDS);) {
    const start = performance.now();
    await encode(images);
    times.push(performance.now() - start);
    all += times.at(-1) ?? 0;
  }
  const median = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Infinity;
  return (1000 * images.length) / median;
}

function wrongReason(cosine: number): string {
  return `its embeddings are not those of the processor (cosine ${cosine.toFixed(4)})`;
}

function ratio(a: number, b: number): string {
  return `${a / b < 10 ? (a / b).toFixed(1) : Math.round(a / b)}×`;
}

/** What the runtime said, without what a session of ours says around it. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error;
}

function step(what: string): void {
  send({ type: 'step', what });
}

function send(message: FromProbe): void {
  process.send?.(message);
}

process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
probe(JSON.parse(process.argv[2] ?? '{}') as ProbeOptions).then(
  (trial) => {
    send({ type: 'trial', trial });
  },
  (error: unknown) => {
    // Of the model or of the processor: it says nothing of the provider.
    send({ type: 'unusable', reason: messageOf(error) });
  },
);
