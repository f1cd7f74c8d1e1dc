import os from 'node:os';
import {
  createInference,
  findModel,
  UserError,
  messageOf,
  modelsFolder,
  openModelFolder,
  PROVIDER_NAMES,
  readCalibration,
  type BundledModel,
  type DeviceReport,
  type ImageSource,
  type Inference,
  type ModelFolder,
  type Trial,
} from '../clip/index.ts';
import { deviceOptions, type DeviceChoice } from './device.ts';
import { printJson, table } from './output.ts';

interface DoctorOptions extends DeviceChoice {
  readonly model?: string;
  readonly bundled: BundledModel;
  readonly json?: boolean;
  readonly hostScript: string;
  readonly signal: AbortSignal;
}

const IMAGES = 64;

/** A line of the report. */
interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly result: string;
}

/** Runs a check and keeps its line. */
type Check = (what: string, measure: () => Promise<string>) => Promise<void>;

/** Says what works on this machine, all of it measured now. What fails says why, and the other checks still run. */
export async function doctor(options: DoctorOptions): Promise<void> {
  const findings: Finding[] = [
    ['Node', `${process.version} on ${process.platform}-${process.arch}`] as const,
    ['processor', `${os.cpus()[0]?.model.trim() ?? 'unknown'}, ${os.availableParallelism()} threads`] as const,
    ['memory', `${gibibytes(os.freemem())} of ${gibibytes(os.totalmem())} free`] as const,
  ].map(([what, result]) => ({ what, ok: true, result }));
  const check: Check = async (what, measure) => {
    try {
      findings.push({ what, ok: true, result: await measure() });
    } catch (error) {
      options.signal.throwIfAborted();
      findings.push({ what, ok: false, result: messageOf(error) });
    }
  };
  let model: ModelFolder | undefined;
  await check('model', async () => {
    model = await openModelFolder(await findModel(options.model, modelsFolder(), options.bundled));
    const { name, precision, image, embeddingSize } = model.manifest;
    return `${name}, ${precision}, ${image.size} px, ${embeddingSize} dimensions`;
  });
  const device = model && (await checkModel(model, options, check));
  if (options.json) await printJson({ checks: findings, device: device ?? null });
  else {
    const rows = findings.map(({ what, ok, result }) => [what, ok ? result : `FAILED: ${result}`]);
    process.stdout.write(table(['', ''], rows));
  }
  const failed = findings.filter(({ ok }) => !ok).length;
  if (failed > 0)
    throw new UserError(
      `${failed} of these do not work; see the lines that say ${options.json ? '"ok":false' : 'FAILED'}.`,
    );
}

async function checkModel(model: ModelFolder, options: DoctorOptions, check: Check): Promise<DeviceReport | undefined> {
  const { hostScript, signal } = options;
  await check('confidences', async () => {
    await readCalibration(model);
    if (model.manifest.calibration) return 'calibrated for this model';
    if (model.manifest.logitBias !== undefined) return 'the probabilities that this model was trained to give';
    return 'not calibrated for this model: scores order images, but are no probabilities';
  });
  await check('logit scale', () => Promise.resolve(describeLogitScale(model)));
  const device = deviceOptions({ ...options, quiet: options.json ?? false });
  await using inference = createInference({ model, hostScript, device });
  const report = await checkDevices(inference, check, signal);
  await check('inference process', async () => {
    const { result, milliseconds } = await timed(() => inference.describe());
    const { provider, batch, threads } = result;
    return `starts in ${milliseconds} ms; images on ${PROVIDER_NAMES[provider]}, ${batch} a run; ${threads} threads`;
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
  await check('heatmaps', async () => {
    const [image] = drawings(1);
    const { embeddingSize } = model.manifest;
    const query = {
      kind: 'where',
      prompts: new Float32Array(embeddingSize).fill(embeddingSize ** -0.5),
      background: new Float32Array(),
    } as const;
    if (!image) throw new Error('There is no drawing.');
    await inference.heatmap(image, query, signal); // which loads and tries what makes them
    const [, another] = drawings(2);
    const { milliseconds } = await timed(() => inference.heatmap(another ?? image, query, signal));
    const { heatmaps } = await inference.describe();
    if (!heatmaps) throw new Error('It does not say how they are made.');
    const { where, why, because } = heatmaps;
    return `${milliseconds} ms each; ${where} (where), ${why} (why)${because === null ? '' : `, because ${because}`}`;
  });
  return report;
}

/** Third-party graphs do not contain the learned scale, and their configurations only have its initial value. */
function describeLogitScale({ manifest: { logitScale, logitBias, text } }: ModelFolder): string {
  const value = rounded(logitScale);
  if (!text.tensors || logitBias !== undefined) return `${value}, of the checkpoint`;
  return `${value}, assumed: these graphs do not tell it. Shares of zero-shot classification may be off; confidences and rankings are not.`;
}

/** Tries every GPU provider that the option allows, and says which device images will be embedded on, and why. */
async function checkDevices(
  inference: Inference,
  check: Check,
  signal: AbortSignal,
): Promise<DeviceReport | undefined> {
  let report: DeviceReport | undefined;
  await check('device', async () => {
    await inference.tryDevices(signal);
    report = await inference.device();
    const { setting, verdict } = report;
    const asked = setting !== 'auto' && setting !== 'cpu';
    if (asked && verdict.device === 'cpu') throw new Error(`--device ${setting}: ${verdict.reason}`);
    return `${PROVIDER_NAMES[verdict.provider]}: ${verdict.reason}`;
  });
  for (const trial of report?.trials ?? []) {
    await check(PROVIDER_NAMES[trial.provider], () => Promise.resolve(describeTrial(trial)));
  }
  return report;
}

/** A GPU that is refused is no failure of the machine: the processor does it. */
function describeTrial({ outcome, reason, cosine, imagesPerSecond, cpuImagesPerSecond, batch }: Trial): string {
  const figures = [
    ...(imagesPerSecond === null ? [] : [`${rounded(imagesPerSecond)} images/s, ${batch} a run`]),
    ...(cpuImagesPerSecond === null ? [] : [`the processor ${rounded(cpuImagesPerSecond)}`]),
    ...(cosine === null ? [] : [`cosine ${cosine.toFixed(5)}`]),
  ];
  return [`${outcome === 'accepted' ? 'works' : 'refused'}: ${reason}`, ...figures].join('; ');
}

function rounded(rate: number): string {
  return rate < 10 ? rate.toFixed(1) : String(Math.round(rate));
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
