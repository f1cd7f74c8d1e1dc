import { float16Bits } from '../../../base/float16.ts';
import {
  bytesOf,
  elementBytes,
  elementCount,
  type ElementType,
  type NumericArray,
  type Tensor,
} from '../../onnx/tensor.ts';

/**
 * A weight of a checkpoint, or one derived from several weights, row-major float32. It is read only when it is written
 * out.
 */
export interface Parameter {
  readonly shape: readonly number[];
  readonly read: () => Promise<Float32Array>;
}

/** The weights of a checkpoint under the names of openai/CLIP's model.py ("visual.ln_post.weight"). */
export interface Parameters {
  /**
   * Takes a weight that an architecture needs. Missing weights and wrong shapes are reported together after all weights
   * were taken.
   */
  take(name: string, shape: readonly number[]): Parameter;
}

/** The same checkpoint below a prefix: `below(all, 'visual.').take('proj', …)` takes "visual.proj". */
export function below(parameters: Parameters, prefix: string): Parameters {
  return { take: (name, shape) => parameters.take(prefix + name, shape) };
}

/** A parameter derived from others. `make` gets their values in order and must not change them. */
export function derived<const Sources extends readonly Parameter[]>(
  shape: readonly number[],
  sources: Sources,
  make: (...values: { [Index in keyof Sources]: Float32Array }) => Float32Array,
): Parameter {
  return {
    shape,
    read: async () => {
      const values: Float32Array[] = [];
      // One after the other, so that only one source is converted to float32 at a time.
      for (const source of sources) values.push(await source.read());
      return make(...(values as { [Index in keyof Sources]: Float32Array }));
    },
  };
}

/** PyTorch stores a linear layer as [outputs, inputs]; MatMul takes [inputs, outputs] on the right. */
export function transposed(matrix: Parameter): Parameter {
  const [rows = 0, columns = 0] = matrix.shape;
  return derived([columns, rows], [matrix], (values) => transpose(values, rows, columns));
}

/** Rows `from` to `to` of a matrix, or these elements of a vector. */
export function rowsOf(source: Parameter, from: number, to: number): Parameter {
  const [, ...rest] = source.shape;
  const size = rest.reduce((product, n) => product * n, 1);
  return derived([to - from, ...rest], [source], (values) => values.subarray(from * size, to * size));
}

export function asFloat32(parameter: Parameter): Tensor {
  return lazyTensor('float32', parameter, (values) => values);
}

export function asFloat16(parameter: Parameter): Tensor {
  return lazyTensor('float16', parameter, float16Bits);
}

/** A constant whose elements are encoded from a parameter when it is written. */
export function lazyTensor(
  type: ElementType,
  { shape, read }: Parameter,
  encode: (values: Float32Array) => NumericArray,
): Tensor {
  const byteLength = elementCount(shape) * elementBytes(type);
  return { type, shape, data: { byteLength, read: async () => bytesOf(encode(await read())) } };
}

const TILE = 32;

/** Tile by tile, because walking a large matrix by columns misses the cache at every step. */
function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let top = 0; top < rows; top += TILE) {
    for (let left = 0; left < columns; left += TILE) {
      const bottom = Math.min(top + TILE, rows);
      const right = Math.min(left + TILE, columns);
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) {
          result[column * rows + row] = values[row * columns + column] ?? 0;
        }
      }
    }
  }
  return result;
}
