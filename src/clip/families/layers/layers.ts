import type { Value } from '../../onnx/graph.ts';
import { elementCode, integers, scalar, tensor } from '../../onnx/tensor.ts';
import { below, type Parameter, type Parameters, transposed } from './parameters.ts';
import { type Build, matMul, number, vector } from './precision.ts';

/**
 * OpenAI uses QuickGELU, x·σ(1.702x); later checkpoints use the exact GELU. A checkpoint only works with its own
 * activation.
 */
export type ClipActivation = 'quickGelu' | 'gelu';
/** `geluTanh` is the tanh approximation of GELU. */
export type Activation = ClipActivation | 'geluTanh';

/** x·Wᵀ + b over the last axis, with PyTorch's layout of W: [outputs, inputs]. */
export function linear(build: Build, name: string, x: Value, weights: Parameter, bias: Parameter): Value {
  const product = matMul(build, `${name}_product`, x, transposed(weights));
  return build.graph.node(name, 'Add', [product, vector(build, `${name}_bias`, bias)]);
}

export function layerNorm(
  build: Build,
  name: string,
  x: Value,
  parameters: Parameters,
  width: number,
  epsilon: number,
): Value {
  const norm = below(parameters, `${name}.`);
  return build.graph.node(
    name,
    'LayerNormalization',
    [
      x,
      vector(build, `${name}_weight`, norm.take('weight', [width])),
      vector(build, `${name}_bias`, norm.take('bias', [width])),
    ],
    { axis: -1, epsilon: { float: epsilon } },
  );
}

export function activate(build: Build, x: Value, activation: Activation): Value {
  const { graph } = build;
  if (activation === 'quickGelu') {
    const slope = graph.node('quick_gelu_slope', 'Mul', [x, number(build, 'quick_gelu_factor', 1.702)]);
    return graph.node('quick_gelu', 'Mul', [x, graph.node('quick_gelu_gate', 'Sigmoid', [slope])]);
  }
  if (activation === 'geluTanh') return geluTanh(build, x);
  // x·½(1 + erf(x/√2)), in the order of operations that ONNX Runtime fuses.
  const scaled = graph.node('gelu_scaled', 'Div', [x, number(build, 'gelu_root', Math.SQRT2)]);
  const gate = graph.node('gelu_gate', 'Add', [graph.node('gelu_erf', 'Erf', [scaled]), number(build, 'gelu_one', 1)]);
  const gated = graph.node('gelu_gated', 'Mul', [x, gate]);
  return graph.node('gelu', 'Mul', [gated, number(build, 'gelu_half', 0.5)]);
}

/** x·½(1 + tanh(√(2/π)·(x + 0.044715·x³))) (1606.08415, section 2) */
function geluTanh(build: Build, x: Value): Value {
  const { graph } = build;
  const root = Math.sqrt(2 / Math.PI);
  const square = graph.node('gelu_square', 'Mul', [x, x]);
  const cubic = graph.node('gelu_cubic', 'Mul', [square, number(build, 'gelu_cubic_factor', 0.044715 * root)]);
  const slope = graph.node('gelu_slope', 'Add', [cubic, number(build, 'gelu_root', root)]);
  const tanh = graph.node('gelu_tanh', 'Tanh', [graph.node('gelu_inner', 'Mul', [x, slope])]);
  const gate = graph.node('gelu_gate', 'Add', [tanh, number(build, 'gelu_one', 1)]);
  const gated = graph.node('gelu_gated', 'Mul', [x, gate]);
  return graph.node('gelu', 'Mul', [gated, number(build, 'gelu_half', 0.5)]);
}

/** x / ‖x‖ over the last axis, so that cosines are plain products (paper, figure 3). */
export function l2Normalise(build: Build, x: Value): Value {
  return build.graph.node('embedding_unit', 'Div', [x, lengthOf(build, x)]);
}

/** ‖x‖ over the last axis, which stays as an axis of size 1. x float32 */
export function lengthOf({ graph }: Build, x: Value): Value {
  const norm = graph.node('embedding_norm', 'ReduceL2', [x], { axes: [-1], keepdims: 1 });
  // The bound prevents NaN for a vector of zeros.
  return graph.node('embedding_norm_bounded', 'Clip', [norm, graph.constant('smallest_norm', scalar(1e-12))]);
}

/** Mean and standard deviation that normalise pixels, in units of 1 = white. */
export interface PixelStatistics {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
  /** Whether pixels are softened, see soften(). */
  readonly soften?: boolean;
}

/** pixels uint8 [N, S, S, 3] → normalised, and possibly softened, float32 [N, 3, S, S] */
export function normalisePixels(build: Build, pixels: Value, statistics: PixelStatistics): Value {
  const { graph } = build;
  const { mean, std } = statistics;
  const scale = Float32Array.from(std, (deviation) => 1 / (255 * deviation));
  const shift = Float32Array.from(mean, (value, channel) => -value / (std[channel] ?? 1));
  const channelsFirst = graph.node('pixels_channels_first', 'Transpose', [pixels], { perm: [0, 3, 1, 2] });
  const wide = graph.node('pixels_wide', 'Cast', [channelsFirst], { to: elementCode('float32') });
  const scaled = graph.node('pixels_scaled', 'Mul', [
    wide,
    graph.constant('pixel_scale', tensor('float32', [3, 1, 1], scale)),
  ]);
  const normalised = graph.node('pixels_normalised', 'Add', [
    scaled,
    graph.constant('pixel_shift', tensor('float32', [3, 1, 1], shift)),
  ]);
  return softened(build, normalised, statistics);
}

/** Softens normalised pixels where the checkpoint requires it. x float32 [N, 3, S, S] → the same shape */
export function softened(build: Build, x: Value, { soften: isSoft }: PixelStatistics): Value {
  return isSoft ? soften(build, x) : x;
}

/**
 * Mixes each pixel with its neighbours, with weights 1 2 1 across and down; edge pixels are repeated beyond the edge. x
 * float32 [N, 3, S, S] → the same shape. Training shifts and rotates images, which softens them, so a small encoder
 * recognises sharp images better after this step.
 */
function soften({ graph }: Build, x: Value): Value {
  const around = graph.constant('softened_edge', integers(0, 0, 1, 1, 0, 0, 1, 1));
  const padded = graph.node('softened_padded', 'Pad', [x, around], { mode: 'edge' });
  const pairs = { kernel_shape: [2, 2], strides: [1, 1] };
  const half = graph.node('softened_half', 'AveragePool', [padded], pairs);
  return graph.node('softened', 'AveragePool', [half], pairs);
}

/** x [N, C, h, w] → [N, h·w, C], row by row */
export function cellsAsTokens({ graph }: Build, x: Value, channels: number, cells: number): Value {
  const flat = graph.node('cells_flat', 'Reshape', [x, graph.constant('cells_shape', integers(0, channels, cells))]);
  return graph.node('cells', 'Transpose', [flat], { perm: [0, 2, 1] });
}
