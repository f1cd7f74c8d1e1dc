import type { Graph } from '../../onnx/graph.ts';
import type { ImageGraphOptions } from '../layers/imageGraph.ts';
import type { ClipActivation } from '../layers/layers.ts';
import { modifiedResNet, type ModifiedResNetConfig } from './modifiedResNet.ts';
import { below, type Parameters } from '../layers/parameters.ts';
import { type SiglipConfig, siglipGraphs } from '../siglip/siglip.ts';
import { textTransformer, type TextTransformerConfig } from './textTransformer.ts';
import { visionTransformer, type VisionTransformerConfig } from './visionTransformer.ts';

export type VisionConfig = VisionTransformerConfig | ModifiedResNetConfig;

/** The shape of a CLIP: two encoders into one embedding space (paper, figure 1). */
export interface ClipConfig {
  readonly kind?: undefined;
  readonly vision: VisionConfig;
  readonly text: TextTransformerConfig & { readonly activation: ClipActivation };
}

/** CLIP, or what came of it. */
export type ModelConfig = ClipConfig | SiglipConfig;

/** Both encoders of a checkpoint as graphs. `parameters` names weights as openai/CLIP does. */
export function encoderGraphs(
  config: ModelConfig,
  parameters: Parameters,
  options: ImageGraphOptions,
): { readonly visual: Graph; readonly textual: Graph } {
  return config.kind === 'siglip' ? siglipGraphs(config, parameters, options) : clipGraphs(config, parameters, options);
}

function clipGraphs(
  { vision, text }: ClipConfig,
  parameters: Parameters,
  options: ImageGraphOptions,
): { readonly visual: Graph; readonly textual: Graph } {
  const visualParameters = below(parameters, 'visual.');
  const visual =
    vision.kind === 'visionTransformer'
      ? visionTransformer(vision, visualParameters, options)
      : modifiedResNet(vision, visualParameters, options);
  return { visual, textual: textTransformer(text, parameters, options) };
}
