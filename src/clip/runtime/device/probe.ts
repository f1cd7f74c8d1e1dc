/**
 * The probe: a process that tries one provider with one model and ends. If a native library aborts or hangs, only this
 * process is lost. probeProcess.ts starts it with ProbeOptions as its argument.
 */
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import { dieWithParent } from '../../../base/dieWithParent.ts';
import { messageOf } from '../../../base/userError.ts';
import { assertWeightFiles } from '../../models/assertGraph.ts';
import { openModelFolder, type ModelManifest } from '../../base/manifest.ts';
import { dot } from '../../base/vectors.ts';
import { encodePixels } from '../encoders/encode.ts';
import { floatOutput, lazySession, sessionOptions } from '../encoders/sessions.ts';
import { testPictures } from '../encoders/testPictures.ts';
import { similarityModel } from '../../scoring/similarityGraph.ts';
import { plainReason, type FromProbe, type ProbeOptions } from './probeProtocol.ts';
import { PROVIDER_NAMES, type Provider } from './providers.ts';
import { CPU_BATCH, type Trial } from './verdict.ts';

/** The lowest cosine of correct embeddings. Half precision has 0.9999; a wrong kernel has 0.99 or less. */
const LEAST_COSINE = 0.999;
/** A GPU must be this many times as fast as the CPU to be worth its memory and its driver. */
const FASTER = 1.2;
/**
 * A GPU that is this many times slower than the CPU at one image is not faster at any batch size. Software
 * implementations of WebGPU are 25 to 400 times slower.
 */
const HOPELESS = 16;
/** The batch sizes that are measured, the fastest to measure first. */
const GPU_BATCHES = [1, 8, 32, 64];
/** The time that measuring a batch size takes, in runs of that batch, including the compilation for it. */
const RUNS_TO_MEASURE = 10;
/** A larger batch must be this many times as fast, because other requests wait longer for it. */
const WORTH_A_LARGER_BATCH = 1.05;
/** A rate is the median of at least this many runs, unless they take too long, and of at least this time. */
const LEAST_RUNS = 3;
const LEAST_MILLISECONDS = 400;
const MOST_MILLISECONDS = 3000;

type Encode = (images: readonly Uint8Array[]) => Promise<Float32Array>;

/** The figures of a trial; null where nothing was measured. */
interface Figures {
  cosine: number | null;
  imagesPerSecond: number | null;
  cpuImagesPerSecond: number | null;
  batch: number;
}

/** The trial of one provider with one model. */
class ProviderTrial {
  readonly #options: ProbeOptions;
  readonly #deadline: number;
  readonly #figures: Figures = { cosine: null, imagesPerSecond: null, cpuImagesPerSecond: null, batch: CPU_BATCH };

  constructor(options: ProbeOptions) {
    this.#options = options;
    this.#deadline = performance.now() + options.milliseconds;
  }

  /** @throws Error if the model cannot run on the CPU */
  async run(): Promise<Trial> {
    const { provider, threads, modelFolder } = this.#options;
    const { folder, manifest } = await openModelFolder(modelFolder);
    // A small graph first: it fails quickly if there is no GPU at all.
    reportStep(`ran a small graph on ${PROVIDER_NAMES[provider]}`);
    try {
      await assertMultiplies(provider, threads);
    } catch (error) {
      return this.#result('failed', plainReason(messageOf(error)));
    }

    reportStep('ran the model on the CPU');
    const images = testPictures(CPU_BATCH, manifest.image.size);
    const encodeOnCpu = this.#encoderOn('cpu', folder, manifest);
    const expected = await encodeOnCpu(images);
    const cpuRate = await imagesPerSecond(encodeOnCpu, images);
    this.#figures.cpuImagesPerSecond = cpuRate;

    const encode = this.#encoderOn(provider, folder, manifest);
    try {
      for (const batch of GPU_BATCHES) {
        if (!this.#isWorthMeasuring(batch, cpuRate)) break;
        reportStep(`ran the model on ${PROVIDER_NAMES[provider]}, batch size ${batch}`);
        const batchImages = Array.from({ length: batch }, (_, i) => images[i % images.length] ?? new Uint8Array());
        const cosine = leastCosine(await encode(batchImages), expected, manifest.embeddingSize);
        this.#figures.cosine = Math.min(cosine, this.#figures.cosine ?? 1);
        if (cosine < LEAST_COSINE) return this.#result('wrong', wrongReason(this.#figures.cosine));
        this.#keepIfFaster(batch, await imagesPerSecond(encode, batchImages));
      }
    } catch (error) {
      // A large batch can exceed the memory; the rate of a smaller one is valid.
      if (this.#figures.imagesPerSecond === null) return this.#result('failed', plainReason(messageOf(causeOf(error))));
    }
    return this.#compared(this.#figures.imagesPerSecond ?? 0, cpuRate);
  }

  #encoderOn(provider: Provider, folder: string, manifest: ModelManifest): Encode {
    const { threads, milliseconds } = this.#options;
    const options = sessionOptions({ provider, threads });
    const load = async () => {
      await assertWeightFiles(folder, manifest.image.graph);
      return ort.InferenceSession.create(path.join(folder, manifest.image.graph), options);
    };
    const session = lazySession('image encoder', load, milliseconds);
    return (images) => encodePixels(session, images, manifest);
  }

  #isWorthMeasuring(batch: number, cpuRate: number): boolean {
    const best = this.#figures.imagesPerSecond;
    if (best === null) return true;
    if (best * HOPELESS < cpuRate) return false;
    const expectedMilliseconds = (RUNS_TO_MEASURE * 1000 * batch) / best;
    return performance.now() + expectedMilliseconds <= this.#deadline;
  }

