import type { Value } from '../../onnx/graph.ts';
import { below, type Parameters } from '../layers/parameters.ts';
import { type Build, number, vector, weight, within } from '../layers/precision.ts';

/** Pixels a side of one cell of the features: the stem and four blocks halve the image. */
export const DOWNSAMPLING = 32;
/** Channels of the features. */
export const FEATURES = 1280;

interface Stage {
  readonly blocks: number;
  readonly kernel: 3 | 5;
  /** Stride of the first block. */
  readonly stride: 1 | 2;
  readonly expansion: 1 | 6;
  readonly channels: number;
}

/** Factors of the size of EfficientNet-Lite0 (1905.11946, section 3.3). */
export interface Scaling {
  /** Factor of the channels of all stages. */
  readonly width: number;
  /** Factor of the blocks of all stages except the first and the last. */
  readonly depth: number;
}

const STEM = 32;
/** EfficientNet-B0 (1905.11946, table 1), whose Lite variant has neither squeeze-and-excitation nor Swish. */
const STAGES: readonly Stage[] = [
  { blocks: 1, kernel: 3, stride: 1, expansion: 1, channels: 16 },
  { blocks: 2, kernel: 3, stride: 2, expansion: 6, channels: 24 },
  { blocks: 2, kernel: 5, stride: 2, expansion: 6, channels: 40 },
  { blocks: 3, kernel: 3, stride: 2, expansion: 6, channels: 80 },
  { blocks: 3, kernel: 5, stride: 1, expansion: 6, channels: 112 },
  { blocks: 4, kernel: 5, stride: 2, expansion: 6, channels: 192 },
  { blocks: 1, kernel: 3, stride: 1, expansion: 6, channels: 320 },
];
/** Index of the last stage that halves the image. */
const LAST_DOWNSAMPLING = STAGES.findLastIndex(({ stride }) => stride === 2);

/**
 * EfficientNet-Lite without its classifier. The checkpoint contains convolutions with folded batch normalisation.
 * image [N, 3, S, S] → features [N, 1280, S/32, S/32]
 * @param lastStages `atrous`: twice as many cells a side; every second one equals a cell of `strided`. The last
 * downsampling is omitted, and later convolutions are dilated instead (as in DeepLab, 1606.00915).
 */
export function efficientNetLite(
  build: Build,
  image: Value,
  scaling: Scaling,
  parameters: Parameters,
  lastStages: 'strided' | 'atrous' = 'strided',
): Value {
  let x = convolution(
    build,
    'stem',
    image,
    parameters,
    { inputs: 3, outputs: STEM, kernel: 3 },
    {
      ...DENSE,
      stride: 2,
    },
  );
  x = relu6(build, 'stem', x);
  let channels = STEM;
  let index = 0;
  let spacing: 1 | 2 = 1;
  for (const [stage, { blocks, kernel, stride, expansion, channels: outputs }] of scaledStages(scaling).entries()) {
    for (let repeat = 0; repeat < blocks; repeat++) {
      const name = `blocks.${index}`;
      const isAtrous = lastStages === 'atrous' && stage === LAST_DOWNSAMPLING && repeat === 0;
      const sampling = { stride: repeat === 0 ? stride : 1, isAtrous, dilation: spacing };
      const shape = { inputs: channels, outputs, kernel, expansion, ...sampling };
      x = invertedBottleneck(within(build, name), x, below(parameters, `${name}.`), shape);
      if (isAtrous) spacing = 2;
      channels = outputs;
      index++;
    }
  }
  x = convolution(build, 'head', x, parameters, { inputs: channels, outputs: FEATURES, kernel: 1 });
  return relu6(build, 'head', x);
}

function scaledStages({ width, depth }: Scaling): Stage[] {
  return STAGES.map((stage, index) => ({
    ...stage,
    channels: scaledChannels(stage.channels * width),
    blocks: index === 0 || index === STAGES.length - 1 ? stage.blocks : Math.ceil(stage.blocks * depth),
  }));
}

/** The nearest multiple of 8 that is not more than 10 % less, as in the reference implementation. */
function scaledChannels(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}

interface Sampling {
  readonly stride: 1 | 2;
  /** Computes all cells of a convolution with stride 2, not only every second one. */
  readonly isAtrous: boolean;
  /** Distance between cells that the downsampled image would have as neighbours. */
  readonly dilation: 1 | 2;
}

interface ConvolutionShape {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: 1 | 3 | 5;
  readonly groups?: number;
}

interface BottleneckShape extends ConvolutionShape, Sampling {
  readonly expansion: number;
}

const DENSE: Sampling = { stride: 1, isAtrous: false, dilation: 1 };

/** Mobile inverted bottleneck (1801.04381, section 3.4): expanded, filtered for each channel, projected. */
function invertedBottleneck(
  build: Build,
  x: Value,
  parameters: Parameters,
  { inputs, outputs, kernel, expansion, ...sampling }: BottleneckShape,
): Value {
  const width = inputs * expansion;
  let y = x;
  if (expansion > 1) {
    y = relu6(build, 'expand', convolution(build, 'expand', y, parameters, { inputs, outputs: width, kernel: 1 }));
  }
  const filter = { inputs: width, outputs: width, kernel, groups: width };
  y = relu6(build, 'depthwise', convolution(build, 'depthwise', y, parameters, filter, sampling));
  y = convolution(build, 'project', y, parameters, { inputs: width, outputs, kernel: 1 });
  return sampling.stride === 1 && inputs === outputs ? build.graph.node('residual', 'Add', [y, x]) : y;
}

/** A convolution with bias. x [N, inputs, h, w] → [N, outputs, h/stride, w/stride] */
function convolution(
  build: Build,
  name: string,
  x: Value,
  parameters: Parameters,
  { inputs, outputs, kernel, groups = 1 }: ConvolutionShape,
  { stride, isAtrous, dilation }: Sampling = DENSE,
): Value {
  const own = below(parameters, `${name}.`);
  const kernels = own.take('weight', [outputs, inputs / groups, kernel, kernel]);
  const bias = own.take('bias', [outputs]);
  // TensorFlow's padding: with stride 2, an even input gets one pixel less at the top and on the left.
  const reach = (dilation * (kernel - 1)) / 2;
  const before = reach - (stride - 1);
  const after = isAtrous ? reach + 1 : reach;
  const step = isAtrous ? 1 : stride;
  return build.graph.node(
    name,
    'Conv',
    [x, weight(build, `${name}_weight`, kernels), vector(build, `${name}_bias`, bias)],
    {
      kernel_shape: [kernel, kernel],
      strides: [step, step],
      pads: [before, before, after, after],
      dilations: [dilation, dilation],
      group: groups,
    },
  );
}

/** min(max(x, 0), 6) */
function relu6(build: Build, name: string, x: Value): Value {
  const [zero, six] = [number(build, `${name}_zero`, 0), number(build, `${name}_six`, 6)];
  return build.graph.node(`${name}_relu6`, 'Clip', [x, zero, six]);
}
