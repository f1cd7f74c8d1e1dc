import { type Graph, GraphBuilder, type Value } from '../../onnx/graph.ts';
import { integers } from '../../onnx/tensor.ts';
import type { ImageGraphOptions } from '../definition/family.ts';
import { attentionOf } from '../layers/attention.ts';
import { cellsAsTokens, l2Normalise, lengthOf, normalisePixels } from '../layers/layers.ts';
import { convolutions, DOWNSAMPLING, type ModifiedResNetConfig } from './modifiedResNet.ts';
import { below, type Parameters, transposed } from '../layers/parameters.ts';
import { type Build, intoEncoder, matMul, number, outOfEncoder, vector, within } from '../layers/precision.ts';

/**
 * The dense branch of CLIP's ResNet for one image. Input `pixels` uint8 [1, S, S, 3], outputs float32:
 * - `cells` [1, (S/16)², E], unit rows: the embedding of each cell by itself. The attention pool without its attention,
 *   as in MaskCLIP (2112.01071), over the last stage at twice its resolution.
 * - `shares` [1, (S/32)², E] and `rest` [1, E]: an exact decomposition of the pool. They sum to the embedding, so a
 *   share times a text embedding is the contribution of its cell to their similarity.
 * - `embedding` [1, E]: the embedding of the encoder.
 * @param parameters those below "visual."
 */
export function denseResNet(config: ModifiedResNetConfig, parameters: Parameters, options: ImageGraphOptions): Graph {
  const { imageSize: size, embeddingSize } = config;
  const cells = (size / DOWNSAMPLING) ** 2;
  const graph = new GraphBuilder('dense_image_encoder');
  const build: Build = { graph, precision: options.precision };
  const pixels = graph.input('pixels', 'uint8', [1, size, size, 3]);
  const image = intoEncoder(build, 'image', normalisePixels(build, pixels, options.statistics));
  const features = convolutions(build, image, config, parameters, 'atrous'); // [1, C, S/16, S/16]
  const { cellRows, shares, rest } = attentionPool(
    within(build, 'attnpool'),
    features,
    config,
    below(parameters, 'attnpool.'),
  );
  const section = within(build, 'cells');
  const unitCells = l2Normalise(section, outOfEncoder(section, 'wide', cellRows));
  graph.output('cells', unitCells, 'float32', [1, 4 * cells, embeddingSize]);

  const whole = within(build, 'whole');
  const wideShares = outOfEncoder(whole, 'wide_shares', shares);
  const wideRest = outOfEncoder(whole, 'wide_rest', rest);
  const sum = whole.graph.node('sum', 'Add', [
    whole.graph.node('shares_sum', 'ReduceSum', [wideShares, whole.graph.constant('cell_axis', integers(1))]),
    wideRest,
  ]); // [1, 1, E]
  const length = lengthOf(whole, sum);
  const flat = whole.graph.constant('flat_shape', integers(1, embeddingSize));
  for (const [name, value] of [
    ['embedding', sum],
    ['rest', wideRest],
  ] as const) {
    const unit = whole.graph.node(`${name}_unit`, 'Div', [value, length]);
    graph.output(name, whole.graph.node(`${name}_flat`, 'Reshape', [unit, flat]), 'float32', [1, embeddingSize]);
  }
  const unitShares = whole.graph.node('unit_shares', 'Div', [wideShares, length]);
  graph.output('shares', unitShares, 'float32', [1, cells, embeddingSize]);
  return graph.finish();
}

/**
 * The attention pool, which is linear in its values: c_proj(Σ_j A_j·v_j), where A_j is the attention of the only query
 * on cell j. Token 0 is the mean of the cells, so its share is divided equally among them. Its position and the biases
 * are the rest.
 * @param features [1, C, 2·side, 2·side]; the pool was trained on every second cell a side
 */
