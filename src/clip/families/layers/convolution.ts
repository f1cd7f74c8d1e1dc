import type { Value } from '../../onnx/graph.ts';
import { below, derived, type Parameter, type Parameters } from './parameters.ts';
import { type Build, vector, weight } from './precision.ts';

const BATCH_NORM_EPSILON = 1e-5;

export interface ConvolutionShape {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: 1 | 3;
  readonly stride?: number;
  readonly dilation?: number;
}

/**
 * A convolution and its batch normalisation as one convolution with scaled kernels and a bias:
 * bn(conv(x)) = γ/√(var+ε) · conv(x) + β − γ/√(var+ε) · mean. x [N, inputs, h, w] → [N, outputs, h/stride, w/stride]
 * @param names of the convolution and of the normalisation below `parameters`
 */
export function foldedConvolution(
  build: Build,
  names: { readonly weight: string; readonly norm: string },
  x: Value,
  parameters: Parameters,
  { inputs, outputs, kernel, stride = 1, dilation = 1 }: ConvolutionShape,
): Value {
  const norm = below(parameters, `${names.norm}.`);
  const statistic = (name: string): Parameter => norm.take(name, [outputs]);
  const scale = derived([outputs], [statistic('weight'), statistic('running_var')], (gamma, variance) =>
    gamma.map((value, channel) => value / Math.sqrt((variance[channel] ?? 0) + BATCH_NORM_EPSILON)),
  );
  const bias = derived([outputs], [statistic('bias'), statistic('running_mean'), scale], (beta, mean, factor) =>
    beta.map((value, channel) => value - (mean[channel] ?? 0) * (factor[channel] ?? 0)),
  );
  const original = parameters.take(`${names.weight}.weight`, [outputs, inputs, kernel, kernel]);
  const size = inputs * kernel * kernel;
  const kernels = derived(original.shape, [original, scale], (values, factor) =>
    values.map((value, at) => value * (factor[Math.floor(at / size)] ?? 0)),
  );
  const padding = (dilation * (kernel - 1)) / 2;
  return build.graph.node(
    names.weight,
    'Conv',
    [x, weight(build, `${names.weight}_weight`, kernels), vector(build, `${names.weight}_bias`, bias)],
    {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
      dilations: [dilation, dilation],
    },
  );
}
