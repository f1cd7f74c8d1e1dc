import { type Graph, GraphBuilder, type Value } from '../../onnx/graph.ts';
import { integers } from '../../onnx/tensor.ts';
import type { ImageGraphOptions } from '../definition/family.ts';
import { attentionOf, mixValues, valuesPerHead } from '../layers/attention.ts';
import { l2Normalise, layerNorm, normalisePixels } from '../layers/layers.ts';
import { below, type Parameters } from '../layers/parameters.ts';
import { type Build, intoEncoder, number, outOfEncoder, within } from '../layers/precision.ts';
import { addMlp, attentionInputs, attentionOutput, block } from '../layers/transformerBlock.ts';
import { embedPatches, project, type VisionTransformerConfig } from './visionTransformer.ts';

/** Part of the attention in the last block that the attention of the middle blocks replaces (ResCLIP, 2411.15851). */
export const DENSE_MIXTURE = 0.5;
/** The middle blocks as parts of all: 6 to 9 of 12. */
const MIDDLE = { from: 0.45, to: 0.75 };

/**
 * The dense branch of CLIP's vision transformer for one image, at the encoder's own size. Input `pixels` uint8
 * [1, S, S, 3], outputs float32:
 * - `cells` [1, patches, E], unit rows: the embedding of each patch by itself. The last block with queries against
 *   queries, without its residual and its MLP (ClearCLIP, 2407.12442), its attention mixed with the mean attention of
 *   the middle blocks (ResCLIP).
 * - `lengths` [1, patches] of the tokens that enter the last block, to detect outliers.
 * - `embedding` [1, E]: the embedding of the encoder.
 * - `attended` [1, D], `attention` [heads, 1 + patches] and `values` [heads, 1 + patches, d] of the class token in the
 *   last block: the inputs of tokenGradient.
 * @param parameters those below "visual."
 */
export function denseTransformer(
  config: VisionTransformerConfig,
  parameters: Parameters,
  options: ImageGraphOptions,
): Graph {
  const { imageSize, patchSize, width, heads, layers, embeddingSize } = config;
  const patches = (imageSize / patchSize) ** 2;
  const graph = new GraphBuilder('dense_image_encoder');
  const build: Build = { graph, precision: options.precision };
  const encoder = within(build, 'encoder'); // keeps its names apart from those of the outputs
  const pixels = graph.input('pixels', 'uint8', [1, imageSize, imageSize, 3]);
  const image = intoEncoder(build, 'image', normalisePixels(build, pixels, options.statistics));
  const blocks = (index: number): readonly [Build, Parameters] => [
    within(encoder, `block.${index}`),
    below(parameters, `transformer.resblocks.${index}.`),
  ];

  let x = embedPatches(encoder, image, config, parameters);
  const middle: Value[] = [];
  for (let index = 0; index < layers - 1; index++) {
    const [section, blockParameters] = blocks(index);
    const { tokens, attention } = block(section, x, blockParameters, config, null, null);
    if (isMiddle(index + 1, layers)) middle.push(attention);
    x = tokens;
  }
  const tokenSizes = graph.constant('token_sizes', integers(1, patches));
  const [, patchTokens] = graph.nodes('tokens', 'Split', [x, tokenSizes], { axis: 1 }, ['_class', '_patches']);
  const wideTokens = outOfEncoder(build, 'tokens_wide', patchTokens);
  const [section, lastParameters] = blocks(layers - 1);
  const { attended, attention, values, mixed } = lastAttention(
    section,
    x,
    lastParameters,
    config,
    meanOf(build, middle),
  );
  const classToken = addMlp(section, attended, lastParameters, config); // [1, 1, D]

  const rows = graph.node('class_and_patches', 'Concat', [classToken, mixed], { axis: 1 });
  const projected = outOfEncoder(build, 'projected', project(encoder, rows, config, parameters));
  const unit = l2Normalise(build, projected);
  const [embedding, cells] = graph.nodes('unit_split', 'Split', [unit, tokenSizes], { axis: 1 }, [
    '_class',
    '_patches',
  ]);
  const addOutput = (name: string, value: Value, shape: readonly number[]): void => {
    const target = graph.constant(`${name}_shape`, integers(...shape));
    graph.output(name, graph.node(`${name}_reshaped`, 'Reshape', [value, target]), 'float32', shape);
  };
  addOutput('embedding', embedding, [1, embeddingSize]);
  const lengths = graph.node('token_lengths', 'ReduceL2', [wideTokens], { axes: [-1], keepdims: 0 });
  graph.output('lengths', lengths, 'float32', [1, patches]);
  graph.output('cells', cells, 'float32', [1, patches, embeddingSize]);
  addOutput('attended', outOfEncoder(section, 'attended_wide', attended), [1, width]);
  addOutput('attention', outOfEncoder(section, 'attention_wide', attention), [heads, 1 + patches]);
  addOutput('values', outOfEncoder(section, 'values_wide', values), [heads, 1 + patches, width / heads]);
  return graph.finish();
}

