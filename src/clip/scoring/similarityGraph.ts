import { modelBytes } from '../onnx/encode.ts';
import { GraphBuilder, type Value } from '../onnx/graph.ts';
import { elementCode, integers } from '../onnx/tensor.ts';

/**
 * Scores every row of an embedding matrix against every label in one product (paper, figure 3).
 *
 * Inputs: `rows` float32 or float16 [N, D], `weights` float32 [L, D], `bias` float32 [L]. Output: `logits` float32
 * [N, L] = rows·weightsᵀ + bias. On the CPU, label-major logits would be about 10 % faster or slower for blocks of 2048
 * rows, and 20 % faster from 8192 rows on.
 */
export function similarityModel(rowType: 'float32' | 'float16'): Uint8Array {
  const graph = new GraphBuilder('similarity');
  const rows = graph.input('rows', rowType, ['N', 'D']);
  const weights = graph.input('weights', 'float32', ['L', 'D']);
  const bias = graph.input('bias', 'float32', ['L']);
  const singles = rowType === 'float32' ? rows : toFloat32(graph, 'single_rows', rows);
  const logits = graph.node('scores', 'Gemm', [singles, weights, bias], { transB: 1 });
  graph.output('logits', logits, 'float32', ['N', 'L']);
  return modelBytes(graph.finish());
}

/**
 * Scores every row of some chunks of an embedding matrix for a query. Each chunk is small enough that its float32
 * values stay in the cache of the processor: only half of the bytes of float32 rows are read from memory.
 *
 * Inputs: `weights` float32 [L, D], `rows0`, `rows1`, ... float16 [N, D]. Output: `products` float32 [L, chunks · N] =
 * weights·rowsᵀ. For one query, [1, N] has the same memory layout as [N, 1], and the product takes 25 % less time.
 */
export function rankingModel(chunks: number): Uint8Array {
  const graph = new GraphBuilder('ranking');
  const weights = graph.input('weights', 'float32', ['L', 'D']);
  const products = Array.from({ length: chunks }, (_, i) => {
    const rows = toFloat32(graph, `single_rows${i}`, graph.input(`rows${i}`, 'float16', ['N', 'D']));
    return graph.node(`products${i}`, 'Gemm', [weights, rows], { transB: 1 });
  });
  graph.output('products', graph.node('all', 'Concat', products, { axis: 1 }), 'float32', ['L', 'all_rows']);
  return modelBytes(graph.finish());
}

/**
 * First and second moments of a batch of rows; the sums of several batches add up to those of a whole matrix.
 *
 * Input: `rows` float16 [N, D]. Outputs: `sum` float32 [D] and `products` float32 [D, D] = rowsᵀ·rows.
 */
export function momentsModel(): Uint8Array {
  const graph = new GraphBuilder('moments');
  const rows = toFloat32(graph, 'single_rows', graph.input('rows', 'float16', ['N', 'D']));
  const sum = graph.node('column_sums', 'ReduceSum', [rows, graph.constant('first_axis', integers(0))], {
    keepdims: 0,
  });
  const products = graph.node('row_products', 'Gemm', [rows, rows], { transA: 1 });
  graph.output('sum', sum, 'float32', ['D']);
  graph.output('products', products, 'float32', ['D', 'D']);
  return modelBytes(graph.finish());
}

function toFloat32(graph: GraphBuilder, name: string, values: Value): Value {
  return graph.node(name, 'Cast', [values], { to: elementCode('float32') });
}