  #keepIfFaster(batch: number, rate: number): void {
    const { imagesPerSecond: best, batch: bestBatch } = this.#figures;
    // The rate of a single image is always replaced: it only shows whether larger batches are worth measuring.
    if (best !== null && bestBatch > 1 && rate < best * WORTH_A_LARGER_BATCH) return;
    this.#figures.imagesPerSecond = rate;
    this.#figures.batch = batch;
  }

  #compared(rate: number, cpuRate: number): Trial {
    if (rate >= FASTER * cpuRate) {
      return this.#result('accepted', `${ratio(rate, cpuRate)} as fast as the CPU`);
    }
    if (rate >= cpuRate) {
      return this.#result('slower', `hardly faster than the CPU (${ratio(rate, cpuRate)})`);
    }
    return this.#result('slower', `${ratio(cpuRate, rate)} slower than the CPU`);
  }

  #result(outcome: Trial['outcome'], reason: string): Trial {
    return { provider: this.#options.provider, outcome, reason, ...this.#figures, at: Date.now() };
  }
}

/** Multiplies numbers whose products half precision represents exactly. @throws Error if the result is wrong */
async function assertMultiplies(provider: Provider, threads: number): Promise<void> {
  const session = await ort.InferenceSession.create(similarityModel('float32'), sessionOptions({ provider, threads }));
  const rows = new ort.Tensor('float32', Float32Array.of(1, 2, 3, 4), [2, 2]);
  const weights = new ort.Tensor('float32', Float32Array.of(5, 6, 7, 8, 1, 0), [3, 2]);
  const bias = new ort.Tensor('float32', Float32Array.of(0, 1, 2), [3]);
  const logits = floatOutput(await session.run({ rows, weights, bias }), 'logits');
  await session.release();
  if (logits.join() !== '17,24,3,39,54,5') throw new Error(`its results are wrong: ${logits.join()}`);
}

/**
 * The lowest cosine between embeddings and the expected ones, which repeat if there are fewer.
 * @returns 0 if a value is NaN
 */
function leastCosine(rows: Float32Array, expected: Float32Array, embeddingSize: number): number {
  let least = 1;
  for (let start = 0; start < rows.length; start += embeddingSize) {
    const row = rows.subarray(start, start + embeddingSize);
    const expectedStart = start % expected.length;
    const cosine = dot(row, expected.subarray(expectedStart, expectedStart + embeddingSize)) / Math.sqrt(dot(row, row));
    least = Math.min(least, Number.isNaN(cosine) ? 0 : cosine);
  }
  return least;
}

/** The rate of a session that has run with this batch size before. */
async function imagesPerSecond(encode: Encode, images: readonly Uint8Array[]): Promise<number> {
  const times: number[] = [];
  for (let total = 0; total < (times.length < LEAST_RUNS ? MOST_MILLISECONDS : LEAST_MILLISECONDS);) {
    const start = performance.now();
    await encode(images);
    times.push(performance.now() - start);
    total += times.at(-1) ?? 0;
  }
  const median = times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? Infinity;
  return (1000 * images.length) / median;
}

function wrongReason(cosine: number): string {
  return `its embeddings differ from those of the CPU (cosine ${cosine.toFixed(4)})`;
}

function ratio(a: number, b: number): string {
  return `${a / b < 10 ? (a / b).toFixed(1) : Math.round(a / b)}×`;
}

/** The runtime's own error, if a session has wrapped it. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error;
}

function reportStep(what: string): void {
  send({ type: 'step', what });
}

function send(message: FromProbe): void {
  process.send?.(message);
}

dieWithParent();
process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
new ProviderTrial(JSON.parse(process.argv[2] ?? '{}') as ProbeOptions).run().then(
  (trial) => {
    send({ type: 'trial', trial });
  },
  (error: unknown) => {
    send({ type: 'unusable', reason: messageOf(error) });
  },
);
