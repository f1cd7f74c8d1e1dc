/**
 * `npm run gpu`: runs WebGPU on a software Vulkan driver. The driver computes correctly, but far slower than the CPU,
 * and the runtime accepts it without a warning. The tests show that a trial compares, measures, and refuses or accepts
 * a GPU. They take one to two minutes and are not part of the ordinary tests.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  convertCheckpoint,
  createInference,
  openModelFolder,
  type DeviceEvent,
  type DeviceSetting,
  type ImageSource,
} from '../../src/clip/index.ts';
import { runProbe } from '../../src/clip/runtime/device/probeProcess.ts';
import { dot } from '../../src/clip/base/vectors.ts';
import { bundledModelFolder, hostScript, probeScript } from '../process/bundledModel.ts';
import { softwareVulkan } from './softwareVulkan.ts';

const checkpoint = path.resolve(import.meta.dirname, '../../models/assetlens-icons');
const icons: ImageSource[] = [
  '<circle cx="12" cy="12" r="9"/>',
  '<path d="M2 2h20L12 22z"/>',
  '<rect width="9" height="20"/>',
].map((body, i) => ({
  kind: 'bytes',
  name: `icon ${i}`,
  bytes: Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24">${body}</svg>`),
}));

describe('WebGPU on a software driver', function () {
  this.timeout(300_000);
  const environment = { ...process.env };
  let folder: string;
  let modelFolder: string;

  before(async function () {
    const vulkan = softwareVulkan();
    if (!vulkan) {
      process.stdout.write('  No software Vulkan here (on Debian: apt-get install chromium): WebGPU is not tested.\n');
      this.skip();
    }
    Object.assign(process.env, vulkan); // for the child processes; this one loads no driver
    folder = await mkdtemp(path.join(tmpdir(), 'assetlens gpu '));
    // The driver does not support half precision, which the bundled model uses.
    modelFolder = path.join(folder, 'model');
    await convertCheckpoint(checkpoint, modelFolder, { precision: 'fp32' });
  });
  after(async () => {
    process.env = environment;
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  const events: DeviceEvent[] = [];
  const inferenceOn = async (setting: DeviceSetting) =>
    createInference({
      ...{ model: await openModelFolder(modelFolder), hostScript },
      device: {
        ...{ setting: () => setting, folder: path.join(folder, 'devices'), probeScript, version: '1' },
        onEvent: (event) => events.push(event),
      },
    });
  const embeddingsOn = async (setting: DeviceSetting): Promise<Float32Array[]> => {
    await using inference = await inferenceOn(setting);
    const outcomes = await inference.embedImages(icons);
    const { provider } = await inference.describe();
    assert.equal(provider, setting === 'webgpu' ? 'webgpu' : 'cpu');
    return outcomes.map((outcome) => {
      assert.ok(outcome.ok, JSON.stringify(outcome));
      return outcome.embedding;
    });
  };

  it('is refused for a model in half precision, which the driver does not support', async () => {
    const { outcome, reason } = await runProbe(probeScript, {
      modelFolder: bundledModelFolder,
      provider: 'webgpu',
      threads: 2,
    });
    assert.deepEqual([outcome, reason], ['failed', 'it does not support half precision, which this model uses']);
  });

  it('is refused because it is correct but slower than the CPU', async () => {
    await using inference = await inferenceOn('gpu');
    assert.equal((await inference.describe()).provider, 'cpu');
    const { trials, verdict } = await inference.device();
    const [trial] = trials;
    assert.ok(trial?.provider === 'webgpu');
    assert.equal(trial.outcome, 'slower', trial.reason);
    assert.ok((trial.cosine ?? 0) > 0.999);
    assert.match(verdict.reason, /WebGPU: \d+(\.\d)?× slower than the CPU/);
    assert.ok(events.some(({ kind }) => kind === 'refused'));
    const { imagesPerSecond, cpuImagesPerSecond, cosine } = trial;
    process.stdout.write(`      ${JSON.stringify({ imagesPerSecond, cpuImagesPerSecond, cosine })}\n`);
  });

  it('embeds images as the CPU does if the setting names it', async () => {
    const tried = events.length;
    const [there, here] = [await embeddingsOn('webgpu'), await embeddingsOn('cpu')];
    for (const [i, row] of there.entries()) assert.ok(dot(row, here[i] ?? assert.fail()) > 0.9999, String(i));
    assert.deepEqual(events.slice(tried), [], 'no provider is tried again, and none fails');
  });

  it('loses no image if it fails during a run in half precision', async () => {
    const acceptingProbe = path.resolve(import.meta.dirname, '../process/fixtures/acceptingProbe.ts');
    const deviceEvents: DeviceEvent[] = [];
    await using inference = createInference({
      ...{ model: await openModelFolder(bundledModelFolder), hostScript },
      device: {
        ...{
          setting: () => 'webgpu',
          folder: path.join(folder, 'accepted'),
          probeScript: acceptingProbe,
          version: '1',
        },
        onEvent: (event) => deviceEvents.push(event),
      },
    });
    assert.equal((await inference.describe()).provider, 'webgpu');
    const outcomes = await inference.embedImages(icons);
    assert.ok(outcomes.every(({ ok }) => ok));
    assert.equal((await inference.describe()).provider, 'cpu');
    const lost = deviceEvents.filter((event) => event.kind === 'lost');
    assert.equal(lost.length, 1);
    assert.match(lost[0]?.reason ?? '', /half precision/);
  });
});