function attentionPool(
  build: Build,
  features: Value,
  config: ModifiedResNetConfig,
  parameters: Parameters,
): { readonly cellRows: Value; readonly shares: Value; readonly rest: Value } {
  const { graph } = build;
  const { heads } = config;
  const width = config.width * DOWNSAMPLING;
  const side = config.imageSize / DOWNSAMPLING;
  const n = side ** 2;
  const join = (name: string, ...parts: Value[]): Value => graph.node(name, 'Concat', parts, { axis: 1 });
  const split = (name: string, x: Value, sizes: readonly number[], suffixes: readonly [string, string, string]) =>
    graph.nodes(name, 'Split', [x, graph.constant(`${name}_sizes`, integers(...sizes))], { axis: 1 }, suffixes);
  const sum = (name: string, a: Value, b: Value): Value => graph.node(name, 'Add', [a, b]);

  const { shape, read } = parameters.take('positional_embedding', [n + 1, width]);
  const positions = vector(build, 'positional_embedding', { shape: [1, ...shape], read });
  const fine = cellsAsTokens(within(build, 'fine'), features, width, 4 * n);
  const coarse = graph.node('coarse', 'Gather', [fine, graph.constant('coarse_cells', everySecond(side))], { axis: 1 });
  const mean = graph.node('mean', 'ReduceMean', [coarse], { axes: [1], keepdims: 1 });
  const placed = sum('placed', join('mean_and_cells', mean, coarse), positions);

  const bias = (name: string, outputs: number): Value =>
    vector(build, `${name}_bias`, parameters.take(`${name}.bias`, [outputs]));
  const project = (name: string, x: Value, outputs: number): Value =>
    matMul(build, `${name}_product`, x, transposed(parameters.take(`${name}.weight`, [outputs, width])));

  const query = graph.node('placed_mean', 'Gather', [placed, graph.constant('mean_index', integers(0))], { axis: 1 });
  const q = sum('q_proj', project('q_proj', query, width), bias('q_proj', width));
  const k = sum('k_proj', project('k_proj', placed, width), bias('k_proj', width));
  const attention = attentionOf(build, { q, k, mask: null }, { width, heads }); // [1, heads, 1, 1 + n]
  const perToken = graph.node('attention_by_token', 'Transpose', [attention], { perm: [0, 3, 1, 2] });
  const [toMean, toCells] = graph.nodes(
    'attention_split',
    'Split',
    [perToken, graph.constant('attention_sizes', integers(1, n))],
    { axis: 1 },
    ['_mean', '_cells'],
  );

  // One product for cells and positions, so that the graph contains its weights once.
  const [vFine, vMeanPosition, vPositions] = split(
    'v_split',
    project('v_proj', join('cells_and_positions', fine, positions), width),
    [4 * n, 1, n],
    ['_fine', '_mean_position', '_positions'],
  );
  const vBias = bias('v_proj', width);
  const vCoarse = graph.node('v_coarse', 'Gather', [vFine, graph.constant('v_cells', everySecond(side))], { axis: 1 });
  const inHeads = (name: string, x: Value): Value =>
    graph.node(`${name}_heads`, 'Reshape', [x, graph.constant(`${name}_shape`, integers(1, -1, heads, width / heads))]);
  const weighted = (name: string, x: Value, weights: Value): Value =>
    graph.node(`${name}_weighted`, 'Mul', [inHeads(name, x), weights]);
  const ofCell = weighted('own', sum('v_placed', sum('v_with_position', vCoarse, vPositions), vBias), toCells);
  const equalShare = graph.node('mean_share', 'Mul', [toMean, number(build, 'one_of_cells', 1 / n)]);
  const cellParts = sum('cell_parts', ofCell, weighted('of_mean', vCoarse, equalShare));
  const restPart = weighted('rest', sum('v_rest', vMeanPosition, vBias), toMean);
  const joined = graph.constant('joined_shape', integers(1, -1, width));

  const rows = join(
    'rows',
    sum('v_spoken', vFine, vBias),
    graph.node('cell_parts_joined', 'Reshape', [cellParts, joined]),
    graph.node('rest_joined', 'Reshape', [restPart, joined]),
  );
  const [cellRows, shares, rest] = split(
    'c_split',
    project('c_proj', rows, config.embeddingSize),
    [4 * n, n, 1],
    ['_spoken', '_shares', '_rest'],
  );
  const cBias = bias('c_proj', config.embeddingSize);
  return { cellRows: sum('spoken', cellRows, cBias), shares, rest: sum('rest', rest, cBias) };
}

/** Indices of the cells in even rows and columns of a grid with 2·side cells a side, row by row. */
function everySecond(side: number) {
  const cells = Array.from({ length: side * side }, (_, i) => 4 * side * Math.floor(i / side) + 2 * (i % side));
  return integers(...cells);
}
