import type { Value } from '../../onnx/graph.ts';
import { integers } from '../../onnx/tensor.ts';
import { SizeCheck } from '../definition/sizes.ts';
import type { Architecture, ModelFamily, Score } from '../definition/family.ts';
import { attend } from '../layers/attention.ts';
import { cellsAsTokens, layerNorm, linear } from '../layers/layers.ts';
import { takeLogitScale } from '../layers/logitScale.ts';
import { below, type Parameters } from '../layers/parameters.ts';
import { type Build, vector, weight, within } from '../layers/precision.ts';
import type { TextTransformerConfig } from '../layers/textTransformer.ts';
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
  /** Equal to the width, because states are not projected. */
  readonly embeddingSize: number;
}

/**
 * The sizes of a SigLIP ("Sigmoid Loss for Language Image Pre-Training", 2303.15343) or a SigLIP 2 of fixed size
 * (2502.14786): two encoders like CLIP's, without class token, start token and causal mask.
 */
export interface SiglipConfig {
  readonly kind: 'siglip';
  readonly vision: SiglipVisionConfig;
  readonly text: TextTransformerConfig;
}

/**
 * The architecture of a SigLIP. Its parameters have the names of openai/CLIP, where that has them.
 * @param folder of the checkpoint, for messages
 * @throws UserError where encoders of these sizes cannot be built
 */
export function siglipArchitecture(family: ModelFamily, config: SiglipConfig, folder: string): Architecture {
  const { vision, text } = config;
  const check = new SizeCheck(folder);
  check.positiveIntegers('vision', vision);
  check.positiveIntegers('text', text);
  check.patches(vision);
  check.text(text);
  return {
    family,
    config,
    imageSize: vision.imageSize,
    embeddingSize: text.embeddingSize,
    contextLength: text.contextLength,
    vocabularySize: text.vocabularySize,
    hasFixedTextLength: true,
    encodeImage: (build, image, parameters) => encodeImage(build, image, vision, below(parameters, 'visual.')),
    encodeText: (build, ids, parameters) => encodeText(build, ids, text, parameters),
    // The embedding comes from an attention pool and an MLP, so it is not a sum over cells.
    denseGraphs: () => null,
    takeScore,
  };
}

function takeScore(parameters: Parameters): () => Promise<Score> {
  const readScale = takeLogitScale(parameters, [1]);
  const bias = parameters.take('logit_bias', [1]);
  return async () => {
    const { logitScale } = await readScale();
    const [logitBias = NaN] = await bias.read();
    return { logitScale, logitBias };
  };
}

/** image [N, 3, S, S] → the pooled patches [N, E] */
function encodeImage(build: Build, image: Value, config: SiglipVisionConfig, parameters: Parameters): Value {
  const { graph } = build;
  const { width, layers, layerNormEpsilon } = config;
  let tokens = embedPatches(build, image, config, parameters);
  for (let index = 0; index < layers; index++) {
    const blockParameters = below(parameters, `transformer.resblocks.${index}.`);
    tokens = block(within(build, `block.${index}`), tokens, blockParameters, config, null, null).tokens;
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

/**
 * A learned query attends to all patches, and an MLP follows ("Scaling Vision Transformers", 2106.04560). x [N, T, D] →
 * [N, 1, D]
 */
function poolByAttention(build: Build, x: Value, parameters: Parameters, config: SiglipVisionConfig): Value {
  const { width } = config;
  const attn = within(build, 'attn');
  const { graph } = attn;
  const attnParameters = below(parameters, 'attn.');
  const inputs = attentionInputs(attn, attnParameters, width);
  const probe = vector(attn, 'probe', parameters.take('probe', [1, 1, width]));
  const sizes = graph.constant('kv_sizes', integers(width, width));
  const [k, v] = graph.nodes('split', 'Split', [inputs('kv', x, 1, 3), sizes], { axis: -1 }, ['_k', '_v']);
  const mixed = attend(attn, { q: inputs('q', probe, 0, 1), k, v, mask: null }, config);
  return addMlp(build, attentionOutput(attn, mixed, attnParameters, width), parameters, config);
}

/**
 * ids [N, T], T always the context length → the state of the last token, through a linear layer, [N, E]. Every token
 * attends to every other, including padding, and the last token is usually padding. So the padding changes the
 * embedding.
 */
function encodeText(build: Build, ids: Value, config: TextTransformerConfig, parameters: Parameters): Value {
  const { contextLength, vocabularySize, width, layerNormEpsilon, embeddingSize } = config;
  const { graph } = build;
  const table = weight(build, 'token_table', parameters.take('token_embedding.weight', [vocabularySize, width]));
  const tokens = graph.node('token_embedding', 'Gather', [table, ids], { axis: 0 });
  const positions = parameters.take('positional_embedding', [contextLength, width]);
  const x = graph.node('embeddings', 'Add', [tokens, vector(build, 'positional_embedding', positions)]);
  const lastIndex = graph.constant('last_index', integers(-1));
  const last = transformer(build, x, below(parameters, 'transformer.'), config, {
    pool: (section, name, states) => section.graph.node(name, 'Gather', [states, lastIndex], { axis: 1 }),
    masks: null,
  }); // [N, 1, D]
  const pooled = graph.node('pooled', 'Squeeze', [last, graph.constant('token_axis', integers(1))]);
  const normed = layerNorm(build, 'ln_final', pooled, parameters, width, layerNormEpsilon);
  const head = below(parameters, 'text_head.');
  const [weights, bias] = [head.take('weight', [embeddingSize, width]), head.take('bias', [embeddingSize])];
  return linear(build, 'text_head', normed, weights, bias);
}