/**
 * Whether the attention of a block is mixed into the attention of the last block.
 * @param position of the block, from 1
 */
export function isMiddle(position: number, layers: number): boolean {
  return position >= Math.ceil(MIDDLE.from * layers) && position <= Math.ceil(MIDDLE.to * layers);
}

/**
 * The mean over blocks and heads, because heads of different blocks do not correspond: [1, 1, T, T]; null without
 * blocks.
 */
function meanOf({ graph }: Build, attentions: readonly Value[]): Value | null {
  if (attentions.length === 0) return null;
  const all = graph.node('middle_attentions', 'Concat', attentions, { axis: 1 });
  return graph.node('middle_attention', 'ReduceMean', [all], { axes: [1], keepdims: 1 });
}

/**
 * x [1, T, D] → for the class token its state `attended` [1, 1, D], `attention` [1, heads, 1, T] and `values`
 * [1, heads, T, d]; for the patches `mixed` [1, patches, D], their attention over each other.
 */
function lastAttention(
  build: Build,
  x: Value,
  parameters: Parameters,
  config: VisionTransformerConfig,
  middle: Value | null,
) {
  const { width, imageSize, patchSize, layerNormEpsilon } = config;
  const patches = (imageSize / patchSize) ** 2;
  const attnParameters = below(parameters, 'attn.');
  const attn = within(build, 'attn');
  const { graph } = attn;
  const normed = layerNorm(build, 'ln_1', x, parameters, width, layerNormEpsilon);
  const inputs = attentionInputs(attn, attnParameters, width);
  const q = inputs('q', normed, 0, 1);
  const sizes = graph.constant('kv_sizes', integers(width, width));
  const [k, v] = graph.nodes('split', 'Split', [inputs('kv', normed, 1, 3), sizes], { axis: -1 }, ['_k', '_v']);
  const values = valuesPerHead(attn, v, config);
  const classIndex = graph.constant('class_index', integers(0));
  const classOf = (name: string, tokens: Value): Value => graph.node(name, 'Gather', [tokens, classIndex], { axis: 1 });

  const attention = attentionOf(attn, { q: classOf('q_class', q), k, mask: null }, config);
  const classMixed = mixValues(attn, attention, values, config);
  const self = within(attn, 'self');
  const among = mixValues(
    self,
    mixAttention(self, attentionOf(self, { q, k: q, mask: null }, config), middle),
    values,
    config,
  );
  const tokenSizes = graph.constant('token_sizes', integers(1, patches));
  const [, patchMixed] = graph.nodes('among_split', 'Split', [among, tokenSizes], { axis: 1 }, ['_class', '_patches']);
  // One product for both, so that the graph contains its weights once.
  const both = graph.node('class_and_patches', 'Concat', [classMixed, patchMixed], { axis: 1 });
  const [classOut, patchOut] = graph.nodes(
    'out_split',
    'Split',
    [attentionOutput(attn, both, attnParameters, width), tokenSizes],
    { axis: 1 },
    ['_class', '_patches'],
  );
  return {
    attended: graph.node('attended', 'Add', [classOf('x_class', x), classOut]),
    attention,
    values,
    mixed: patchOut,
  };
}

/** (1 − λ)·last + λ·middle */
function mixAttention(build: Build, last: Value, middle: Value | null): Value {
  if (middle === null) return last;
  const { graph } = build;
  const weighted = (name: string, value: Value, weight: number): Value =>
    graph.node(`${name}_weighted`, 'Mul', [value, number(build, `${name}_share`, weight)]);
  return graph.node('mixed_attention', 'Add', [
    weighted('own', last, 1 - DENSE_MIXTURE),
    weighted('middle', middle, DENSE_MIXTURE),
  ]);
}
