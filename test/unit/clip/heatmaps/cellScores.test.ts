import assert from 'node:assert/strict';
import { contrast, CONTRAST, products, whereRange, whyRange } from '../../../../src/clip/heatmaps/cellScores.ts';
import { assertNear } from './assertNear.ts';

describe('scores of cells', () => {
  it('are the softmax over prompts and background, cell by cell', () => {
    const similarities = Float32Array.of(0.3, 0.1, 0.25, 0.1); // two prompts, two cells
    const background = Float32Array.of(0.2, 0.1);
    const e = (s: number): number => Math.exp(CONTRAST * s);
    const first = e(0.3) + e(0.25) + e(0.2);
    assertNear(contrast(similarities, background, 2, CONTRAST), [e(0.3) / first, 1 / 3, e(0.25) / first, 1 / 3]);
  });

  it('equal the probability by chance, where the scale begins, if all similarities are equal', () => {
    const [value = NaN] = contrast(Float32Array.of(0.2), new Float32Array(6).fill(0.2), 1, CONTRAST);
    assert.ok(Math.abs(value - whereRange(6)[0]) < 1e-6);
    assert.deepEqual(whereRange(0), [0, 1]);
  });

  it('neither overflow nor become NaN', () => {
    assertNear(contrast(Float32Array.of(1000, -1000), Float32Array.of(-1000, 1000), 2, CONTRAST), [1, 0]);
  });

  it('have a range that is symmetric around zero for contributions', () => {
    assert.deepEqual(whyRange(Float32Array.of(0.25, -0.5)), [-0.5, 0.5]);
  });

  it('are computed from products of every prompt with every cell', () => {
    const found = products(Float32Array.of(1, 0, 0, 2), Float32Array.of(3, 4, 5, 6, 7, 8), 2);
    assert.deepEqual([...found], [3, 5, 7, 8, 12, 16]);
  });
});
