import { TensorProto_DataType } from './onnx_pb.ts';

/** The element types of supported graphs, with their number in ONNX and their size in bytes. */
const elementTypes = {
  float32: { code: TensorProto_DataType.FLOAT, bytes: 4 },
  float16: { code: TensorProto_DataType.FLOAT16, bytes: 2 },
  uint8: { code: TensorProto_DataType.UINT8, bytes: 1 },
  int8: { code: TensorProto_DataType.INT8, bytes: 1 },
  int32: { code: TensorProto_DataType.INT32, bytes: 4 },
  int64: { code: TensorProto_DataType.INT64, bytes: 8 },
} as const;

export type ElementType = keyof typeof elementTypes;

/** A fixed size, or the name of a size that is known at run time ("N"). */
export type Dimension = number | string;

/**
 * Weights that are read, and converted where necessary, when they are written out, so that a checkpoint is never in
 * memory as a whole.
 */
export interface LazyBytes {
  readonly byteLength: number;
  readonly read: () => Promise<Uint8Array>;
}

/** A constant of a graph: little-endian elements, row-major. */
export interface Tensor {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: Uint8Array | LazyBytes;
}

export function elementCode(type: ElementType): TensorProto_DataType {
  return elementTypes[type].code;
}

/** The element type with a number in ONNX; null for types that supported graphs do not use. */
export function elementTypeOf(code: number): ElementType | null {
  const types = Object.keys(elementTypes) as ElementType[];
  return types.find((type) => elementTypes[type].code === (code as TensorProto_DataType)) ?? null;
}

export function elementBytes(type: ElementType): number {
  return elementTypes[type].bytes;
}

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export type NumericArray = Float32Array | Uint8Array | Uint16Array | Int8Array | Int32Array | BigInt64Array;

/**
 * A tensor that shares the memory of `values`.
 * @throws Error where the number of values does not fit the shape
 */
export function tensor(type: ElementType, shape: readonly number[], values: NumericArray): Tensor {
  const expected = elementCount(shape) * elementBytes(type);
  if (values.byteLength !== expected) {
    throw new Error(`${type} [${shape.join(', ')}] takes ${expected} bytes, not ${values.byteLength}`);
  }
  return { type, shape, data: bytesOf(values) };
}

/** The memory of a typed array as bytes, without a copy. All platforms of VS Code are little-endian, like ONNX. */
export function bytesOf(values: NumericArray): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** A float32 scalar. */
export function scalar(value: number): Tensor {
  return tensor('float32', [], Float32Array.of(value));
}

/** A vector of int64, for shapes, axes and indices. */
export function integers(...values: readonly number[]): Tensor {
  return tensor('int64', [values.length], BigInt64Array.from(values, BigInt));
}
