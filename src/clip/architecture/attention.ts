import type { Value } from '../onnx/graph.ts';
import { integers } from '../onnx/tensor.ts';
import { type Build, number } from './precision.ts';

export interface AttentionShape {
  readonly width: number;
  readonly heads: number;
}

/**
 * Scaled dot-product attention in plain nodes: the fused operators of ONNX Runtime give wrong results on WebGPU.
 * q [N, Q, D], k and v [N, T, D]; `mask`, where given, is added to the scores [N, heads, Q, T]. Result [N, Q, D].
 */
export function attend(
  build: Build,
  { q, k, v, mask }: { readonly q: Value; readonly k: Value; readonly v: Value; readonly mask: Value | null },
  { width, heads }: AttentionShape,
): Value {
  const { graph } = build;
  const headWidth = width / heads;
  const split = graph.constant('head_shape', integers(0, 0, heads, headWidth));
  const perHead = (name: string, x: Value, perm: readonly number[]): Value =>
    graph.node(name, 'Transpose', [graph.node(`${name}_split`, 'Reshape', [x, split])], { perm });

  const scale = number(build, 'scale', headWidth ** -0.5);
  const queries = perHead('queries', graph.node('q_scaled', 'Mul', [q, scale]), [0, 2, 1, 3]); // [N, heads, Q, d]
  const keys = perHead('keys', k, [0, 2, 3, 1]); // [N, heads, d, T]
  const values = perHead('values', v, [0, 2, 1, 3]); // [N, heads, T, d]
  const scores = graph.node('scores', 'MatMul', [queries, keys]);
  const masked = mask === null ? scores : graph.node('scores_masked', 'Add', [scores, mask]);
  const attention = graph.node('attention', 'Softmax', [masked], { axis: -1 });
  const mixed = graph.node('mixed', 'MatMul', [attention, values]);
  const together = graph.node('mixed_tokens', 'Transpose', [mixed], { perm: [0, 2, 1, 3] });
  return graph.node('mixed_heads', 'Reshape', [together, graph.constant('joined_shape', integers(0, 0, width))]);
}
