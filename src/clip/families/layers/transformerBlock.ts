import type { Value } from '../../onnx/graph.ts';
import { integers } from '../../onnx/tensor.ts';
import { attentionOf, mixValues, valuesPerHead } from './attention.ts';
import { activate, type Activation, layerNorm, linear } from './layers.ts';
import { below, type Parameters, rowsOf } from './parameters.ts';
import { type Build, within } from './precision.ts';

export interface TransformerShape {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Width of the hidden layer of each block's MLP; 4 · width in the paper. */
  readonly mlpWidth: number;
  readonly activation: Activation;
  readonly layerNormEpsilon: number;
}

/** Attention masks, added to the scores: [T, T] for all tokens and [N, 1, 1, T] for the pooled token. */
export interface Masks {
  readonly all: Value;
  readonly pooled: Value;
}

export interface Readout {
  /** Selects the token that the embedding is read from: x [N, T, D] → [N, 1, D]. */
  readonly pool: (build: Build, name: string, x: Value) => Value;
  /** Null where every token attends to every other. */
  readonly masks: Masks | null;
}

/**
 * Pre-norm residual attention blocks (paper, section 2.4). x [N, T, D] → [N, 1, D], the pooled token. The last block
 * computes only keys and values for the other tokens, because their outputs are not used. This saves most of a block.
 */
export function transformer(
  build: Build,
  x: Value,
  parameters: Parameters,
  shape: TransformerShape,
  { pool, masks }: Readout,
): Value {
  let tokens = x;
  for (let index = 0; index < shape.layers; index++) {
    const blockParameters = below(parameters, `resblocks.${index}.`);
    const isLast = index === shape.layers - 1;
    const mask = (isLast ? masks?.pooled : masks?.all) ?? null;
    tokens = block(within(build, `block.${index}`), tokens, blockParameters, shape, mask, isLast ? pool : null).tokens;
  }
  return tokens;
}

/** x [N, T, D] → `tokens` [N, T, D], or the pooled token, and their `attention` [N, heads, T, T]. */
export function block(
  build: Build,
  x: Value,
  parameters: Parameters,
  shape: TransformerShape,
  mask: Value | null,
  pool: Readout['pool'] | null,
): { readonly tokens: Value; readonly attention: Value } {
  const { width, layerNormEpsilon } = shape;
  const normed = layerNorm(build, 'ln_1', x, parameters, width, layerNormEpsilon);
  const attn = within(build, 'attn');
  const { mixed, attention } = selfAttention(attn, normed, below(parameters, 'attn.'), shape, mask, pool);
  const residual = pool === null ? x : pool(build, 'x_pooled', x);
  const attended = build.graph.node('attn_residual', 'Add', [residual, mixed]);
  return { tokens: addMlp(build, attended, parameters, shape), attention };
}

/** The second half of a block: x + MLP(ln_2(x)). */
export function addMlp(build: Build, attended: Value, parameters: Parameters, shape: TransformerShape): Value {
  const { width, mlpWidth, layerNormEpsilon } = shape;
  const mlp = within(build, 'mlp');
  const mlpParameters = below(parameters, 'mlp.');
  const mlpInput = layerNorm(build, 'ln_2', attended, parameters, width, layerNormEpsilon);
  const hidden = linear(
    mlp,
    'c_fc',
    mlpInput,
    mlpParameters.take('c_fc.weight', [mlpWidth, width]),
    mlpParameters.take('c_fc.bias', [mlpWidth]),
  );
  const out = linear(
    mlp,
    'c_proj',
    activate(mlp, hidden, shape.activation),
    mlpParameters.take('c_proj.weight', [width, mlpWidth]),
    mlpParameters.take('c_proj.bias', [width]),
  );
  return build.graph.node('mlp_residual', 'Add', [attended, out]);
}

function selfAttention(
  build: Build,
  x: Value,
  parameters: Parameters,
  shape: TransformerShape,
  mask: Value | null,
  pool: Readout['pool'] | null,
): { readonly mixed: Value; readonly attention: Value } {
  const { width } = shape;
  const { graph } = build;
  const project = attentionInputs(build, parameters, width);

  let qkv: readonly [Value, Value, Value];
  if (pool === null) {
    const joint = project('qkv', x, 0, 3);
    const sizes = graph.constant('qkv_sizes', integers(width, width, width));
    qkv = graph.nodes('split', 'Split', [joint, sizes], { axis: -1 }, ['_q', '_k', '_v']);
  } else {
    const q = project('q', pool(build, 'pooled', x), 0, 1);
    const sizes = graph.constant('kv_sizes', integers(width, width));
    const [k, v] = graph.nodes('split', 'Split', [project('kv', x, 1, 3), sizes], { axis: -1 }, ['_k', '_v']);
    qkv = [q, k, v];
  }
  const [q, k, v] = qkv;
  const attention = attentionOf(build, { q, k, mask }, shape);
  const mixed = mixValues(build, attention, valuesPerHead(build, v, shape), shape);
  return { mixed: attentionOutput(build, mixed, parameters, width), attention };
}

/**
 * Returns a function that computes queries (0), keys (1) and values (2) in the range `from` (inclusive) to `to`
 * (exclusive). x [N, T, D] → [N, T, (to − from)·D]
 */
export function attentionInputs(
  build: Build,
  parameters: Parameters,
  width: number,
): (name: string, x: Value, from: number, to: number) => Value {
  const weights = parameters.take('in_proj_weight', [3 * width, width]);
  const bias = parameters.take('in_proj_bias', [3 * width]);
  return (name, x, from, to) =>
    linear(build, name, x, rowsOf(weights, from * width, to * width), rowsOf(bias, from * width, to * width));
}

/**
 * The output projection of an attention.
 * @param parameters those below "attn."
 */
export function attentionOutput(build: Build, mixed: Value, parameters: Parameters, width: number): Value {
  return linear(
    build,
    'out_proj',
    mixed,
    parameters.take('out_proj.weight', [width, width]),
    parameters.take('out_proj.bias', [width]),
  );
}
