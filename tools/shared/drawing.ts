/** A drawing of two shapes, which differs from those of other numbers. */
export function drawing(number: number): string {
  const at = (factor: number, limit: number): number => (Math.imul(number + 1, factor) >>> 4) % limit;
  const colour = (factor: number): string => `hsl(${at(factor, 360)} 70% 45%)`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="48" height="48"><circle cx="${8 + at(7919, 32)}" cy="${8 + at(104729, 32)}" r="${4 + at(1299709, 14)}" fill="${colour(15485863)}"/><rect x="${at(32452843, 30)}" y="${at(49979687, 30)}" width="${6 + at(67867967, 12)}" height="9" fill="${colour(86028121)}"/><!--${number}--></svg>`;
}
