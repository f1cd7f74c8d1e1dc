import { type Graph, GraphBuilder, type Value } from '../../onnx/graph.ts';
import { integers } from '../../onnx/tensor.ts';
import { attend } from '../layers/attention.ts';
import { addEmbeddingOutput, imageGraph, type GraphOptions, type ImageGraphOptions } from '../layers/imageGraph.ts';
import { cellsAsTokens, layerNorm, linear } from '../layers/layers.ts';
import { below, type Parameters } from '../layers/parameters.ts';
import { type Build, vector, weight, within } from '../layers/precision.ts';
import type { TextTransformerConfig } from '../clip/textTransformer.ts';
import {
  addMlp,
  attentionInputs,
  attentionOutput,
  block,
  transformer,
  type TransformerShape,
} from '../layers/transformerBlock.ts';

export interface SiglipVisionConfig extends TransformerShape {
  readonly kind: 'siglipTransformer';
  readonly imageSize: number;
  readonly patchSize: number;
  /** That of its states: nothing is projected. */
  readonly embeddingSize: number;
}

/**
 * The shape of a SigLIP ("Sigmoid Loss for Language Image Pre-Training", 2303.15343) or a SigLIP2 of fixed size (2502.14786): two
 * encoders like CLIP's, without a class token, a start token and a causal mask.
 */
export interface SiglipConfig {
  readonly kind: 'siglip';
  readonly vision: SiglipVisionConfig;
  readonly text: TextTransformerConfig;
}

/** Both encoders of a checkpoint as graphs. `parameters` names weights as openai/CLIP does, where that has them. */
export function siglipGraphs(
  { vision, text }: SiglipConfig,
  parameters: Parameters,
  options: ImageGraphOptions,
): { readonly visual: Graph; readonly textual: Graph } {
  const own = below(parameters, 'visual.');
  const { imageSize, embeddingSize } = vision;
  const encode = (build: Build, image: Value): Value => encodeImage(build, image, vision, own);
  return {
    visual: imageGraph(imageSize, embeddingSize, options, encode, 'pooler_output'),
    textual: textGraph(text, parameters, options),
  };
}

/** image [N, 3, S, S] → what the attention pool takes of its patches [N, E] */
function encodeImage(build: Build, image: Value, config: SiglipVisionConfig, parameters: Parameters): Value {
  const { graph } = build;
  const { width, layers, layerNormEpsilon } = config;
  let tokens = embedPatches(build, image, config, parameters);
  for (let index = 0; index < layers; index++) {
    const own = below(parameters, `transformer.resblocks.${index}.`);
    tokens = block(within(build, `block.${index}`), tokens, own, config, null, null).tokens;
  }
  const normed = layerNorm(build, 'ln_post', tokens, parameters, width, layerNormEpsilon);
  const pooled = poolByAttention(within(build, 'pool'), normed, below(parameters, 'pool.'), config);
  return graph.node('pooled', 'Squeeze', [pooled, graph.constant('token_axis', integers(1))]);
}

/** image [N, 3, S, S] → [N, patches, D], row by row */
function embedPatches(
  build: Build,
  image: Value,
  { imageSize, patchSize, width }: SiglipVisionConfig,
  parameters: Parameters,
): Value {
  const { graph } = build;
  const patches = Math.floor(imageSize / patchSize) ** 2;
  const kernel = weight(build, 'conv1_weight', parameters.take('conv1.weight', [width, 3, patchSize, patchSize]));
  const bias = vector(build, 'conv1_bias', parameters.take('conv1.bias', [width]));
  const embedded = graph.node('conv1', 'Conv', [image, kernel, bias], {
    kernel_shape: [patchSize, patchSize],
    strides: [patchSize, patchSize],
  });
  const positions = parameters.take('positional_embedding', [patches, width]);
  return graph.node('embeddings', 'Add', [
    cellsAsTokens(build, embedded, width, patches),
    vector(build, 'positional_embedding', positions),
  ]);
}

/** A learned probe looks at all patches, and an MLP follows ("Scaling Vision Transformers", 2106.04560). x [N, T, D] → [N, 1, D] */
function poolByAttention(build: Build, x: Value, parameters: Parameters, config: SiglipVisionConfig): Value {
  const { width } = config;
  const attn = within(build, 'attn');
  const { graph } = attn;
  const own = below(parameters, 'attn.');
  const inputs = attentionInputs(attn, own, width);
  const probe = vector(attn, 'probe', parameters.take('probe', [1, 1, width]));
  const sizes = graph.constant('kv_sizes', integers(width, width));
  const [k, v] = graph.nodes('split', 'Split', [inputs('kv', x, 1, 3), sizes], { axis: -1 }, ['_k', '_v']);
  const mixed = attend(attn, { q: inputs('q', probe, 0, 1), k, v, mask: null }, config);
  return addMlp(build, attentionOutput(attn, mixed, own, width), parameters, config);
}

/**
 * ids [N, T], T always the context length → the state of the last token, through a linear layer, [N, E]. Every token sees every
 * other, what pads included, and the last is mostly one of these: a text padded otherwise has another embedding.
 */
function textGraph(config: TextTransformerConfig, parameters: Parameters, options: GraphOptions): Graph {
  const { contextLength, vocabularySize, width, layerNormEpsilon, embeddingSize } = config;
  const graph = new GraphBuilder('text_encoder');
  const build: Build = { graph, precision: options.precision };
  const ids = graph.input('input_ids', 'int64', ['N', contextLength]);
  const table = weight(build, 'token_table', parameters.take('token_embedding.weight', [vocabularySize, width]));
  const tokens = graph.node('token_embedding', 'Gather', [table, ids], { axis: 0 });
  const positions = parameters.take('positional_embedding', [contextLength, width]);
  const x = graph.node('embeddings', 'Add', [tokens, vector(build, 'positional_embedding', positions)]);
  const lastIndex = graph.constant('last_index', integers(-1));
  const last = transformer(build, x, below(parameters, 'transformer.'), config, {
    pool: (at, name, states) => at.graph.node(name, 'Gather', [states, lastIndex], { axis: 1 }),
    masks: null,
  }); // [N, 1, D]
  const pooled = graph.node('pooled', 'Squeeze', [last, graph.constant('token_axis', integers(1))]);
  const normed = layerNorm(build, 'ln_final', pooled, parameters, width, layerNormEpsilon);
  const head = below(parameters, 'text_head.');
  const [weights, bias] = [head.take('weight', [embeddingSize, width]), head.take('bias', [embeddingSize])];
  const projection = linear(build, 'text_head', normed, weights, bias);
  addEmbeddingOutput(
    build,
    projection,
    embeddingSize,
    options.interface === 'assetlens' ? 'embedding' : 'pooler_output',
  );
  return graph.finish();
}
