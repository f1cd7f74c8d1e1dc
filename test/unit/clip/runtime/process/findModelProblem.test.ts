import assert from 'node:assert/strict';
import type { ImageOutcome } from '../../../../../src/clip/index.ts';
import { findModelProblem } from '../../../../../src/clip/runtime/process/findModelProblem.ts';

const embedded = (...embedding: number[]): ImageOutcome => ({
  ...{ ok: true, hash: '', width: 9, height: 9, format: 'svg' },
  embedding: Float32Array.from(embedding),
  look: { colours: new Uint8Array(), pixels: new Uint8Array() },
});
const problemOf = (texts: number[], ...outcomes: ImageOutcome[]) =>
  findModelProblem({
    embedTexts: () => Promise.resolve(Float32Array.from(texts)),
    embedImages: () => Promise.resolve(outcomes),
  });
const GOOD_TEXTS = [0.6, 0.8, 0.8, 0.6];
const GOOD_IMAGES = [embedded(1, 0), embedded(0, 1)] as const;

describe('a trial of a model', () => {
  it('finds no problem if the embeddings are finite and differ', async () => {
    assert.equal(await problemOf(GOOD_TEXTS, ...GOOD_IMAGES), undefined);
  });

  it('reports embeddings that are not finite, or zero', async () => {
    const invalid = { kind: 'invalid' };
    assert.deepEqual(await problemOf([NaN, 1, 0, 1], ...GOOD_IMAGES), invalid);
    assert.deepEqual(await problemOf([0, 0, 0, 0], ...GOOD_IMAGES), invalid);
    assert.deepEqual(await problemOf(GOOD_TEXTS, embedded(1, 0), embedded(Infinity, 0)), invalid);
    assert.deepEqual(await problemOf(GOOD_TEXTS, embedded(0, 0), embedded(0, 0)), invalid);
  });

  it('reports embeddings that are the same for different texts or images', async () => {
    const constant = { kind: 'constant' };
    assert.deepEqual(await problemOf([0.6, 0.8, 0.6, 0.8], ...GOOD_IMAGES), constant);
    assert.deepEqual(await problemOf(GOOD_TEXTS, embedded(0, 1), embedded(0, 1)), constant);
  });

  it('reports why an image cannot be embedded', async () => {
    const outcome: ImageOutcome = { ok: false, hash: null, reason: 'out of memory', permanent: false };
    assert.deepEqual(await problemOf(GOOD_TEXTS, outcome, outcome), { kind: 'failed', reason: 'out of memory' });
  });
});
