/** A source of uniform values from 0 to 1. The same seed gives the same values on every machine (xorshift32). */
export function randomSource(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b9) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Uniformly distributed values with mean 0 and the given standard deviation. */
export function randomValues(count: number, deviation: number, seed: number): Float32Array {
  const random = randomSource(seed);
  const width = deviation * Math.sqrt(12);
  return Float32Array.from({ length: count }, () => (random() - 0.5) * width);
}
