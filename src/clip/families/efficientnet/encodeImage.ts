import type { Value } from '../../onnx/graph.ts';
import { integers, scalar } from '../../onnx/tensor.ts';
import { l2Normalise, linear } from '../layers/layers.ts';
import { below, type Parameter, type Parameters, transposed } from '../layers/parameters.ts';
import { type Build, matMul, outOfEncoder, vector, weight, within } from '../layers/precision.ts';
import type { VisionConfig } from './config.ts';
import { efficientNetLite, FEATURES } from './efficientNetLite.ts';

/**
 * An image encoder with two branches. The branch for drawings embeds all images and predicts their kind. The images
 * that are most probably photos are embedded by the branch for photos instead. The probabilities of the kinds are part
 * of the projection. image [N, 3, S, S] → projection float32 [N, E + kinds]
 * @param parameters those below "visual."
 */
export function encodeImage(build: Build, image: Value, config: VisionConfig, parameters: Parameters): Value {
  const { graph } = build;
  const drawings = within(build, 'drawings');
  const ofDrawings = below(parameters, 'drawings.');
  const features = meanOfCells(
    drawings,
    efficientNetLite(drawings, reduced(drawings, image, config), config, ofDrawings),
  );
  const projection = outOfEncoder(drawings, 'wide', projected(drawings, features, config, ofDrawings));
  const drawn = l2Normalise(drawings, projection);
  const kinds = kindsOf(within(build, 'kinds'), features, config, ofDrawings);

  const rows = rowsOf(within(build, 'gate'), kinds.isPhoto);
  const photos = graph.node('photos_selected', 'Gather', [image, rows], { axis: 0 });
  // Without a name for the number of photos, ONNX Runtime reshapes in a way that fails if there is none.
  graph.declare(photos, build.precision === 'fp16' ? 'float16' : 'float32', [
    'photos',
    3,
    config.imageSize,
    config.imageSize,
  ]);
  const seen = outOfEncoder(
    build,
    'wide_photos',
    photoVectors(within(build, 'photos'), photos, config, below(parameters, 'photos.')),
  );
  const places = graph.node('photo_places', 'Unsqueeze', [rows, graph.constant('place_axis', integers(1))]);
  const both = graph.node('both', 'ScatterND', [drawn, places, seen]);
  return graph.node('with_kinds', 'Concat', [both, kinds.scaled], { axis: 1 });
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

export interface Kinds {
  /** Whether images are most probably photos, bool [N]. */
  readonly isPhoto: Value;
  /** Probabilities of the kinds, times `kindScale`: float32 [N, kinds]. */
  readonly scaled: Value;
}

/** features [N, 1280] of the branch for drawings */
export function kindsOf(build: Build, features: Value, config: VisionConfig, parameters: Parameters): Kinds {
  const { graph } = build;
  const { kernels, bias } = layer(parameters, 'kind', config.kinds);
  const logits = outOfEncoder(build, 'wide', linear(build, 'logits', features, kernels, bias));
  const best = graph.node('best', 'ArgMax', [logits], { axis: 1, keepdims: 0 });
  const isPhoto = graph.node('is_photo', 'Equal', [best, graph.constant('photo', integers(config.photoKind))]);
  const probabilities = graph.node('probabilities', 'Softmax', [logits], { axis: -1 });
  const scaled = graph.node('scaled', 'Mul', [probabilities, graph.constant('scale', scalar(config.kindScale))]);
  return { isPhoto, scaled };
}

/** The indices of the rows with a flag: bool [N] → int64 [P] */
function rowsOf({ graph }: Build, flags: Value): Value {
  const places = graph.node('places', 'NonZero', [flags]); // [1, P]
  return graph.node('rows', 'Squeeze', [places, graph.constant('first_axis', integers(0))]);
}

/**
 * Vectors of photos: the mean of the vectors of all classes, weighted by their probabilities (ConSE, 1312.5650). The
 * vector of a photo that has no class is short, so the probabilities of the kinds prevail in its embedding. photos
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
  const { kernels, bias } = layer(parameters, 'classify', classes);
  // A product of integers, as other layers have it in int8, fails in ONNX Runtime if there is no photo.
  const product = build.graph.node('classify_product', 'MatMul', [
    features,
    weight(build, 'classify_weight', transposed(kernels)),
  ]);
  return build.graph.node('classify', 'Add', [product, vector(build, 'classify_bias', bias)]);
}

/** [classes, E] */
export function classVectors(build: Build, config: VisionConfig, parameters: Parameters): Value {
  const { classes, embeddingSize } = config;
  return weight(build, 'class_vectors', parameters.take('class_vectors', [classes, embeddingSize]));
}

/** The weights of a linear layer after the features. */
function layer(
  parameters: Parameters,
  name: string,
  outputs: number,
): { readonly kernels: Parameter; readonly bias: Parameter } {
  const own = below(parameters, `${name}.`);
  return { kernels: own.take('weight', [outputs, FEATURES]), bias: own.take('bias', [outputs]) };
}

/** x [N, C, h, w] → [N, C] */
export function meanOfCells({ graph }: Build, x: Value): Value {
  return graph.node('mean_of_cells', 'ReduceMean', [x], { axes: [2, 3], keepdims: 0 });
}
