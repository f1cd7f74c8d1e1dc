import assert from 'node:assert/strict';
import { averagePrecision, hitChance, recallAt } from '../../../../tools/evaluate/metrics.ts';

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} instead of ${expected}`);
}

describe('The probability of a hit', () => {
  it('is 0 or 1 where no scores are equal', () => {
    const scores = [0.1, 0.9, 0.5];
    assert.equal(hitChance(scores, 1, 1), 1);
    assert.equal(hitChance(scores, 2, 1), 0);
    assert.equal(hitChance(scores, 2, 2), 1);
    assert.equal(hitChance(scores, 0, 5), 1);
  });

  it('is shared among equal scores', () => {
    near(hitChance([1, 1, 1, 0], 0, 1), 1 / 3);
    near(hitChance([2, 1, 1, 0], 1, 2), 1 / 2);
    assert.equal(hitChance([1, 1, 1, 0], 0, 3), 1);
    assert.equal(hitChance([1, 1, 1, 0], 3, 3), 0);
  });
});

describe('Recall', () => {
  it('is the share of the relevant items that are shown', () => {
    assert.equal(recallAt([0.9, 0.8, 0.7, 0.6], [0, 3], 2), 0.5);
    assert.equal(recallAt([0.9, 0.8, 0.7, 0.6], [0, 1], 2), 1);
  });

  it('is 1 where all shown items are relevant', () => {
    assert.equal(recallAt([0.9, 0.8, 0.7, 0.6], [0, 1, 2], 2), 1);
  });

  it('equals chance for a search that finds nothing', () => {
    near(recallAt(new Float32Array(50), [7, 8], 10), 10 / 50);
  });
});

describe('Average precision', () => {
  it('is the mean precision at the relevant items', () => {
    // ranks 1 and 3: (1/1 + 2/3) / 2
    near(averagePrecision([0.9, 0.5, 0.7, 0.1], [0, 1]), (1 + 2 / 3) / 2);
    assert.equal(averagePrecision([0.9, 0.8, 0.1], [0, 1]), 1);
    near(averagePrecision([0.9, 0.8, 0.1], [2]), 1 / 3);
  });

  it('treats equal scores as a group, as scikit-learn does', () => {
    // average_precision_score([1, 0, 1, 0], [.9, .5, .5, .1]) = 1/2 · 1 + 1/2 · 2/3
    near(averagePrecision([0.9, 0.5, 0.5, 0.1], [0, 2]), 1 / 2 + 1 / 3);
  });
});
