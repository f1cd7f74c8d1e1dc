import { PROVIDER_NAMES, type DeviceReport, type Inference, type Trial } from '../../clip/index.ts';
import type { Check } from '../doctor.ts';
import { rounded } from './encoders.ts';

/** Probes each GPU provider that --device allows. Reports which device embeds images and the reason. */
export async function checkDevices(
  inference: Inference,
  check: Check,
  signal: AbortSignal,
): Promise<DeviceReport | undefined> {
  let report: DeviceReport | undefined;
  await check('device', async () => {
    await inference.tryDevices(signal);
    report = await inference.device();
    const { setting, verdict } = report;
    const isGpuRequested = setting !== 'auto' && setting !== 'cpu';
    if (isGpuRequested && verdict.device === 'cpu') throw new Error(`--device ${setting}: ${verdict.reason}`);
    return `${PROVIDER_NAMES[verdict.provider]}: ${verdict.reason}`;
  });
  for (const trial of report?.trials ?? []) {
    await check(PROVIDER_NAMES[trial.provider], () => Promise.resolve(describeTrial(trial)));
  }
  return report;
}

/** Describes a trial. A rejected GPU is not a failed check, because the CPU replaces it. */
function describeTrial({ outcome, reason, cosine, imagesPerSecond, cpuImagesPerSecond, batch }: Trial): string {
  const figures = [
    ...(imagesPerSecond === null ? [] : [`${rounded(imagesPerSecond)} images/s, ${batch} per run`]),
    ...(cpuImagesPerSecond === null ? [] : [`CPU: ${rounded(cpuImagesPerSecond)} images/s`]),
    ...(cosine === null ? [] : [`cosine ${cosine.toFixed(5)}`]),
  ];
  return [`${outcome === 'accepted' ? 'works' : 'rejected'}: ${reason}`, ...figures].join('; ');
}
