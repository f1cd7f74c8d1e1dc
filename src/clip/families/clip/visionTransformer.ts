import type { Value } from '../../onnx/graph.ts';
import { integers } from '../../onnx/tensor.ts';
import { cellsAsTokens, type ClipActivation, layerNorm } from '../layers/layers.ts';
import { below, derived, type Parameter, type Parameters } from '../layers/parameters.ts';
import { type Build, matMul, vector, weight } from '../layers/precision.ts';
import { transformer, type TransformerShape } from '../layers/transformerBlock.ts';

export interface VisionTransformerConfig extends TransformerShape {
  readonly kind: 'visionTransformer';
  readonly activation: ClipActivation;
  readonly imageSize: number;
  readonly patchSize: number;
  readonly embeddingSize: number;
}

/**
 * CLIP's vision transformer (paper, section 2.4): ViT with one more normalisation before its blocks. The last state of
 * the class token, projected, is the embedding. image [N, 3, S, S] → projection [N, E]
 * @param parameters those below "visual."
 */
export function encodeTransformer(
  build: Build,
  image: Value,
  config: VisionTransformerConfig,
  parameters: Parameters,
): Value {
  const { graph } = build;
  const x = embedPatches(build, image, config, parameters);
  const classIndex = graph.constant('class_index', integers(0));
  const classToken = transformer(build, x, below(parameters, 'transformer.'), config, {
    pool: (section, name, states) => section.graph.node(name, 'Gather', [states, classIndex], { axis: 1 }),
    masks: null,
  }); // [N, 1, D]
  const pooled = graph.node('pooled', 'Squeeze', [classToken, graph.constant('token_axis', integers(1))]);
  return project(build, pooled, config, parameters);
}

/** States of the last block [..., D] → the joint space [..., E] */
export function project(build: Build, x: Value, config: VisionTransformerConfig, parameters: Parameters): Value {
  const { width, layerNormEpsilon, embeddingSize } = config;
  const normed = layerNorm(build, 'ln_post', x, parameters, width, layerNormEpsilon);
  return matMul(build, 'proj', normed, parameters.take('proj', [width, embeddingSize]));
}

/** image [N, 3, S, S] → input of the first block [N, 1 + patches, D]: the class token, then the patches row by row */
export function embedPatches(
  build: Build,
  image: Value,
  config: VisionTransformerConfig,
  parameters: Parameters,
): Value {
  const { imageSize, patchSize, width, layerNormEpsilon } = config;
  const { graph } = build;
  const patches = Math.floor(imageSize / patchSize) ** 2;
  const kernel = weight(build, 'conv1_weight', parameters.take('conv1.weight', [width, 3, patchSize, patchSize]));
  const embedded = graph.node('conv1', 'Conv', [image, kernel], {
    kernel_shape: [patchSize, patchSize],
    strides: [patchSize, patchSize],
  });
  const tokens = cellsAsTokens(build, embedded, width, patches);
  // A row of zeros in front; the class embedding is added to it with its position. No shape is computed at run time.
  const pads = graph.constant('class_row', integers(0, 1, 0, 0, 0, 0));
  const withClass = graph.node('tokens_with_class', 'Pad', [tokens, pads]);
  const positions = classAndPositions(parameters, patches, width);
  const embeddings = graph.node('embeddings', 'Add', [
    withClass,
    vector(build, 'class_and_position_embedding', positions),
  ]);
  return layerNorm(build, 'ln_pre', embeddings, parameters, width, layerNormEpsilon);
}

/** [1 + patches, D]: position embeddings with the class embedding added to the first. */
function classAndPositions(parameters: Parameters, patches: number, width: number): Parameter {
  const position = parameters.take('positional_embedding', [patches + 1, width]);
  return derived(position.shape, [position, parameters.take('class_embedding', [width])], (positions, classToken) => {
    const sum = positions.slice();
    for (const [at, value] of classToken.entries()) sum[at] = (sum[at] ?? 0) + value;
    return sum;
  });
}
