import { derived, type Parameter } from './parameters.ts';

/** Keys 1981, with the slope that PyTorch's bicubic interpolation has. */
const SLOPE = -0.75;

/**
 * Position embeddings of a grid of more cells, interpolated bicubically between those of the grid that was learned (half-pixel
 * centres, edges repeated, as torch.nn.functional.interpolate does). The first row stands for the whole image and stays.
 * @param positions [1 + side², D]
 * @returns [1 + (side · scale)², D]
 */
export function interpolatePositions(positions: Parameter, side: number, scale: number): Parameter {
  if (scale === 1) return positions;
  const [, width = 0] = positions.shape;
  const larger = side * scale;
  return derived([1 + larger ** 2, width], [positions], (values) => {
    const result = new Float32Array((1 + larger ** 2) * width);
    result.set(values.subarray(0, width));
    const taps = Array.from({ length: larger }, (_, i) => tapsOf((i + 0.5) / scale - 0.5, side));
    for (const [row, down] of taps.entries()) {
      for (const [column, across] of taps.entries()) {
        const to = (1 + row * larger + column) * width;
        for (const y of down) {
          for (const x of across) {
            const from = (1 + y.cell * side + x.cell) * width;
            const weight = y.weight * x.weight;
            for (let i = 0; i < width; i++) result[to + i] = (result[to + i] ?? 0) + weight * (values[from + i] ?? 0);
          }
        }
      }
    }
    return result;
  });
}

/** The four cells around a place, those beyond the edges replaced by the outermost, and their weights. */
function tapsOf(place: number, side: number): { readonly cell: number; readonly weight: number }[] {
  const first = Math.floor(place) - 1;
  return [0, 1, 2, 3].map((tap) => ({
    cell: Math.min(side - 1, Math.max(0, first + tap)),
    weight: cubic(Math.abs(place - first - tap)),
  }));
}

function cubic(x: number): number {
  if (x <= 1) return ((SLOPE + 2) * x - (SLOPE + 3)) * x * x + 1;
  return x < 2 ? SLOPE * (((x - 5) * x + 8) * x - 4) : 0;
}
