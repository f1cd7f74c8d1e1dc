/**
 * IEEE 754 half precision as bit patterns, in which embeddings are stored. A unit vector loses about 0.0005 per component, far
 * less than the difference between two encodings of the same picture. The oldest supported editor has no Float16Array.
 */

const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);

/** Rounds to nearest, ties to even. A value that is too large becomes infinite. */
export function float16Bits(value: number): number {
  float[0] = value;
  const x = bits[0] ?? 0;
  const sign = (x >>> 16) & 0x8000;
  const exponent = (x >>> 23) & 0xff;
  const mantissa = x & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (mantissa ? 0x200 : 0);
  const shifted = exponent - 127 + 15;
  if (shifted >= 0x1f) return sign | 0x7c00;
  if (shifted > 0) return sign | rounded((shifted << 23) | mantissa, 13); // a carry correctly increments the exponent
  if (shifted < -10) return sign; // below half of the least subnormal
  return sign | rounded(mantissa | 0x800000, 14 - shifted);
}

/** Computes x / 2^shift, rounded to nearest, ties to even. */
function rounded(x: number, shift: number): number {
  const quotient = x >>> shift;
  const rest = x & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && quotient & 1) ? quotient + 1 : quotient;
}

/** Returns the exact value of a bit pattern. */
export function float16Value(pattern: number): number {
  const sign = pattern & 0x8000 ? -1 : 1;
  const exponent = (pattern >> 10) & 0x1f;
  const mantissa = pattern & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 0x1f) return mantissa ? NaN : sign * Infinity;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

/** Returns a vector as the little-endian bytes that are stored. Every platform of VS Code is little-endian. */
export function float16Bytes(vector: Float32Array): Uint8Array {
  return new Uint8Array(Uint16Array.from(vector, float16Bits).buffer);
}

/** Returns the vector of stored bytes. */
export function float16Vector(bytes: Uint8Array): Float32Array {
  const patterns = new Uint16Array(bytes.slice().buffer);
  return Float32Array.from(patterns, float16Value);
}
