import type { GraphBuilder, Value } from '../onnx/graph.ts';
import { bytesOf, elementCode, elementCount, type Tensor } from '../onnx/tensor.ts';
import { type Parameter } from './parameters.ts';
import { columnScales, quantisedColumns } from './quantisation.ts';

/**
 * How weights are kept. Embeddings and everything between the weights are float32 in all of them.
 * - `fp32`: as they are.
 * - `fp16`: matrices and kernels in half precision, widened when the session is loaded.
 * - `int8`: matrices of linear layers in int8 with a scale for each output, multiplied with inputs that are quantised as they
 *   come; other matrices and kernels as in `fp16`.
 */
export type Precision = 'fp32' | 'fp16' | 'int8';

/** A graph under construction together with the precision of its weights. */
export interface Build {
  readonly graph: GraphBuilder;
  readonly precision: Precision;
}

export function within(build: Build, section: string): Build {
  return { ...build, graph: build.graph.within(section) };
}

/** A float32 constant, for vectors and other small weights. */
export function vector({ graph }: Build, name: string, parameter: Parameter): Value {
  return graph.constant(name, float32(parameter));
}

/** A matrix, table or convolution kernel as a float32 value, kept in half precision where the precision allows. */
export function weight({ graph, precision }: Build, name: string, parameter: Parameter): Value {
  if (precision === 'fp32') return graph.constant(name, float32(parameter));
  const half = graph.constant(`${name}_half`, float16(parameter));
  // The runtime folds this cast when it loads the model; on a processor it then computes as with float32 weights.
  return graph.node(name, 'Cast', [half], { to: elementCode('float32') });
}

/** x [..., inputs] times weights [inputs, outputs]. */
export function matMul(build: Build, name: string, x: Value, weights: Parameter): Value {
  const { graph, precision } = build;
  if (precision !== 'int8') return graph.node(name, 'MatMul', [x, weight(build, `${name}_weight`, weights)]);
  const [quantised, scale, zeroPoint] = graph.nodes(`${name}_input`, 'DynamicQuantizeLinear', [x], {}, [
    '_quantised',
    '_scale',
    '_zero_point',
  ]);
  const product = graph.node(`${name}_integer`, 'MatMulInteger', [
    quantised,
    graph.constant(`${name}_weight`, int8(weights)),
    zeroPoint,
  ]);
  const wide = graph.node(`${name}_wide`, 'Cast', [product], { to: elementCode('float32') });
  const scaleOfBoth = graph.node(`${name}_scale`, 'Mul', [
    scale,
    graph.constant(`${name}_weight_scale`, float32(columnScales(weights))),
  ]);
  return graph.node(name, 'Mul', [wide, scaleOfBoth]);
}

function float32(parameter: Parameter): Tensor {
  const { shape, read } = parameter;
  return {
    type: 'float32',
    shape,
    data: { byteLength: elementCount(shape) * 4, read: async () => bytesOf(await read()) },
  };
}

function float16(parameter: Parameter): Tensor {
  const { shape, read } = parameter;
  return {
    type: 'float16',
    shape,
    data: { byteLength: elementCount(shape) * 2, read: async () => bytesOf(new Float16Array(await read())) },
  };
}

function int8(matrix: Parameter): Tensor {
  const { shape, read } = matrix;
  return {
    type: 'int8',
    shape,
    data: { byteLength: elementCount(shape), read: async () => bytesOf(quantisedColumns(await read(), shape)) },
  };
}
