import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeviceEvent, DeviceOptions, DeviceSetting, ImageSource, Provider } from '../../src/clip/index.ts';
import type { Machine } from '../../src/clip/runtime/device/machine.ts';
import { runProbe } from '../../src/clip/runtime/device/probeProcess.ts';
import { CUDA_LIBRARY } from '../../src/clip/runtime/device/providers.ts';
import { dot } from '../../src/clip/base/vectors.ts';
import { bundledInference, bundledModelFolder, probeScript } from './bundledModel.ts';

const fixture = (name: string): string => path.join(import.meta.dirname, 'fixtures', `${name}.ts`);
const drawing = (i: number): ImageSource => ({
  kind: 'bytes',
  name: String(i),
  bytes: Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24"><circle cx="12" cy="12" r="${i / 4 + 1}"/></svg>`,
  ),
});
const drawings = Array.from({ length: 40 }, (_, i) => drawing(i));

/** A machine of a platform, with a graphics card. */
const machineOf = (platform: NodeJS.Platform, arch: string): (() => Promise<Machine>) => {
  const libraries = [{ name: CUDA_LIBRARY, bytes: 1, changed: 1 }];
  const runtime = { platform, arch, version: '1.30.0', libraries };
  return () => Promise.resolve({ runtime, graphicsCard: true, identity: [] });
};
/** The machines for providers that this one does not support. */
const MACHINES: Readonly<Partial<Record<Provider, () => Promise<Machine>>>> = {
  dml: machineOf('win32', 'x64'),
  coreml: machineOf('darwin', 'arm64'),
};

