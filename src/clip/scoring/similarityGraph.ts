import { modelBytes } from '../onnx/encode.ts';
import { GraphBuilder } from '../onnx/graph.ts';
import { integers } from '../onnx/tensor.ts';

/**
 * Scores every row of an embedding matrix against every label or query in one product (paper, figure 3).
 *
 * Inputs: `rows` float32 [N, D], `weights` float32 [L, D], `bias` float32 [L]. Output: `logits` float32 [N, L] =
 * rows·weightsᵀ + bias. On the CPU, label-major logits would be about 10 % faster or slower for blocks of 2048
 * rows, and 20 % faster from 8192 rows on.
 */
export function similarityModel(): Uint8Array {
  const graph = new GraphBuilder('similarity');
  const rows = graph.input('rows', 'float32', ['N', 'D']);
  const weights = graph.input('weights', 'float32', ['L', 'D']);
  const bias = graph.input('bias', 'float32', ['L']);
  const logits = graph.node('scores', 'Gemm', [rows, weights, bias], { transB: 1 });
  graph.output('logits', logits, 'float32', ['N', 'L']);
  return modelBytes(graph.finish());
}

/**
 * First and second moments of a batch of rows; the sums of several batches add up to those of a whole matrix.
 *
 * Input: `rows` float32 [N, D]. Outputs: `sum` float32 [D] and `products` float32 [D, D] = rowsᵀ·rows.
 */
export function momentsModel(): Uint8Array {
  const graph = new GraphBuilder('moments');
  const rows = graph.input('rows', 'float32', ['N', 'D']);
  const sum = graph.node('column_sums', 'ReduceSum', [rows, graph.constant('first_axis', integers(0))], {
    keepdims: 0,
  });
  const products = graph.node('row_products', 'Gemm', [rows, rows], { transA: 1 });
  graph.output('sum', sum, 'float32', ['D']);
  graph.output('products', products, 'float32', ['D', 'D']);
  return modelBytes(graph.finish());
}
