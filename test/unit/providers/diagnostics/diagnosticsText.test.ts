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
      ...{ device: 'cpu', provider: 'cpu', reason: 'WebGPU: 97× slower than the processor', batch: 8 },
      ...{ imagesPerSecond: { cpu: 249.3, gpu: 2.57 }, cosine: 0.99999 },
    },
    trials: [
      {
        ...{ provider: 'webgpu', outcome: 'slower', reason: '97× slower than the processor', cosine: 0.99999 },
        ...{ imagesPerSecond: 2.57, cpuImagesPerSecond: 249.3, batch: 1, at: 0 },
      },
    ],
  },
  folders: [
    {
      name: 'art',
      index: {
        ...{ file: '/home/somebody/data/art-1/index.db', readOnly: undefined },
        ...{ images: 500, contents: 480, leftOut: 2, bytes: 1_230_000 },
        models: [
          { id: 'icons-1', images: 498, embeddings: 478 },
          { id: 'photos-2', images: 20, embeddings: 25 },
        ],
      },
    },
    { name: 'docs', index: null },
  ],
  settings: { device: 'auto', keepUpToDate: true },
  home: '/home/somebody',
};

describe('diagnostics', () => {
  it('say what is in use and why, with the figures', () => {
    const text = diagnosticsText(diagnostics);
    for (const line of [
      '- AssetLens: 1.2.3',
      '- precision: fp16',
      '- images on: cpu, 8 a run',
      '- heatmaps: denseHead (where), slidingWindow (why), because its projection has a bias',
      '- because: WebGPU: 97× slower than the processor',
      '## Device: webgpu',
      '- images a second: 2.6',
      '- of the processor: 249.3',
      '- art: 500 images of 480 contents, 2 left out, 1.2 MB on the disk',
      '- art, index: ~/data/art-1/index.db',
      '- art, icons-1: 498 images, 478 embeddings',
      '- art, photos-2: 20 images, 25 embeddings',
      '- docs: not indexed',
      '- keepUpToDate: true',
    ]) {
      assert.ok(text.split('\n').includes(line), `${line}\n${text}`);
    }
  });

  it('say what cannot be told, and do not tell the name of the user', () => {
    const problem = 'No model in /home/somebody/models:\nmanifest.json cannot be read';
    const text = diagnosticsText({ ...diagnostics, process: { problem }, device: { problem } });
    assert.match(text, /- problem: No model in ~\/models: manifest\.json cannot be read/);
    assert.doesNotMatch(text, /somebody/);
  });
});
