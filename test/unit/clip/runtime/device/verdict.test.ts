import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { plainReason } from '../../../../../src/clip/runtime/device/probeProtocol.ts';
import {
  CUDA_LIBRARY,
  type InstalledRuntime,
  type Provider,
} from '../../../../../src/clip/runtime/device/providers.ts';
import { candidatesFor, decide, type Trial } from '../../../../../src/clip/runtime/device/verdict.ts';
import { verdictCache } from '../../../../../src/clip/runtime/device/verdictCache.ts';

const runtimeOn = (platform: NodeJS.Platform, arch: string, ...libraries: string[]): InstalledRuntime => ({
  ...{ platform, arch, version: '1.30.0' },
  libraries: libraries.map((name) => ({ name, bytes: 1, changed: 1 })),
});
const linux = runtimeOn('linux', 'x64', 'libonnxruntime.so.1');
const linuxWithCuda = runtimeOn('linux', 'x64', CUDA_LIBRARY);
const trialOf = (provider: Provider, outcome: Trial['outcome'], rest: Partial<Trial> = {}): Trial => ({
  ...{ provider, outcome, reason: `it was ${outcome}`, cosine: 0.9999, imagesPerSecond: 100, cpuImagesPerSecond: 20 },
  ...{ batch: 32, at: Date.now(), ...rest },
});
const trialsOf = (...trials: Trial[]) => new Map(trials.map((trial) => [trial.provider, trial]));

describe('the providers that are tried', () => {
  it('are those of the platform, the best first', () => {
    const automatic = (runtime: InstalledRuntime) => candidatesFor('auto', runtime, 'fp16', true).providers;
    assert.deepEqual(automatic(linuxWithCuda), ['cuda', 'webgpu']);
    assert.deepEqual(automatic(linux), ['webgpu']);
    assert.deepEqual(automatic(runtimeOn('linux', 'arm64')), []);
    assert.deepEqual(automatic(runtimeOn('win32', 'x64')), ['dml', 'webgpu']);
    assert.deepEqual(automatic(runtimeOn('darwin', 'arm64')), ['webgpu']);
  });

  it('are none if only the CPU is allowed or supported, with the reason', () => {
    const none = (...question: Parameters<typeof candidatesFor>) => {
      const { providers, reason } = candidatesFor(...question);
      assert.deepEqual(providers, []);
      return reason;
    };
    assert.match(none('gpu', linux, 'int8', true), /int8/);
    assert.match(none('webgpu', linux, 'int8', true), /int8/);
    assert.match(none('cuda', linux, 'fp32', true), new RegExp(CUDA_LIBRARY));
    assert.match(none('dml', linux, 'fp32', true), /no DirectML on linux-x64/);
    assert.match(none('coreml', runtimeOn('win32', 'x64'), 'fp32', true), /no Core ML on win32-x64/);
    assert.match(none('gpu', runtimeOn('linux', 'arm64'), 'fp32', true), /no GPU provider on linux-arm64/);
    assert.match(none('auto', linux, 'fp32', false), /no graphics card/);
    none('cpu', linux, 'fp32', true);
  });

  it('include those that the setting names, which is the only way to try Core ML', () => {
    assert.deepEqual(candidatesFor('gpu', linux, 'fp32', false).providers, ['webgpu']);
    assert.deepEqual(candidatesFor('coreml', runtimeOn('darwin', 'arm64'), 'fp32', true).providers, ['coreml']);
  });
});

