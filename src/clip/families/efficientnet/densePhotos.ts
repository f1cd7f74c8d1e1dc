import { type Graph, GraphBuilder, type Value } from '../../onnx/graph.ts';
import { integers, scalar } from '../../onnx/tensor.ts';
import type { ImageGraphOptions } from '../definition/family.ts';
import { cellsAsTokens, l2Normalise, lengthOf, normalisePixels } from '../layers/layers.ts';
import { below, type Parameters } from '../layers/parameters.ts';
import { type Build, intoEncoder, number, outOfEncoder, within } from '../layers/precision.ts';
import type { VisionConfig } from './config.ts';
import { DOWNSAMPLING, efficientNetLite, FEATURES } from './efficientNetLite.ts';
import { classLogits, classVectors, type Kinds, kindsOf, meanOfCells, reduced } from './encodeImage.ts';

/**
 * The dense branch for one image: that of the branch for photos. The cells of the branch for drawings are not part of
 * it, because windows of a drawing locate objects far better. Input `pixels` uint8 [1, S, S, 3], outputs float32,
 * E' = E + kinds:
 * - `applies` [1]: 1 for a photo according to the gate. Where it is 0, the other outputs must not be used.
 * - `cells` [1, (S/16)², E'], unit rows: the embedding of each cell by itself, with the kind of the image, over the
 *   last stages at twice their resolution.
 * - `shares` [1, (S/32)², E']: vectors that sum to the embedding.
 * - `embedding` [1, E']: the embedding of the encoder.
 * @param parameters those below "visual."
 */
export function densePhotos(config: VisionConfig, parameters: Parameters, options: ImageGraphOptions): Graph {
  const { imageSize: size, embeddingSize, kinds: kindCount } = config;
  const graph = new GraphBuilder('dense_image_encoder');
  const build: Build = { graph, precision: options.precision };
  const pixels = graph.input('pixels', 'uint8', [1, size, size, 3]);
  const image = intoEncoder(build, 'image', normalisePixels(build, pixels, options.statistics));
  const kinds = kindsOfImage(build, image, config, below(parameters, 'drawings.'));
  graph.output('applies', graph.node('is_photo_as_number', 'Cast', [kinds.isPhoto], { to: 1 }), 'float32', [1]);
  const photo = photos(within(build, 'photos'), image, config, below(parameters, 'photos.'));
  const kindOfImage = graph.node('kind', 'Unsqueeze', [kinds.scaled, graph.constant('cell_axis', integers(1))]);
  const withKind = (name: 'cells' | 'shares', count: number, equalPart: number): Value => {
    const part = graph.node(`kind_of_${name}`, 'Mul', [kindOfImage, graph.constant(`${name}_part`, scalar(equalPart))]);
    const spread = graph.node(`kind_in_${name}`, 'Expand', [
      part,
      graph.constant(`${name}_shape`, integers(1, count, kindCount)),
    ]);
    return graph.node(`${name}_with_kind`, 'Concat', [photo[name], spread], { axis: 2 });
  };
  const dimensions = embeddingSize + kindCount;
  const shareCount = (size / DOWNSAMPLING) ** 2;
  const cells = l2Normalise(within(build, 'cells'), withKind('cells', 4 * shareCount, 1));
  graph.output('cells', cells, 'float32', [1, 4 * shareCount, dimensions]);

  const whole = within(build, 'whole');
  const shares = withKind('shares', shareCount, 1 / shareCount);
  const sum = whole.graph.node('sum', 'ReduceSum', [shares, whole.graph.constant('cell_axis', integers(1))], {
    keepdims: 1,
  }); // [1, 1, E']
  const length = lengthOf(whole, sum);
  const unit = whole.graph.node('unit', 'Div', [sum, length]);
  const flat = whole.graph.constant('flat_shape', integers(1, dimensions));
  graph.output('embedding', whole.graph.node('flat', 'Reshape', [unit, flat]), 'float32', [1, dimensions]);
  const unitShares = whole.graph.node('unit_shares', 'Div', [shares, length]);
  graph.output('shares', unitShares, 'float32', [1, shareCount, dimensions]);
  return graph.finish();
}

/** The gate: the kind of the image, as the branch for drawings predicts it. */
function kindsOfImage(build: Build, image: Value, config: VisionConfig, parameters: Parameters): Kinds {
  const drawings = within(build, 'drawings');
  const features = efficientNetLite(drawings, reduced(drawings, image, config), config, parameters);
  return kindsOf(within(build, 'kinds'), meanOfCells(drawings, features), config, parameters);
}

/**
 * With the logits z_i of each cell, the probabilities p of the mean of the logits, and the vectors V of the classes,
 * the vector of the image is e = pV. A share is (e + Σ_c p_c (z_ic − z̄_c)(V_c − e)) / n: its equal part, and the
 * change of e to first order by the difference between the cell and the mean. The differences sum to zero, so the
 * shares sum to e.
 */
function photos(
  build: Build,
  image: Value,
  config: VisionConfig,
  parameters: Parameters,
): { readonly cells: Value; readonly shares: Value } {
  const { graph } = build;
  const side = config.imageSize / DOWNSAMPLING;
  const tokensOf = (name: string, stages: 'strided' | 'atrous', cells: number): Value => {
    const section = within(build, name);
    return cellsAsTokens(section, efficientNetLite(section, image, config, parameters, stages), FEATURES, cells);
  };
  const rows = graph.node(
    'rows',
    'Concat',
    [tokensOf('cells', 'atrous', (2 * side) ** 2), tokensOf('whole', 'strided', side ** 2)],
    { axis: 1 },
  );
  const [cellLogits, logits] = graph.nodes(
    'logits',
    'Split',
    [classLogits(build, rows, config, parameters), graph.constant('row_counts', integers((2 * side) ** 2, side ** 2))],
    { axis: 1 },
    ['_cells', '_whole'],
  );
  const vectors = classVectors(build, config, parameters);
  const softmax = (name: string, x: Value): Value => graph.node(name, 'Softmax', [x], { axis: -1 });
  const vectorOf = (name: string, x: Value): Value => graph.node(name, 'MatMul', [x, vectors]);
  const cells = vectorOf('cell_vectors', softmax('cell_probabilities', cellLogits));

  const mean = graph.node('mean_logits', 'ReduceMean', [logits], { axes: [1], keepdims: 1 }); // [1, 1, classes]
  const probabilities = softmax('probabilities', mean);
  const vector = vectorOf('vector', probabilities); // [1, 1, E]
  const differences = graph.node('differences', 'Sub', [logits, mean]);
  const weighted = graph.node('weighted', 'Mul', [differences, probabilities]);
  const total = graph.node('total', 'ReduceSum', [weighted, graph.constant('class_axis', integers(2))], {
    keepdims: 1,
  });
  const change = graph.node('change', 'Sub', [
    vectorOf('towards_classes', weighted),
    graph.node('towards_mean', 'Mul', [total, vector]),
  ]);
  const sum = graph.node('with_equal_part', 'Add', [change, vector]);
  const shares = graph.node('shares', 'Mul', [sum, number(build, 'one_of_cells', 1 / side ** 2)]);
  return { cells: outOfEncoder(build, 'wide_cells', cells), shares: outOfEncoder(build, 'wide_shares', shares) };
}
