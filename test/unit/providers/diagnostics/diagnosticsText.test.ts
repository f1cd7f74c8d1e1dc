import assert from 'node:assert/strict';
import { diagnosticsText, type Diagnostics } from '../../../../src/providers/diagnostics/diagnosticsText.ts';

const diagnostics: Diagnostics = {
  versions: { AssetLens: '1.2.3', Node: 'v24' },
  model: { name: 'a model', precision: 'fp16' },
  process: {
    ...{ processId: 7, provider: 'cpu', batch: 8, threads: 2, imageSession: 'loaded', textSession: 'not loaded' },
    heatmaps: { where: 'denseHead', why: 'slidingWindow', because: 'its projection has a bias' },
  },
  device: {
    ...{ setting: 'auto', runtimeVersion: '1.30.0' },
    verdict: {
      ...{ device: 'cpu', provider: 'cpu', reason: 'WebGPU: 97× slower than the CPU', batch: 8 },
      ...{ imagesPerSecond: { cpu: 249.3, gpu: 2.57 }, cosine: 0.99999 },
    },
    trials: [
      {
        ...{ provider: 'webgpu', outcome: 'slower', reason: '97× slower than the CPU', cosine: 0.99999 },
        ...{ imagesPerSecond: 2.57, cpuImagesPerSecond: 249.3, batch: 1, at: 0 },
      },
    ],
  },
  folders: [
    {
      name: 'art',
      index: {
        ...{ file: '/home/jane/data/art-1/index.db', readOnly: undefined },
        ...{ images: 500, blobs: 480, failures: 2, bytes: 1_230_000 },
        models: [
          { id: 'icons-1', images: 498, embeddings: 478 },
          { id: 'photos-2', images: 20, embeddings: 25 },
        ],
      },
    },
    { name: 'docs', index: null },
  ],
  settings: { device: 'auto', keepUpToDate: true },
  home: '/home/jane',
};

describe('Diagnostics', () => {
  it('list versions, the device in use with the reason and measurements, and each index', () => {
    const text = diagnosticsText(diagnostics);
    for (const line of [
      '- AssetLens: 1.2.3',
      '- precision: fp16',
      '- image encoder on: cpu, batch size 8',
      '- heatmaps: denseHead (where), slidingWindow (why), because its projection has a bias',
      '- reason: WebGPU: 97× slower than the CPU',
      '## Device: webgpu',
      '- images per second: 2.6',
      '- images per second on the CPU: 249.3',
      '- art: 500 images (480 distinct), 2 not readable, 1.2 MB on disk',
      '- art, index: ~/data/art-1/index.db',
      '- art, icons-1: 498 images, 478 embeddings',
      '- art, photos-2: 20 images, 25 embeddings',
      '- docs: not indexed',
      '- keepUpToDate: true',
    ]) {
      assert.ok(text.split('\n').includes(line), `${line}\n${text}`);
    }
  });

  it('report missing information, and do not contain the name of the user', () => {
    const problem = 'No model in /home/jane/models:\nmanifest.json cannot be read';
    const text = diagnosticsText({ ...diagnostics, process: { problem }, device: { problem } });
    assert.match(text, /- problem: No model in ~\/models: manifest\.json cannot be read/);
    assert.doesNotMatch(text, /jane/);
  });
});