describe('the verdict', () => {
  const automatic = candidatesFor('auto', linuxWithCuda, 'fp16', true);

  it('is the first provider that was accepted, with its figures', () => {
    const { verdict, untried } = decide(automatic, trialsOf(trialOf('cuda', 'failed'), trialOf('webgpu', 'accepted')));
    assert.equal(untried, null);
    assert.deepEqual(verdict, {
      ...{ device: 'gpu', provider: 'webgpu', reason: 'it was accepted', batch: 32, cosine: 0.9999 },
      imagesPerSecond: { cpu: 20, gpu: 100 },
    });
  });

  it('is the CPU until a better provider was tried', () => {
    const { verdict, untried } = decide(automatic, trialsOf(trialOf('webgpu', 'accepted')));
    assert.equal(untried, 'cuda');
    assert.deepEqual([verdict.provider, verdict.batch], ['cpu', 8]);
    assert.match(verdict.reason, /CUDA was not tried yet/);
  });

  it('is the CPU if all providers are refused, with the reason of each', () => {
    const trials = trialsOf(trialOf('cuda', 'wrong'), trialOf('webgpu', 'slower'));
    const { verdict, untried } = decide(automatic, trials);
    assert.equal(untried, null);
    assert.equal(verdict.provider, 'cpu');
    assert.equal(verdict.reason, 'CUDA: it was wrong; WebGPU: it was slower');
  });

  it('is a slower provider only if the setting names it', () => {
    const trials = trialsOf(trialOf('webgpu', 'slower'));
    const providerFor = (setting: 'webgpu' | 'gpu') =>
      decide(candidatesFor(setting, linux, 'fp32', true), trials).verdict.provider;
    assert.deepEqual([providerFor('webgpu'), providerFor('gpu')], ['webgpu', 'cpu']);
    const wrong = decide(candidatesFor('webgpu', linux, 'fp32', true), trialsOf(trialOf('webgpu', 'wrong')));
    assert.equal(wrong.verdict.provider, 'cpu');
  });
});

describe('the stored trials of devices', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'assetlens-devices-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const month = 30 * 24 * 60 * 60_000;
  const cacheIn = (...facts: string[]) => verdictCache(path.join(folder, 'new'), 'a model', facts);

  it('are valid for the same model and the same facts', async () => {
    const trials = [trialOf('webgpu', 'accepted', { at: Date.now() - 2 * month }), trialOf('cuda', 'failed')];
    assert.deepEqual(await cacheIn('driver 1').read(), []);
    await cacheIn('driver 1').write(trials);
    assert.deepEqual(await cacheIn('driver 1').read(), trials);
    assert.deepEqual(await cacheIn('driver 2').read(), []);
    assert.deepEqual(await verdictCache(path.join(folder, 'new'), 'another model', ['driver 1']).read(), []);
    assert.equal((await readdir(path.join(folder, 'new'))).length, 1, 'a temporary file is left');
  });

  it('are valid for a month if they are refusals', async () => {
    await cacheIn('a').write([trialOf('webgpu', 'slower', { at: Date.now() - 2 * month })]);
    assert.deepEqual(await cacheIn('a').read(), []);
  });

  it('are ignored if the file is damaged', async () => {
    await cacheIn('a').write([trialOf('webgpu', 'accepted')]);
    const [name = ''] = await readdir(path.join(folder, 'new'));
    const file = path.join(folder, 'new', name);
    const text = await readFile(file, 'utf8');
    for (const damaged of ['', text.slice(0, 100), text.replace('"accepted"', '"perhaps"'), 'null', '\0'.repeat(100)]) {
      await writeFile(file, damaged);
      assert.deepEqual(await cacheIn('a').read(), [], damaged);
    }
  });
});

describe('a message of the runtime', () => {
  it('is explained to the user', () => {
    const noAdapter =
      '/onnxruntime_src/onnxruntime/core/providers/webgpu/webgpu_context.cc:136 void f()::<lambda()> adapter_result.status == Success was false. Failed to get a WebGPU adapter: No supported adapters';
    assert.match(plainReason(noAdapter), /^no graphics driver for WebGPU is installed/);
    assert.match(plainReason('Program Transpose requires f16 but the device does not support it.'), /half precision/);
    assert.equal(plainReason('/src/a.cc:12 void f(int) ok was false. Out of memory'), 'Out of memory');
  });
});
