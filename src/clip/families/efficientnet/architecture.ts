import type { Value } from '../../onnx/graph.ts';
import { integers } from '../../onnx/tensor.ts';
import type { Architecture, ModelFamily } from '../definition/family.ts';
import { SizeCheck } from '../definition/sizes.ts';
import { takeLogitScale } from '../layers/logitScale.ts';
import { below } from '../layers/parameters.ts';
import type { Build } from '../layers/precision.ts';
import { encodeText } from '../layers/textTransformer.ts';
import type { EfficientNetConfig, VisionConfig } from './config.ts';
import { densePhotos } from './densePhotos.ts';
import { encodeImage } from './encodeImage.ts';
import { DOWNSAMPLING } from './efficientNetLite.ts';

/**
 * The architecture of a CLIP with two branches of EfficientNet-Lite.
 * @param folder of the checkpoint, for messages
 * @throws UserError where encoders of these sizes cannot be built
 */
export function efficientNetArchitecture(
  family: ModelFamily,
  config: EfficientNetConfig,
  folder: string,
): Architecture {
  const { vision, text } = config;
  const check = new SizeCheck(folder);
  const step = DOWNSAMPLING * vision.reduction;
  check.require(vision.imageSize % step === 0, 'vision.imageSize', vision.imageSize, `a multiple of ${step}`);
  check.require(vision.photoKind < vision.kinds, 'vision.photoKind', vision.photoKind, `less than ${vision.kinds}`);
  check.positiveIntegers('text', text);
  check.text(text);
  return {
    family,
    config,
    imageSize: vision.imageSize,
    embeddingSize: text.embeddingSize + vision.kinds,
    contextLength: text.contextLength,
    vocabularySize: text.vocabularySize,
    hasFixedTextLength: false,
    encodeImage: (build, image, parameters) => encodeImage(build, image, vision, below(parameters, 'visual.')),
    encodeText: (build, ids, parameters) => withoutKinds(build, encodeText(build, ids, text, parameters), vision),
    denseGraphs: (parameters, options) => ({
      graph: densePhotos(vision, below(parameters, 'visual.'), options),
      gradient: null,
      onlyPhotos: true,
    }),
    takeScore: (parameters) => takeLogitScale(parameters),
  };
}

/** The projection of a text has no kinds. text [N, E] → [N, E + kinds] */
function withoutKinds(build: Build, text: Value, { kinds }: VisionConfig): Value {
  const { graph } = build;
  return graph.node('without_kinds', 'Pad', [text, graph.constant('kind_columns', integers(0, 0, 0, kinds))]);
}
