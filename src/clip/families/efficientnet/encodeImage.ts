import type { Value } from '../../onnx/graph.ts';
import { integers } from '../../onnx/tensor.ts';
import { linear } from '../layers/layers.ts';
import { below, type Parameters, transposed } from '../layers/parameters.ts';
import { type Build, matMul, weight, within } from '../layers/precision.ts';
import type { VisionConfig } from './config.ts';
import { efficientNetLite, FEATURES } from './efficientNetLite.ts';

/**
 * An image encoder with two branches. The branch for drawings embeds all images and predicts their kind. The images
 * that are most probably photos are embedded by the branch for photos instead. image [N, 3, S, S] → projection [N, E]
 * @param parameters those below "visual."
 */
export function encodeImage(build: Build, image: Value, config: VisionConfig, parameters: Parameters): Value {
  const { graph } = build;
  const features = drawingFeatures(within(build, 'drawings'), image, config, below(parameters, 'drawings.'));
  const drawn = projected(within(build, 'drawings'), features, config, below(parameters, 'drawings.'));
  const rows = photoRows(within(build, 'gate'), features, config, below(parameters, 'drawings.'));
  const photos = graph.node('photos_selected', 'Gather', [image, rows], { axis: 0 });
  const seen = photoVectors(within(build, 'photos'), photos, config, below(parameters, 'photos.'));
  const places = graph.node('photo_places', 'Unsqueeze', [rows, graph.constant('place_axis', integers(1))]);
  return graph.node('both', 'ScatterND', [drawn, places, seen]);
}

/** image [N, 3, S, S] → features of the branch for drawings [N, 1280] */
function drawingFeatures(build: Build, image: Value, config: VisionConfig, parameters: Parameters): Value {
  return meanOfCells(build, efficientNetLite(build, reduced(build, image, config), config, parameters));
}

/** The input of the branch for drawings. image [N, 3, S, S] → [N, 3, S/reduction, S/reduction] */
export function reduced(build: Build, image: Value, { reduction }: VisionConfig): Value {
  const window = [reduction, reduction];
  return build.graph.node('reduced', 'AveragePool', [image], { kernel_shape: window, strides: window });
}

/** features [..., 1280] → [..., E] */
export function projected(
  build: Build,
  features: Value,
  { embeddingSize }: VisionConfig,
  parameters: Parameters,
): Value {
  return matMul(build, 'project', features, transposed(parameters.take('project.weight', [embeddingSize, FEATURES])));
}

/** The rows of a batch that are photos, int64 [P]. features [N, 1280] */
function photoRows(build: Build, features: Value, config: VisionConfig, parameters: Parameters): Value {
  const { graph } = build;
  const isPhoto = photoFlags(build, features, config, parameters);
  const places = graph.node('photo_places', 'NonZero', [isPhoto]); // [1, P]
  return graph.node('photo_rows', 'Squeeze', [places, graph.constant('first_axis', integers(0))]);
}

/** Whether images are most probably photos, bool [N]. features [N, 1280] */
export function photoFlags(build: Build, features: Value, config: VisionConfig, parameters: Parameters): Value {
  const { graph } = build;
  const { weight: kernels, bias } = layer(parameters, 'kind', config.kinds);
  const logits = linear(build, 'kind', features, kernels, bias);
  const best = graph.node('best_kind', 'ArgMax', [logits], { axis: 1, keepdims: 0 });
  return graph.node('is_photo', 'Equal', [best, graph.constant('photo_kind', integers(config.photoKind))]);
}

/**
 * Vectors of photos: the mean of the vectors of all classes, weighted by their probabilities (ConSE, 1312.5650). photos
 * [P, 3, S, S] → [P, E]
 */
function photoVectors(build: Build, photos: Value, config: VisionConfig, parameters: Parameters): Value {
  const features = meanOfCells(build, efficientNetLite(build, photos, config, parameters));
  const logits = classLogits(build, features, config, parameters);
  const probabilities = build.graph.node('probabilities', 'Softmax', [logits], { axis: -1 });
  const vectors = classVectors(build, config, parameters);
  return build.graph.node('mean_class', 'MatMul', [probabilities, vectors]);
}

/** features [..., 1280] → logits of the classes [..., classes] */
export function classLogits(build: Build, features: Value, { classes }: VisionConfig, parameters: Parameters): Value {
  const { weight: kernels, bias } = layer(parameters, 'classify', classes);
  return linear(build, 'classify', features, kernels, bias);
}

/** [classes, E] */
export function classVectors(build: Build, config: VisionConfig, parameters: Parameters): Value {
  const { classes, embeddingSize } = config;
  return weight(build, 'class_vectors', parameters.take('class_vectors', [classes, embeddingSize]));
}

function layer(parameters: Parameters, name: string, outputs: number) {
  const own = below(parameters, `${name}.`);
  return { weight: own.take('weight', [outputs, FEATURES]), bias: own.take('bias', [outputs]) };
}

/** x [N, C, h, w] → [N, C] */
export function meanOfCells({ graph }: Build, x: Value): Value {
  return graph.node('mean_of_cells', 'ReduceMean', [x], { axes: [2, 3], keepdims: 0 });
}
