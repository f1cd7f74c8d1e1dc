/**
 * L-BFGS: minimises a smooth function of many variables from its value and gradient (Liu and Nocedal 1989; Nocedal and
 * Wright, "Numerical Optimization", algorithms 7.4 and 3.1). The paper trains its linear probes with it (appendix A.3).
 * There is no maintained npm package.
 */

/** Writes the gradient at `x` into `gradient` and returns the value. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
  readonly iterations: number;
  /** Whether the gradient vanished. False after the last iteration, or where rounding prevents further progress. */
  readonly converged: boolean;
}

/** Number of pairs of steps and gradient changes that approximate the curvature. */
const MEMORY = 10;
/** Part of the predicted decrease that a step must reach (Armijo). */
const SUFFICIENT_DECREASE = 1e-4;
const MAX_HALVINGS = 40;

interface Correction {
  readonly step: Float64Array;
  readonly change: Float64Array;
  /** stepᵀ·change, positive */
  readonly curvature: number;
}

/**
 * Deterministic. For convex functions, where a line search that only decreases the function keeps every curvature
 * positive.
 * @param tolerance maximum component of the gradient at the minimum
 */
export function minimise(
  objective: Objective,
  start: Float64Array,
  { tolerance = 1e-4, iterations = 1000 }: { readonly tolerance?: number; readonly iterations?: number } = {},
): Minimum {
  let x = start.slice();
  let gradient = new Float64Array(x.length);
  let value = objective(x, gradient);
  const corrections: Correction[] = [];
  for (let iteration = 0; iteration < iterations; iteration++) {
    if (largest(gradient) <= tolerance) return { x, value, iterations: iteration, converged: true };
    const direction = descentDirection(gradient, corrections);
    const slope = dot(direction, gradient);
    // The first step has a length of 1 at most, because the curvature is unknown.
    let size = corrections.length > 0 ? 1 : Math.min(1, 1 / Math.sqrt(dot(gradient, gradient)));
    const nextX = new Float64Array(x.length);
    const nextGradient = new Float64Array(x.length);
    let nextValue = Infinity;
    let halvings = 0;
    for (; halvings < MAX_HALVINGS; halvings++, size /= 2) {
      for (let i = 0; i < x.length; i++) nextX[i] = (x[i] ?? 0) + size * (direction[i] ?? 0);
      nextValue = objective(nextX, nextGradient);
      if (nextValue <= value + SUFFICIENT_DECREASE * size * slope) break;
    }
    if (halvings === MAX_HALVINGS) return { x, value, iterations: iteration, converged: false };
    remember(corrections, difference(nextX, x), difference(nextGradient, gradient));
    [x, gradient, value] = [nextX, nextGradient, nextValue];
  }
  return { x, value, iterations, converged: largest(gradient) <= tolerance };
}

function remember(corrections: Correction[], step: Float64Array, change: Float64Array): void {
  const curvature = dot(step, change);
  if (!(curvature > 1e-12 * dot(change, change))) return; // lost in rounding
  corrections.push({ step, change, curvature });
  if (corrections.length > MEMORY) corrections.shift();
}

/** −H·gradient, where the corrections approximate the inverse Hessian H: the two loops of algorithm 7.4. */
function descentDirection(gradient: Float64Array, corrections: readonly Correction[]): Float64Array {
  const direction = gradient.map((value) => -value);
  const newest = corrections.at(-1);
  if (!newest) return direction;
  const taken = corrections.toReversed().map(({ step, change, curvature }) => {
    const amount = dot(step, direction) / curvature;
    addTo(direction, change, -amount);
    return amount;
  });
  const scale = newest.curvature / dot(newest.change, newest.change);
  for (let i = 0; i < direction.length; i++) direction[i] = (direction[i] ?? 0) * scale;
  corrections.forEach(({ step, change, curvature }, i) => {
    const amount = taken[corrections.length - 1 - i] ?? 0;
    addTo(direction, step, amount - dot(change, direction) / curvature);
  });
  return direction;
}

function addTo(a: Float64Array, b: Float64Array, weight: number): void {
  for (let i = 0; i < a.length; i++) a[i] = (a[i] ?? 0) + weight * (b[i] ?? 0);
}

function difference(a: Float64Array, b: Float64Array): Float64Array<ArrayBuffer> {
  return Float64Array.from(a, (value, i) => value - (b[i] ?? 0));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function largest(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
