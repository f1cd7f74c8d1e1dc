import { float16Bits } from '../../../base/float16.ts';
import type { Precision } from '../../base/manifest.ts';
import type { GraphBuilder, Value } from '../../onnx/graph.ts';
import { elementCode, tensor } from '../../onnx/tensor.ts';
import { asFloat16, asFloat32, type Parameter } from './parameters.ts';
import { dequantisedMatrix, matMulInteger } from './quantisation.ts';

/** A graph under construction together with the precision of its encoder. */
export interface Build {
  readonly graph: GraphBuilder;
  readonly precision: Precision;
}

export function within(build: Build, section: string): Build {
  return { ...build, graph: build.graph.within(section) };
}

/** A scalar in the type that the encoder computes in. */
export function number({ graph, precision }: Build, name: string, value: number): Value {
  const [type, values] =
    precision === 'fp16'
      ? (['float16', float16Bits(Float32Array.of(value))] as const)
      : (['float32', Float32Array.of(value)] as const);
  return graph.constant(name, tensor(type, [], values));
}

/** A bias, normalisation or other small weight, in the type that the encoder computes in. */
export function vector({ graph, precision }: Build, name: string, parameter: Parameter): Value {
  return graph.constant(name, precision === 'fp16' ? asFloat16(parameter) : asFloat32(parameter));
}

/** A matrix, table or convolution kernel, in the type that the encoder computes in. */
export function weight(build: Build, name: string, parameter: Parameter): Value {
  return build.precision === 'int8' ? widened(build, name, parameter) : vector(build, name, parameter);
}

/** A vector as the encoder stores it, converted to float32. */
export function wideVector(build: Build, name: string, parameter: Parameter): Value {
  return build.precision === 'fp16' ? widened(build, name, parameter) : vector(build, name, parameter);
}

/** A matrix [inputs, outputs] of a linear layer as the encoder stores it, converted to float32. */
export function wideWeight(build: Build, name: string, parameter: Parameter): Value {
  if (build.precision === 'fp32') return vector(build, name, parameter);
  return build.precision === 'fp16' ? widened(build, name, parameter) : dequantisedMatrix(build.graph, name, parameter);
}

/** The runtime folds this cast when it loads the model, so the file is half as large and the speed is the same. */
function widened({ graph }: Build, name: string, parameter: Parameter): Value {
  return graph.node(name, 'Cast', [graph.constant(`${name}_half`, asFloat16(parameter))], {
    to: elementCode('float32'),
  });
}

/** x [..., inputs] times weights [inputs, outputs]. */
export function matMul(build: Build, name: string, x: Value, weights: Parameter): Value {
  const { graph, precision } = build;
  if (precision === 'int8') return matMulInteger(graph, name, x, weights);
  return graph.node(name, 'MatMul', [x, weight(build, `${name}_weight`, weights)]);
}

/** float32 → the type that the encoder computes in. */
export function intoEncoder({ graph, precision }: Build, name: string, x: Value): Value {
  return precision === 'fp16' ? graph.node(name, 'Cast', [x], { to: elementCode('float16') }) : x;
}

/** The type that the encoder computes in → float32. */
export function outOfEncoder({ graph, precision }: Build, name: string, x: Value): Value {
  return precision === 'fp16' ? graph.node(name, 'Cast', [x], { to: elementCode('float32') }) : x;
}
