import os from 'node:os';
import {
  createInference,
  findModel,
  HumanError,
  messageOf,
  modelsFolder,
  openModelFolder,
  readCalibration,
  type BundledModel,
  type ImageSource,
  type ModelFolder,
} from '../clip/index.ts';
import { table } from './output.ts';

interface DoctorOptions {
  readonly model?: string;
  readonly bundled: BundledModel;
  readonly hostScript: string;
  readonly signal: AbortSignal;
}

const IMAGES = 64;

/** Says what works on this machine, all of it measured now. What fails says why, and the other checks still run. */
export async function doctor(options: DoctorOptions): Promise<void> {
  const rows: [string, string][] = [
    ['Node', `${process.version} on ${process.platform}-${process.arch}`],
    ['processor', `${os.cpus()[0]?.model.trim() ?? 'unknown'}, ${os.availableParallelism()} threads`],
    ['memory', `${gibibytes(os.freemem())} of ${gibibytes(os.totalmem())} free`],
  ];
  let failed = 0;
  /** Runs a check and keeps its line. */
  const check = async (what: string, measure: () => Promise<string>): Promise<void> => {
    const result = await measure().catch((error: unknown) => {
      options.signal.throwIfAborted();
      failed++;
      return `FAILED: ${messageOf(error)}`;
    });
    rows.push([what, result]);
  };
  let model: ModelFolder | undefined;
  await check('model', async () => {
    model = await openModelFolder(await findModel(options.model, modelsFolder(), options.bundled));
    const { name, precision, image, embeddingSize } = model.manifest;
    return `${name}, ${precision}, ${image.size} px, ${embeddingSize} dimensions`;
  });
  if (model) await checkModel(model, options, check);
  process.stdout.write(table(['', ''], rows));
  if (failed > 0) throw new HumanError(`${failed} of these do not work; see the lines that say FAILED.`);
}

async function checkModel(
  model: ModelFolder,
  { hostScript, signal }: DoctorOptions,
  check: (what: string, measure: () => Promise<string>) => Promise<void>,
): Promise<void> {
  await check('confidences', async () => {
    await readCalibration(model);
    if (model.manifest.calibration) return 'calibrated for this model';
    return 'not calibrated for this model: scores order images, but are no probabilities';
  });
  await using inference = createInference({ model, hostScript });
  await check('inference process', async () => {
    const { result, milliseconds } = await timed(() => inference.describe());
    return `starts in ${milliseconds} ms; provider ${result.provider}, ${result.threads} threads`;
  });
  await check('text encoder', async () => {
    const first = await timed(() => inference.embedTexts(['a red car'], signal));
    const second = await timed(() => inference.embedTexts(['a yellow submarine'], signal));
    return `loads in ${first.milliseconds} ms; a query takes ${second.milliseconds} ms`;
  });
  await check('image encoder', async () => {
    const first = await timed(() => inference.embedImages(drawings(1), signal));
    const many = await timed(() => inference.embedImages(drawings(IMAGES), signal));
    const bad = many.result.find((outcome) => !outcome.ok);
    if (bad) throw new Error(bad.reason);
    return `loads in ${first.milliseconds} ms; ${Math.round((IMAGES * 1000) / many.milliseconds)} drawings a second`;
  });
}

/** Small drawings, each another one. */
function drawings(count: number): ImageSource[] {
  return Array.from({ length: count }, (_, i) => ({
    kind: 'bytes',
    name: `drawing ${i}`,
    bytes: Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><circle cx="12" cy="12" r="${2 + (i % 10)}"/></svg>`,
    ),
  }));
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; milliseconds: number }> {
  const start = performance.now();
  const result = await work();
  return { result, milliseconds: Math.round(performance.now() - start) };
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
