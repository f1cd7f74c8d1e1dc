import type { Value } from '../../onnx/graph.ts';
import { integers } from '../../onnx/tensor.ts';
import { type Build, number } from './precision.ts';

export interface AttentionShape {
  readonly width: number;
  readonly heads: number;
}

/**
 * Scaled dot-product attention in plain nodes, because the fused operators of ONNX Runtime give wrong results on
 * WebGPU. q [N, Q, D], k and v [N, T, D]; an optional `mask` is added to the scores [N, heads, Q, T]. Result [N, Q, D].
 */
export function attend(
  build: Build,
  { q, k, v, mask }: { readonly q: Value; readonly k: Value; readonly v: Value; readonly mask: Value | null },
  shape: AttentionShape,
): Value {
  const attention = attentionOf(build, { q, k, mask }, shape);
  return mixValues(build, attention, valuesPerHead(build, v, shape), shape);
}

/** softmax(q·kᵀ/√d): the attention of each query on each token, [N, heads, Q, T] */
export function attentionOf(
  build: Build,
  { q, k, mask }: { readonly q: Value; readonly k: Value; readonly mask: Value | null },
  shape: AttentionShape,
): Value {
  const { graph } = build;
  const scale = number(build, 'scale', (shape.width / shape.heads) ** -0.5);
  const scaled = graph.node('q_scaled', 'Mul', [q, scale]);
  const queries = perHead(build, 'queries', scaled, shape, [0, 2, 1, 3]); // [N, heads, Q, d]
  const keys = perHead(build, 'keys', k, shape, [0, 2, 3, 1]); // [N, heads, d, T]
  const scores = graph.node('scores', 'MatMul', [queries, keys]);
  const masked = mask === null ? scores : graph.node('scores_masked', 'Add', [scores, mask]);
  return graph.node('attention', 'Softmax', [masked], { axis: -1 });
}

/** v [N, T, D] → [N, heads, T, d] */
export function valuesPerHead(build: Build, v: Value, shape: AttentionShape): Value {
  return perHead(build, 'values', v, shape, [0, 2, 1, 3]);
}

/** attention [N, heads, Q, T] and values [N, heads, T, d] → [N, Q, D] */
export function mixValues({ graph }: Build, attention: Value, values: Value, { width }: AttentionShape): Value {
  const mixed = graph.node('mixed', 'MatMul', [attention, values]);
  const together = graph.node('mixed_tokens', 'Transpose', [mixed], { perm: [0, 2, 1, 3] });
  return graph.node('mixed_heads', 'Reshape', [together, graph.constant('joined_shape', integers(0, 0, width))]);
}

function perHead(
  { graph }: Build,
  name: string,
  x: Value,
  { width, heads }: AttentionShape,
  perm: readonly number[],
): Value {
  const split = graph.constant(`${name}_shape`, integers(0, 0, heads, width / heads));
  return graph.node(name, 'Transpose', [graph.node(`${name}_split`, 'Reshape', [x, split])], { perm });
}
