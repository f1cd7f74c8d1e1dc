import type { Value } from '../onnx/graph.ts';
import { integers } from '../onnx/tensor.ts';
import { attend } from './attention.ts';
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

/** What a token may look at: added to its scores, [T, T] for all tokens and [N, 1, 1, T] for the pooled one. */
export interface Masks {
  readonly all: Value;
  readonly pooled: Value;
}

export interface Readout {
  /** Takes the one token that the embedding is read from: x [N, T, D] → [N, 1, D]. */
  readonly pool: (build: Build, name: string, x: Value) => Value;
  /** Null where every token sees every other. */
  readonly masks: Masks | null;
}

/**
 * Pre-norm residual attention blocks (paper, section 2.4). x [N, T, D] → [N, 1, D], the pooled token alone: in the last block every
 * other token would be thrown away, so that only its keys and values are computed there, which saves most of a block.
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
    const own = below(parameters, `resblocks.${index}.`);
    const isLast = index === shape.layers - 1;
    const mask = (isLast ? masks?.pooled : masks?.all) ?? null;
    tokens = block(within(build, `block.${index}`), tokens, own, shape, mask, isLast ? pool : null);
  }
  return tokens;
}

function block(
  build: Build,
  x: Value,
  parameters: Parameters,
  shape: TransformerShape,
  mask: Value | null,
  pool: Readout['pool'] | null,
): Value {
  const { width, mlpWidth, layerNormEpsilon } = shape;
  const { graph } = build;
  const normed = layerNorm(build, 'ln_1', x, parameters, width, layerNormEpsilon);
  const mixed = selfAttention(within(build, 'attn'), normed, below(parameters, 'attn.'), shape, mask, pool);
  const residual = pool === null ? x : pool(build, 'x_pooled', x);
  const attended = graph.node('attn_residual', 'Add', [residual, mixed]);

  const mlp = within(build, 'mlp');
  const own = below(parameters, 'mlp.');
  const mlpInput = layerNorm(build, 'ln_2', attended, parameters, width, layerNormEpsilon);
  const hidden = linear(
    mlp,
    'c_fc',
    mlpInput,
    own.take('c_fc.weight', [mlpWidth, width]),
    own.take('c_fc.bias', [mlpWidth]),
  );
  const out = linear(
    mlp,
    'c_proj',
    activate(mlp, hidden, shape.activation),
    own.take('c_proj.weight', [width, mlpWidth]),
    own.take('c_proj.bias', [width]),
  );
  return graph.node('mlp_residual', 'Add', [attended, out]);
}

function selfAttention(
  build: Build,
  x: Value,
  parameters: Parameters,
  shape: TransformerShape,
  mask: Value | null,
  pool: Readout['pool'] | null,
): Value {
  const { width } = shape;
  const { graph } = build;
  const weights = parameters.take('in_proj_weight', [3 * width, width]);
  const bias = parameters.take('in_proj_bias', [3 * width]);
  const project = (name: string, input: Value, from: number, to: number): Value =>
    linear(build, name, input, rowsOf(weights, from * width, to * width), rowsOf(bias, from * width, to * width));

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
  const mixed = attend(build, { q, k, v, mask }, shape);
  return linear(
    build,
    'out_proj',
    mixed,
    parameters.take('out_proj.weight', [width, width]),
    parameters.take('out_proj.bias', [width]),
  );
}
