import assert from 'node:assert/strict';
import {
  probeLoss,
  trainLinearProbe,
  zeroShotClassifier,
  type Examples,
} from '../../../../src/clip/scoring/fewShot.ts';
import { minimise } from '../../../../src/clip/scoring/lbfgs.ts';
import { predict } from './predict.ts';

/** Two classes in the plane, which the second axis separates. */
const examples: Examples = {
  embeddings: Float32Array.of(0.8, 0.6, 0.6, 0.8, 0.8, -0.6, 0.6, -0.8),
  columns: 2,
  labels: Uint32Array.of(0, 0, 1, 1),
  classes: 2,
};

describe('the linear probe', () => {
  it('separates classes with examples', () => {
    const probe = trainLinearProbe(examples);
    assert.ok((predict(probe, Float32Array.of(0.96, 0.28))[0] ?? 0) > 0.7);
    assert.ok((predict(probe, Float32Array.of(0.96, -0.28))[1] ?? 0) > 0.7);
  });

  it('has the gradient of its loss', () => {
    const at = Float64Array.of(0.3, -0.2, 0.1, 0.5, 0.05, -0.1);
    const origin = Float64Array.of(1, 0, 0, 1, 0, 0);
    const lossAt = (x: Float64Array): number => probeLoss(examples, 0.7, origin, x, new Float64Array(6));
    const gradient = new Float64Array(6);
    probeLoss(examples, 0.7, origin, at, gradient);
    const h = 1e-5;
    gradient.forEach((slope, i) => {
      const moved = (by: number) => at.map((value, k) => (k === i ? value + by : value));
      assert.ok(Math.abs((lossAt(moved(h)) - lossAt(moved(-h))) / (2 * h) - slope) < 1e-8);
    });
  });

  it('has the loss of chance, log 2 per example, with zero weights', () => {
    const zero = new Float64Array(6);
    assert.ok(Math.abs(probeLoss(examples, 1, zero, zero, zero.slice()) - 4 * Math.LN2) < 1e-12);
  });

  it('stays at its prior with a large penalty', () => {
    const prior = zeroShotClassifier([Float32Array.of(1, 0), Float32Array.of(0, 1)], 5);
    assert.deepEqual([...prior.weights], [5, 0, 0, 5]);
    const { weights } = trainLinearProbe(examples, { prior, l2: 1e6 });
    weights.forEach((weight, i) => {
      assert.ok(Math.abs(weight - (prior.weights[i] ?? NaN)) < 1e-3);
    });
  });

  it('uses the prior for a class without examples', () => {
    // The third class has no example; its text embedding has the opposite direction.
    const texts = [Float32Array.of(0.6, 0.8), Float32Array.of(0.6, -0.8), Float32Array.of(-1, 0)];
    const probe = trainLinearProbe({ ...examples, classes: 3 }, { prior: zeroShotClassifier(texts, 10) });
    const p = predict(probe, Float32Array.of(-1, 0));
    assert.ok((p[2] ?? 0) > 0.9);
  });

  it('is deterministic', () => {
    assert.deepEqual(trainLinearProbe(examples), trainLinearProbe(examples));
  });

  it('refuses labels that do not match the embeddings or the classes', () => {
    assert.throws(() => trainLinearProbe({ ...examples, labels: Uint32Array.of(0, 1) }), RangeError);
    assert.throws(() => trainLinearProbe({ ...examples, labels: Uint32Array.of(0, 1, 2, 0) }), RangeError);
  });
});

describe('L-BFGS', () => {
  it('finds the minimum of a badly scaled quadratic function', () => {
    // (x − 3)² + 1000 (y + 2)²
    const { x, value, converged } = minimise(
      (at, gradient) => {
        const [dx, dy] = [(at[0] ?? 0) - 3, (at[1] ?? 0) + 2];
        gradient.set([2 * dx, 2000 * dy]);
        return dx * dx + 1000 * dy * dy;
      },
      Float64Array.of(0, 0),
      { tolerance: 1e-8 },
    );
    assert.ok(converged);
    assert.ok(value < 1e-15);
    assert.ok(Math.abs((x[0] ?? 0) - 3) < 1e-8 && Math.abs((x[1] ?? 0) + 2) < 1e-8);
  });

  it('reports that the iterations are not sufficient', () => {
    const { converged, iterations } = minimise(
      (at, gradient) => {
        gradient[0] = 4 * (at[0] ?? 0) ** 3;
        return (at[0] ?? 0) ** 4;
      },
      Float64Array.of(100),
      { iterations: 2, tolerance: 1e-12 },
    );
    assert.equal(converged, false);
    assert.equal(iterations, 2);
  });
});
