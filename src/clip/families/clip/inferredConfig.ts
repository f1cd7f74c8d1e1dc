import { UserError } from '../../../base/userError.ts';
import type { TensorShapes } from '../definition/family.ts';
import type { ClipConfig, VisionConfig } from './architecture.ts';
import { DOWNSAMPLING } from './modifiedResNet.ts';

/** Heads of OpenAI's encoders are 64 wide. The encoders use QuickGELU and PyTorch's default ε. */
const HEAD_WIDTH = 64;

/**
 * The architecture of a checkpoint of OpenAI without a configuration, from the shapes of its tensors.
 * @throws UserError where a tensor is missing
 */
export function inferConfig(tensors: TensorShapes, folder: string): ClipConfig {
  const size = (name: string, axis: number): number => {
    const value = tensors.get(name)?.shape[axis];
    if (value !== undefined) return value;
    throw new UserError(
      `The architecture of the checkpoint in ${folder} is unknown: it has neither a config.json nor an open_clip_config.json, ` +
        `and no tensor "${name}" to infer it from. Add the configuration file that was published with the checkpoint.`,
    );
  };
  const width = size('ln_final.weight', 0);
  const embeddingSize = size('text_projection', 1);
  const common = { activation: 'quickGelu', layerNormEpsilon: 1e-5, embeddingSize } as const;
  return {
    vision: tensors.has('visual.class_embedding')
      ? inferTransformer(tensors, size, common)
      : inferResNet(tensors, size, embeddingSize),
    text: {
      contextLength: size('positional_embedding', 0),
      vocabularySize: size('token_embedding.weight', 0),
      width,
      layers: countBelow(tensors, 'transformer.resblocks.'),
      heads: width / HEAD_WIDTH,
      mlpWidth: size('transformer.resblocks.0.mlp.c_fc.weight', 0),
      ...common,
    },
  };
}

type SizeOf = (name: string, axis: number) => number;

function inferTransformer(
  tensors: TensorShapes,
  size: SizeOf,
  common: Pick<ClipConfig['text'], 'activation' | 'layerNormEpsilon' | 'embeddingSize'>,
): VisionConfig {
  const width = size('visual.conv1.weight', 0);
  const patchSize = size('visual.conv1.weight', 2);
  return {
    kind: 'visionTransformer',
    imageSize: Math.sqrt(size('visual.positional_embedding', 0) - 1) * patchSize,
    patchSize,
    width,
    layers: countBelow(tensors, 'visual.transformer.resblocks.'),
    heads: width / HEAD_WIDTH,
    mlpWidth: size('visual.transformer.resblocks.0.mlp.c_fc.weight', 0),
    ...common,
  };
}

function inferResNet(tensors: TensorShapes, size: SizeOf, embeddingSize: number): VisionConfig {
  const width = size('visual.layer1.0.conv1.weight', 0);
  const blocks = (stage: number): number => countBelow(tensors, `visual.layer${stage}.`);
  return {
    kind: 'modifiedResNet',
    imageSize: Math.sqrt(size('visual.attnpool.positional_embedding', 0) - 1) * DOWNSAMPLING,
    layers: [blocks(1), blocks(2), blocks(3), blocks(4)],
    width,
    heads: (width * DOWNSAMPLING) / HEAD_WIDTH,
    embeddingSize,
  };
}

/** The number of different indices after a prefix: "layer1.0.…" and "layer1.1.…" are two. */
function countBelow(tensors: TensorShapes, prefix: string): number {
  const names = [...tensors.keys()].filter((name) => name.startsWith(prefix));
  return new Set(names.map((name) => name.slice(prefix.length).split('.', 1)[0])).size;
}
