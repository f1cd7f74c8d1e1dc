import type { Value } from '../../onnx/graph.ts';
import { integers } from '../../onnx/tensor.ts';
import { attend } from '../layers/attention.ts';
import { type ConvolutionShape, foldedConvolution } from '../layers/convolution.ts';
import { cellsAsTokens, linear } from '../layers/layers.ts';
import { below, type Parameters } from '../layers/parameters.ts';
import { type Build, vector, within } from '../layers/precision.ts';

export interface ModifiedResNetConfig {
  readonly kind: 'modifiedResNet';
  readonly imageSize: number;
  /** Bottlenecks of each of the four stages. */
  readonly layers: readonly [number, number, number, number];
  /** Channels after the stem. */
  readonly width: number;
  /** Heads of the attention pool. */
  readonly heads: number;
  readonly embeddingSize: number;
}

/**
 * The stem halves the image twice, and three of the four stages halve it once each. The channels grow by the same
 * factor.
 */
export const DOWNSAMPLING = 32;
const EXPANSION = 4;

/**
 * CLIP's ResNet (paper, section 2.4): a stem of three convolutions, average pooling instead of strided convolutions,
 * and attention instead of the last average pooling. Batch normalisation is folded into the convolution before it.
 * image [N, 3, S, S] → projection [N, E]
 * @param parameters those below "visual."
 */
export function encodeResNet(build: Build, image: Value, config: ModifiedResNetConfig, parameters: Parameters): Value {
  const features = convolutions(build, image, config, parameters);
  return attentionPool(within(build, 'attnpool'), features, config, below(parameters, 'attnpool.'));
}

/**
 * image [N, 3, S, S] → [N, 32 · width, S/32, S/32]
 * @param lastStage `atrous`: twice as many cells a side; every second one equals a cell of `strided`. The stage does
 * not downsample, and its later convolutions are dilated instead (as in DeepLab, 1606.00915).
 */
export function convolutions(
  build: Build,
  image: Value,
  config: Pick<ModifiedResNetConfig, 'width' | 'layers'>,
  parameters: Parameters,
  lastStage: 'strided' | 'atrous' = 'strided',
): Value {
  const { width, layers } = config;
  const half = width / 2;
  let x = relu(build, 1, convolution(build, 1, image, parameters, { inputs: 3, outputs: half, kernel: 3, stride: 2 }));
  x = relu(build, 2, convolution(build, 2, x, parameters, { inputs: half, outputs: half, kernel: 3 }));
  x = relu(build, 3, convolution(build, 3, x, parameters, { inputs: half, outputs: width, kernel: 3 }));
  x = averagePool(build, 'avgpool', x, 2);

  let channels = width;
  for (const [stage, blocks] of layers.entries()) {
    const planes = width * 2 ** stage;
    for (let index = 0; index < blocks; index++) {
      const name = `layer${stage + 1}.${index}`;
      const shape = { channels, planes, stride: stage > 0 && index === 0 ? 2 : 1 };
      const spacing = lastStage === 'atrous' && stage === layers.length - 1 ? 2 : 1;
      x = bottleneck(within(build, name), x, below(parameters, `${name}.`), { ...shape, spacing });
      channels = planes * EXPANSION;
    }
  }
  return x;
}

interface BottleneckShape {
  readonly channels: number;
  readonly planes: number;
  readonly stride: number;
  /** Distance between cells that a downsampled stage would have as neighbours: 2 in an atrous stage, else 1. */
  readonly spacing: number;
}

function bottleneck(
  build: Build,
  x: Value,
  parameters: Parameters,
  { channels, planes, stride, spacing }: BottleneckShape,
): Value {
  const outputs = planes * EXPANSION;
  const pool = (name: string, cells: Value): Value => averagePool(build, name, cells, stride, stride / spacing);
  let y = relu(build, 1, convolution(build, 1, x, parameters, { inputs: channels, outputs: planes, kernel: 1 }));
  // The first block pools after this convolution, so neighbours are still adjacent.
  const dilation = stride > 1 ? 1 : spacing;
  y = relu(build, 2, convolution(build, 2, y, parameters, { inputs: planes, outputs: planes, kernel: 3, dilation }));
  if (stride > 1) y = pool('avgpool', y);
  y = convolution(build, 3, y, parameters, { inputs: planes, outputs, kernel: 1 });

  let shortcut = x;
  if (stride > 1 || channels !== outputs) {
    if (stride > 1) shortcut = pool('downsample.avgpool', shortcut);
    const names = { weight: 'downsample.0', norm: 'downsample.1' };
    shortcut = foldedConvolution(build, names, shortcut, parameters, { inputs: channels, outputs, kernel: 1 });
  }
  return relu(build, 3, build.graph.node('residual', 'Add', [y, shortcut]));
}

/** Attention with one query, the mean of the cells, which has its own positional embedding. x [N, C, h, w] → [N, E] */
function attentionPool(build: Build, x: Value, config: ModifiedResNetConfig, parameters: Parameters): Value {
  const { width: stemWidth, imageSize, heads, embeddingSize } = config;
  const { graph } = build;
  const width = stemWidth * DOWNSAMPLING;
  const cells = Math.floor(imageSize / DOWNSAMPLING) ** 2;
  const tokens = cellsAsTokens(build, x, width, cells);
  const mean = graph.node('mean', 'ReduceMean', [tokens], { axes: [1], keepdims: 1 });
  const all = graph.node('mean_and_cells', 'Concat', [mean, tokens], { axis: 1 });
  const positions = parameters.take('positional_embedding', [cells + 1, width]);
  const placed = graph.node('placed', 'Add', [all, vector(build, 'positional_embedding', positions)]);
  const query = graph.node('placed_mean', 'Gather', [placed, graph.constant('mean_index', integers(0))], { axis: 1 });

  const project = (name: string, input: Value, outputs: number): Value =>
    linear(
      build,
      name,
      input,
      parameters.take(`${name}.weight`, [outputs, width]),
      parameters.take(`${name}.bias`, [outputs]),
    );
  const q = project('q_proj', query, width);
  const k = project('k_proj', placed, width);
  const v = project('v_proj', placed, width);
  const mixed = attend(build, { q, k, v, mask: null }, { width, heads }); // [N, 1, C]
  const pooled = graph.node('pooled', 'Squeeze', [mixed, graph.constant('token_axis', integers(1))]);
  return project('c_proj', pooled, embeddingSize);
}

/** The `number`th convolution of a section and the batch normalisation after it. */
function convolution(build: Build, number: number, x: Value, parameters: Parameters, shape: ConvolutionShape): Value {
  return foldedConvolution(build, { weight: `conv${number}`, norm: `bn${number}` }, x, parameters, shape);
}

function relu({ graph }: Build, number: number, x: Value): Value {
  return graph.node(`relu${number}`, 'Relu', [x]);
}

/** Means of squares at distances of `stride`. With stride 1 the squares at the far edges are cut off. */
function averagePool({ graph }: Build, name: string, x: Value, size: number, stride = size): Value {
  const beyond = size - stride;
  return graph.node(name, 'AveragePool', [x], {
    kernel_shape: [size, size],
    strides: [stride, stride],
    pads: [0, 0, beyond, beyond],
  });
}
