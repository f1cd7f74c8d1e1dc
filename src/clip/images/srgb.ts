/** sRGB (IEC 61966-2-1) of a linear value, both from 0 to 1. */
export function fromLinear(value: number): number {
  return value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
}
