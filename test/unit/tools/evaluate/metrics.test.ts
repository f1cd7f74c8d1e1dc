import assert from 'node:assert/strict';
import { averagePrecision, hitChance, mean, recallAt } from '../../../../tools/evaluate/metrics.ts';

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} instead of ${expected}`);
}

describe('the chance of a hit', () => {
  it('is certain by rank where no scores are equal', () => {
    const scores = [0.1, 0.9, 0.5];
    assert.equal(hitChance(scores, 1, 1), 1);
    assert.equal(hitChance(scores, 2, 1), 0);
    assert.equal(hitChance(scores, 2, 2), 1);
    assert.equal(hitChance(scores, 0, 5), 1);
  });

  it('is shared among equals', () => {
    near(hitChance([1, 1, 1, 0], 0, 1), 1 / 3);
    near(hitChance([2, 1, 1, 0], 1, 2), 1 / 2);
    assert.equal(hitChance([1, 1, 1, 0], 0, 3), 1);
    assert.equal(hitChance([1, 1, 1, 0], 3, 3), 0);
  });
});

describe('recall', () => {
  it('is the part of the relevant that is shown', () => {
    assert.equal(recallAt([0.9, 0.8, 0.7, 0.6], [0, 3], 2), 0.5);
    assert.equal(recallAt([0.9, 0.8, 0.7, 0.6], [0, 1], 2), 1);
  });

  it('is full where all that is shown is relevant', () => {
    assert.equal(recallAt([0.9, 0.8, 0.7, 0.6], [0, 1, 2], 2), 1);
  });

  it('of a search that finds nothing is guessing', () => {
    near(recallAt(new Float32Array(50), [7, 8], 10), 10 / 50);
  });
});

describe('average precision', () => {
  it('is the mean precision at the relevant items', () => {
    // ranks 1 and 3: (1/1 + 2/3) / 2
    near(averagePrecision([0.9, 0.5, 0.7, 0.1], [0, 1]), (1 + 2 / 3) / 2);
    assert.equal(averagePrecision([0.9, 0.8, 0.1], [0, 1]), 1);
    near(averagePrecision([0.9, 0.8, 0.1], [2]), 1 / 3);
  });

  it('takes equals together, as scikit-learn does', () => {
    // average_precision_score([1, 0, 1, 0], [.9, .5, .5, .1]) = 1/2 · 1 + 1/2 · 2/3
    near(averagePrecision([0.9, 0.5, 0.5, 0.1], [0, 2]), 1 / 2 + 1 / 3);
  });
});

describe('the mean', () => {
  it('of nothing is not a number', () => {
    assert.equal(mean([1, 2, 6]), 3);
    assert.ok(Number.isNaN(mean([])));
  });
});