describe('devices of the image encoder', function () {
  this.timeout(60_000);
  let folder: string;
  let events: DeviceEvent[];
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'assetlens devices '));
    events = [];
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const deviceOf = (setting: DeviceSetting, probe: string, machine = machineOf('linux', 'x64')): DeviceOptions => ({
    ...{ setting: () => setting, folder, probeScript: fixture(probe), version: '1', machine },
    onEvent: (event) => events.push(event),
  });
  const kinds = () => events.map(({ kind }) => kind);
  const on = async (provider: Provider) => {
    const device = deviceOf(provider, 'acceptingProbe', MACHINES[provider]);
    return bundledInference({ hostScript: fixture('faultyGpuHost'), device });
  };
  const embed = async (inference: Awaited<ReturnType<typeof bundledInference>>): Promise<Float32Array[]> => {
    const outcomes = await Promise.all([
      inference.embedImages(drawings.slice(0, 30)),
      inference.embedImages(drawings.slice(30)),
    ]);
    return outcomes.flat().map((outcome) => {
      assert.ok(outcome.ok, JSON.stringify(outcome));
      return outcome.embedding;
    });
  };
  let expected: Float32Array[];
  before(async () => {
    await using inference = await bundledInference();
    expected = await embed(inference);
  });
  const assertAsExpected = (embeddings: readonly Float32Array[]): void => {
    assert.equal(embeddings.length, expected.length);
    for (const [i, row] of embeddings.entries()) assert.ok(dot(row, expected[i] ?? assert.fail()) > 0.9999, String(i));
  };

  describe('that work', () => {
    it('embed images in their own batch size, and stay in use', async () => {
      await using inference = await on('coreml');
      assertAsExpected(await embed(inference));
      const { provider, batch } = await inference.describe();
      assert.deepEqual({ provider, batch }, { provider: 'coreml', batch: 32 });
      assert.deepEqual(kinds(), ['trying', 'tried']);
    });
  });

  describe('that fail during a run', () => {
    for (const provider of ['cuda', 'webgpu'] as const) {
      it(`lose nothing: the CPU continues in the same process (${provider === 'cuda' ? 'an error' : 'zeros'})`, async () => {
        await using inference = await on(provider);
        const { processId } = await inference.describe();
        assertAsExpected(await embed(inference));
        assertAsExpected(await embed(inference));
        const after = await inference.describe();
        assert.deepEqual(
          [after.processId, after.provider, after.batch],
          [processId, 'cpu', 8],
          'it is another process, or not on the CPU',
        );
        assert.deepEqual(kinds(), ['trying', 'tried', 'lost']);
        const { verdict } = await inference.device();
        assert.equal(verdict.provider, 'cpu');
        assert.match(
          verdict.reason,
          provider === 'cuda' ? /CUDA failed: CUDA failure 999/ : /WebGPU failed: .*not a set of embeddings/,
        );
      });
    }

    it('and end the process lose nothing: the next process uses the CPU', async () => {
      await using inference = await on('dml');
      const { processId } = await inference.describe();
      const texts = inference.embedTexts(['dog']);
      assertAsExpected(await embed(inference));
      assert.ok((await texts).length > 0);
      const after = await inference.describe();
      assert.notEqual(after.processId, processId);
      assert.equal(after.provider, 'cpu');
      assert.deepEqual(kinds(), ['trying', 'tried', 'lost']);
    });

    it('are acquitted if an image ends the process on the CPU as well', async () => {
      await using inference = await on('coreml');
      const outcomes = await inference.embedImages([
        drawing(1),
        { ...drawing(2), name: 'deadly' } as ImageSource,
        drawing(3),
      ]);
      assert.deepEqual(
        outcomes.map(({ ok }) => ok),
        [true, false, true],
      );
      assert.deepEqual(kinds(), ['trying', 'tried', 'lost', 'acquitted']);
      assert.equal((await inference.device()).verdict.provider, 'coreml');
    });
  });

  describe('that the user chose and a trial refused', () => {
    it('are reported once with the reason, and the CPU is used', async () => {
      await using inference = await bundledInference({ device: deviceOf('gpu', 'refusingProbe') });
      assertAsExpected(await embed(inference));
      assert.deepEqual(kinds(), ['trying', 'tried', 'trying', 'tried', 'refused']);
      const refused = events.find((event) => event.kind === 'refused');
      assert.deepEqual(refused?.setting, 'gpu');
      assert.match(refused.reason, /CUDA: it was slower; WebGPU: it was slower/);
    });

    it('are not tried again by the next inference', async () => {
      const ask = async (): Promise<void> => {
        await using inference = await bundledInference({ device: deviceOf('gpu', 'refusingProbe') });
        await inference.describe();
      };
      await ask();
      await ask();
      assert.deepEqual(kinds(), ['trying', 'tried', 'trying', 'tried', 'refused', 'refused']);
    });

    it('are not used if the probe cannot start', async () => {
      await using inference = await bundledInference({ device: deviceOf('webgpu', 'nothing') });
      assert.equal((await inference.describe()).provider, 'cpu');
      const [, refused] = events;
      assert.ok(refused?.kind === 'refused');
      assert.match(refused.reason, /probe does not start/);
    });
  });

  describe('chosen automatically', () => {
    it('do not delay the first use: they are tried in a pause, and used at the next start', async () => {
      await using inference = await bundledInference({
        ...{ hostScript: fixture('faultyGpuHost'), exploreIdleMilliseconds: 100, processIdleMilliseconds: 3000 },
        device: deviceOf('auto', 'acceptingProbe', MACHINES.coreml),
      });
      assert.equal((await inference.describe()).provider, 'cpu');
      assert.deepEqual(kinds(), []);
      for (let i = 0; i < 200 && !kinds().includes('tried'); i++) await sleep(50);
      const { verdict } = await inference.device();
      assert.deepEqual([verdict.provider, verdict.batch], ['webgpu', 32]);
      await sleep(4000);
      assert.equal((await inference.describe()).provider, 'webgpu');
    });

    it('are not tried during work, but in the next pause', async () => {
      await using inference = await bundledInference({
        exploreIdleMilliseconds: 100,
        device: deviceOf('auto', 'hangingProbe', MACHINES.coreml),
      });
      await inference.describe();
      for (let i = 0; i < 200 && kinds().length < 1; i++) await sleep(50);
      await inference.embedTexts(['dog']);
      for (let i = 0; i < 200 && kinds().length < 2; i++) await sleep(50);
      assert.deepEqual(kinds(), ['trying', 'trying']);
    });
  });

  describe('tried in a process of their own', () => {
    const probe = (script: string, provider: Provider = 'webgpu', milliseconds?: number, signal?: AbortSignal) =>
      runProbe(script, { modelFolder: bundledModelFolder, provider, threads: 2 }, signal, milliseconds);

    it('are refused if they abort, with the cause', async () => {
      const { outcome, reason } = await probe(fixture('abortingProbe'));
      assert.equal(outcome, 'failed');
      assert.match(reason, /process ended \((signal|exit code) \w+.*\) when it ran a small graph/s);
    });

    it('are refused if they hang, after a time limit', async () => {
      const { outcome, reason } = await probe(fixture('hangingProbe'), 'webgpu', 2000);
      assert.equal(outcome, 'failed');
      assert.match(reason, /did not finish within 2 s when it ran a small graph/);
    });

    it('can be cancelled', async () => {
      const stop = new AbortController();
      const hanging = probe(fixture('hangingProbe'), 'webgpu', 60_000, stop.signal);
      setTimeout(() => {
        stop.abort();
      }, 300);
      await assert.rejects(hanging, { name: 'AbortError' });
    });

    it('are measured and compared with the CPU; here the CPU with itself', async () => {
      const trial = await probe(probeScript, 'cpu');
      assert.ok(['accepted', 'slower'].includes(trial.outcome), trial.reason); // machines are noisy
      assert.ok((trial.cosine ?? 0) > 0.99999);
      assert.ok((trial.imagesPerSecond ?? 0) > 0 && (trial.cpuImagesPerSecond ?? 0) > 0);
      assert.ok([8, 32, 64].includes(trial.batch), String(trial.batch));
    });

    it('are refused if the runtime does not contain them', async () => {
      const missing = process.platform === 'win32' ? 'coreml' : 'dml';
      const { outcome, reason } = await probe(probeScript, missing);
      assert.equal(outcome, 'failed');
      assert.match(reason, new RegExp(missing));
    });

    it('are not refused if the model cannot be loaded', async () => {
      const modelFolder = path.join(folder, 'no model');
      const nothing = runProbe(probeScript, { modelFolder, provider: 'webgpu', threads: 1 });
      await assert.rejects(nothing, { name: 'UserError', message: /WebGPU cannot be tried: No model in/ });
    });
  });
});
