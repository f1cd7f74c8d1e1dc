import assert from 'node:assert/strict';

/** @throws AssertionError where an element differs by more than the tolerance */
export function assertNear(actual: ArrayLike<number>, expected: readonly number[], tolerance = 1e-6): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => {
    const difference = Math.abs((actual[i] ?? NaN) - value);
    assert.ok(difference <= tolerance, `${Array.from(actual).join()} is not ${expected.join()}`);
  });
}
