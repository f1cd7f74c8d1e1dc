import type { Value } from '../../onnx/graph.ts';
import { SizeCheck } from '../definition/sizes.ts';
import type { Architecture, ModelFamily } from '../definition/family.ts';
import type { ClipActivation } from '../layers/layers.ts';
import { takeLogitScale } from '../layers/logitScale.ts';
import { below, type Parameters } from '../layers/parameters.ts';
import type { Build } from '../layers/precision.ts';
import { encodeText, type TextTransformerConfig } from '../layers/textTransformer.ts';
import { denseGraphs } from './denseGraphs.ts';
import { DOWNSAMPLING, encodeResNet, type ModifiedResNetConfig } from './modifiedResNet.ts';
import { encodeTransformer, type VisionTransformerConfig } from './visionTransformer.ts';

export type VisionConfig = VisionTransformerConfig | ModifiedResNetConfig;

/** The sizes of a CLIP: two encoders into one embedding space (paper, figure 1). */
export interface ClipConfig {
  readonly vision: VisionConfig;
  readonly text: TextTransformerConfig & { readonly activation: ClipActivation };
}

/**
 * The architecture of a CLIP. Its parameters have the names of openai/CLIP.
 * @param folder of the checkpoint, for messages
 * @throws UserError where encoders of these sizes cannot be built
 */
export function clipArchitecture(family: ModelFamily, config: ClipConfig, folder: string): Architecture {
  assertBuildable(config, folder);
  const { vision, text } = config;
  return {
    family,
    config,
    imageSize: vision.imageSize,
    embeddingSize: text.embeddingSize,
    contextLength: text.contextLength,
    vocabularySize: text.vocabularySize,
    hasFixedTextLength: false,
    encodeImage: (build, image, parameters) => encodeImage(build, image, vision, below(parameters, 'visual.')),
    encodeText: (build, ids, parameters) => encodeText(build, ids, text, parameters),
    denseGraphs: (parameters, options) => denseGraphs(vision, parameters, options),
    takeScore: (parameters) => takeLogitScale(parameters),
  };
}

function encodeImage(build: Build, image: Value, vision: VisionConfig, parameters: Parameters): Value {
  return vision.kind === 'visionTransformer'
    ? encodeTransformer(build, image, vision, parameters)
    : encodeResNet(build, image, vision, parameters);
}

function assertBuildable({ vision, text }: ClipConfig, folder: string): void {
  const check = new SizeCheck(folder);
  check.positiveIntegers('vision', vision);
  check.positiveIntegers('text', text);
  if (vision.kind === 'visionTransformer') check.patches(vision);
  else {
    const { heads, width, imageSize } = vision;
    check.divisor('vision.heads', heads, width * DOWNSAMPLING);
    check.require(width % 2 === 0, 'vision.width', width, 'even');
    check.require(imageSize % DOWNSAMPLING === 0, 'vision.imageSize', imageSize, `a multiple of ${DOWNSAMPLING}`);
  }
  check.text(text);
}
