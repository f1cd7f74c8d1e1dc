import { derived, type Parameter } from './parameters.ts';

/**
 * Largest magnitude of a quantised weight. Seven bits and not eight: processors without VNNI add pairs of products in 16 bits, and
 * 255·127·2 would overflow there without a word, where 255·64·2 does not.
 */
const LARGEST = 64;

/** The scale of each column of a [inputs, outputs] matrix: weight = scale · int8. */
export function columnScales(matrix: Parameter): Parameter {
  const [, columns = 0] = matrix.shape;
  return derived([columns], [matrix], (values) => scalesOf(values, columns));
}

/** Symmetric int8 values of a [inputs, outputs] matrix, each column with its own scale (`columnScales`). */
export function quantisedColumns(values: Float32Array, shape: readonly number[]): Int8Array {
  const [, columns = 0] = shape;
  const scales = scalesOf(values, columns);
  const result = new Int8Array(values.length);
  for (let at = 0; at < values.length; at++) {
    result[at] = Math.round((values[at] ?? 0) / (scales[at % columns] ?? 1));
  }
  return result;
}

function scalesOf(values: Float32Array, columns: number): Float32Array {
  const largest = new Float32Array(columns);
  for (let at = 0; at < values.length; at++) {
    const column = at % columns;
    largest[column] = Math.max(largest[column] ?? 0, Math.abs(values[at] ?? 0));
  }
  // A column of zeros quantises to zeros under any scale.
  return largest.map((magnitude) => (magnitude === 0 ? 1 : magnitude / LARGEST));
}
