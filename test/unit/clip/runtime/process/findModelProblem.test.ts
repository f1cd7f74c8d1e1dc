import assert from 'node:assert/strict';
import type { ImageOutcome } from '../../../../../src/clip/index.ts';
import { findModelProblem } from '../../../../../src/clip/runtime/process/findModelProblem.ts';

const embedded = (...embedding: number[]): ImageOutcome => ({
  ...{ ok: true, hash: '', width: 9, height: 9, format: 'svg' },
  embedding: Float32Array.from(embedding),
  look: { colours: new Uint8Array(), pixels: new Uint8Array() },
});
const problemOf = (text: number[], outcome: ImageOutcome) =>
  findModelProblem({
    embedTexts: () => Promise.resolve(Float32Array.from(text)),
    embedImages: (images) => Promise.resolve(images.map(() => outcome)),
  });

describe('a trial of a model', () => {
  it('finds no problem if the embeddings are finite', async () => {
    assert.equal(await problemOf([0.6, 0.8], embedded(1, 0)), undefined);
  });

  it('reports embeddings that are not finite', async () => {
    assert.deepEqual(await problemOf([NaN, 1], embedded(1, 0)), { reason: null });
    assert.deepEqual(await problemOf([0.6, 0.8], embedded(Infinity, 0)), { reason: null });
  });

  it('reports why an image cannot be embedded', async () => {
    const outcome: ImageOutcome = { ok: false, hash: null, reason: 'out of memory', permanent: false };
    assert.deepEqual(await problemOf([0.6, 0.8], outcome), { reason: 'out of memory' });
  });
});
