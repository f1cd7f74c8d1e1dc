import os from 'node:os';
import { memorySize } from '../base/format.ts';
import { messageOf, UserError } from '../base/userError.ts';
import {
  createInference,
  findModel,
  modelsFolder,
  openModelFolder,
  readCalibration,
  type BundledModel,
  type DeviceReport,
  type ModelFolder,
} from '../clip/index.ts';
import { deviceOptions, type DeviceChoice } from './device.ts';
import { checkDevices } from './doctor/devices.ts';
import { checkEncoders, rounded } from './doctor/encoders.ts';
import { describeIndexes, describeIndexOf } from './doctor/indexes.ts';
import { print, printJson, table } from './output.ts';

interface DoctorOptions extends DeviceChoice {
  readonly model?: string;
  readonly bundled: BundledModel;
  readonly json?: boolean;
  readonly hostScript: string;
  readonly signal: AbortSignal;
}

/** A line of the report. */
interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly result: string;
}

/** Runs a check and adds its line to the report. A failed check does not stop the others. */
export type Check = (what: string, measure: () => Promise<string>) => Promise<void>;

/**
 * `assetlens doctor`: checks the runtime, the model and the devices on this machine, with new measurements.
 * @param folder folder of images whose index to describe
 * @throws UserError if a check fails
 */
export async function doctor(folder: string | undefined, options: DoctorOptions): Promise<void> {
  const findings: Finding[] = [
    { what: 'Node', ok: true, result: `${process.version} on ${process.platform}-${process.arch}` },
    { what: 'CPU', ok: true, result: describeCpu() },
    { what: 'memory', ok: true, result: `${memorySize(os.freemem())} free of ${memorySize(os.totalmem())}` },
  ];
  const check: Check = async (what, measure) => {
    try {
      findings.push({ what, ok: true, result: await measure() });
    } catch (error) {
      options.signal.throwIfAborted();
      findings.push({ what, ok: false, result: messageOf(error) });
    }
  };
  await check('indexes', describeIndexes);
  if (folder !== undefined) await check('index', () => describeIndexOf(folder));
  let model: ModelFolder | undefined;
  await check('model', async () => {
    model = await openModelFolder(await findModel(options.model, modelsFolder(), options.bundled));
    const { name, precision, image, embeddingSize } = model.manifest;
    return `${name}, ${precision}, ${image.size} px, ${embeddingSize} dimensions`;
  });
  const device = model && (await checkModel(model, options, check));
  await printFindings(findings, device, options.json ?? false);
}

async function checkModel(model: ModelFolder, options: DoctorOptions, check: Check): Promise<DeviceReport | undefined> {
  const { hostScript, signal } = options;
  await check('confidences', () => describeConfidences(model));
  await check('logit scale', () => Promise.resolve(describeLogitScale(model)));
  const device = deviceOptions({ ...options, quiet: options.json ?? false });
  await using inference = createInference({ model, hostScript, device });
  const report = await checkDevices(inference, check, signal);
  await checkEncoders(inference, check, signal);
  return report;
}

async function printFindings(
  findings: readonly Finding[],
  device: DeviceReport | undefined,
  json: boolean,
): Promise<void> {
  if (json) {
    await printJson({ checks: findings, device: device ?? null });
  } else {
    const rows = findings.map(({ what, ok, result }) => [what, ok ? result : `FAILED: ${result}`]);
    await print(table(['', ''], rows));
  }
  const failed = findings.filter(({ ok }) => !ok).length;
  if (failed === 0) return;
  throw new UserError(
    `${failed} of ${findings.length} checks failed. See the entries marked ${json ? '"ok":false' : 'FAILED'}.`,
  );
}

function describeCpu(): string {
  return `${os.cpus()[0]?.model.trim() ?? 'unknown'}, ${os.availableParallelism()} threads`;
}

async function describeConfidences(model: ModelFolder): Promise<string> {
  await readCalibration(model);
  if (model.manifest.calibration) return 'calibrated for this model';
  if (model.manifest.logitBias !== undefined) return 'probabilities that this model was trained to predict';
  return 'not calibrated for this model: scores rank images, but are not probabilities';
}

/** Third-party graphs do not contain the logit scale. The registry contains it for the SigLIP models it recommends. */
function describeLogitScale({ manifest: { logitScale, logitBias, text } }: ModelFolder): string {
  const value = rounded(logitScale);
  if (!text.tensors || logitBias !== undefined) return `${value}, from the checkpoint`;
  return `${value}, assumed, because the graphs do not contain it. Probabilities of zero-shot classification may be inaccurate; confidences and rankings are not affected.`;
}
