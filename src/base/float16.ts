/**
 * Half-precision numbers (IEEE 754 binary16) as bit patterns. The oldest supported editor runs on Node 22, which has no
 * Float16Array.
 */

/** Bit patterns of float32: 2^-14, 2^16 and infinity. */
const [SMALLEST_NORMAL, TOO_LARGE, INFINITE] = [0x38800000, 0x47800000, 0x7f800000];
/** The difference between the exponents of the two formats, in the bits of float32. */
const EXPONENT_SHIFT = (127 - 15) << 23;

/** Converts numbers to bit patterns, rounded to nearest, ties to even. Numbers that are too large become infinite. */
export function float16Bits(values: Float32Array): Uint16Array<ArrayBuffer> {
  const singles = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const bits = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) bits[i] = bitsOf(singles[i] ?? 0);
  return bits;
}

/** Converts bit patterns to numbers, exactly. */
export function float16Values(bits: Uint16Array): Float32Array<ArrayBuffer> {
  table ??= Float32Array.from({ length: 65536 }, (_, pattern) => valueOf(pattern));
  const values = new Float32Array(bits.length);
  for (let i = 0; i < values.length; i++) values[i] = table[bits[i] ?? 0] ?? 0;
  return values;
}

/** Converts a vector to bytes as they are stored; all supported platforms are little-endian. */
export function float16Bytes(vector: Float32Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(float16Bits(vector).buffer);
}

/** Converts stored bytes back to the vector. */
export function float16Vector(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  return float16Values(new Uint16Array(bytes.slice().buffer));
}

/** The value of every bit pattern. */
let table: Float32Array | undefined;

/** @param single the bit pattern of a float32 */
function bitsOf(single: number): number {
  const sign = (single >>> 16) & 0x8000;
  const magnitude = single & 0x7fffffff;
  // Most weights are normal numbers in both formats. A carry increments the exponent, as it should.
  if (magnitude >= SMALLEST_NORMAL && magnitude < TOO_LARGE) return sign | rounded(magnitude - EXPONENT_SHIFT, 13);
  if (magnitude > INFINITE) return sign | 0x7e00; // NaN
  if (magnitude >= TOO_LARGE) return sign | 0x7c00;
  const exponent = magnitude >>> 23;
  if (exponent < 102) return sign; // less than half of the smallest subnormal
  return sign | rounded((magnitude & 0x7fffff) | 0x800000, 126 - exponent);
}

/** x / 2^shift, rounded to nearest, ties to even. */
function rounded(x: number, shift: number): number {
  const isOdd = (x >>> shift) & 1;
  return (x + (1 << (shift - 1)) - 1 + isOdd) >>> shift;
}

function valueOf(pattern: number): number {
  const sign = pattern & 0x8000 ? -1 : 1;
  const exponent = (pattern >> 10) & 0x1f;
  const mantissa = pattern & 0x3ff;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  if (exponent === 0x1f) return mantissa ? NaN : sign * Infinity;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}
