import type { GraphBuilder, Value } from '../../onnx/graph.ts';
import { elementCode, scalar, tensor } from '../../onnx/tensor.ts';
import { asFloat32, derived, lazyTensor, type Parameter } from './parameters.ts';

/**
 * Largest magnitude of a quantised weight. Seven bits instead of eight: CPUs without VNNI add pairs of products
 * in 16 bits, where 255·127·2 overflows silently and 255·64·2 does not.
 */
const LARGEST_WEIGHT = 64;
const LARGEST_INPUT = 127;
/** Inputs are symmetric around this value, because CPUs have an instruction for products of uint8 and int8. */
const INPUT_ZERO = 128;

/**
 * x [..., inputs] times weights [inputs, outputs], in int8: each column of weights and each row of x has its own scale.
 * DynamicQuantizeLinear has one scale for a whole batch, which makes an embedding depend on the other images and costs
 * accuracy. The scales are not multiplied with each other first, because ONNX Runtime fuses that into an operator that
 * uses the scale of the first row for all rows.
 */
export function matMulInteger(graph: GraphBuilder, name: string, x: Value, weights: Parameter): Value {
  const constant = (suffix: string, value: number): Value => graph.constant(`${name}_${suffix}`, scalar(value));
  const largest = graph.node(`${name}_largest`, 'ReduceMax', [graph.node(`${name}_magnitude`, 'Abs', [x])], {
    axes: [-1],
    keepdims: 1,
  });
  // The bound prevents a division by zero.
  const bounded = graph.node(`${name}_largest_bounded`, 'Clip', [largest, constant('smallest', 1e-20)]);
  const scale = graph.node(`${name}_scale`, 'Div', [bounded, constant('input_steps', LARGEST_INPUT)]);
  const steps = graph.node(`${name}_steps`, 'Div', [x, scale]);
  // The cast truncates; adding half a step rounds.
  const shifted = graph.node(`${name}_shifted`, 'Add', [steps, constant('input_shift', INPUT_ZERO + 0.5)]);
  const quantised = graph.node(`${name}_quantised`, 'Cast', [shifted], { to: elementCode('uint8') });

  const product = graph.node(`${name}_integer`, 'MatMulInteger', [
    quantised,
    graph.constant(
      `${name}_weight`,
      lazyTensor('int8', weights, (values) => quantiseColumns(values, weights.shape)),
    ),
    graph.constant(`${name}_input_zero`, tensor('uint8', [], Uint8Array.of(INPUT_ZERO))),
  ]);
  const wide = graph.node(`${name}_wide`, 'Cast', [product], { to: elementCode('float32') });
  const columnScale = graph.constant(`${name}_weight_scale`, asFloat32(columnScales(weights)));
  return graph.node(name, 'Mul', [graph.node(`${name}_columns`, 'Mul', [wide, columnScale]), scale]);
}

/** The float32 matrix [inputs, outputs] that the int8 matrix of matMulInteger represents. */
export function dequantisedMatrix(graph: GraphBuilder, name: string, weights: Parameter): Value {
  const quantised = lazyTensor('int8', weights, (values) => quantiseColumns(values, weights.shape));
  const steps = graph.node(`${name}_steps`, 'Cast', [graph.constant(`${name}_weight`, quantised)], {
    to: elementCode('float32'),
  });
  const scale = graph.constant(`${name}_weight_scale`, asFloat32(columnScales(weights)));
  return graph.node(name, 'Mul', [steps, scale]);
}

/** The scale of each column of a [inputs, outputs] matrix: weight = scale · int8. */
function columnScales(matrix: Parameter): Parameter {
  const [, columns = 0] = matrix.shape;
  return derived([columns], [matrix], (values) => scalesOf(values, columns));
}

/** Symmetric int8 values of a [inputs, outputs] matrix, each column with its own scale. */
function quantiseColumns(values: Float32Array, shape: readonly number[]): Int8Array {
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
  // A column of zeros quantises to zeros with any scale.
  return largest.map((magnitude) => (magnitude === 0 ? 1 : magnitude / LARGEST_WEIGHT));
}
