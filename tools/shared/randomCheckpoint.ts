import { mkdir, open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { randomValues } from './random.ts';

/** The shape of a vision transformer. */
export interface VisionShape {
  readonly imageSize: number;
  readonly patchSize: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly mlpWidth: number;
  readonly embeddingSize: number;
}

/** The vision encoder of ViT-B/32 (paper, table 20). */
export const VIT_B32: VisionShape = {
  imageSize: 224,
  patchSize: 32,
  width: 768,
  layers: 12,
  heads: 12,
  mlpWidth: 3072,
  embeddingSize: 512,
};

/** The smallest possible text encoder, because the benchmark does not measure it. */
export const SMALLEST_TEXT = { context: 8, vocabulary: 3, width: 64, layers: 1, heads: 1, mlpWidth: 64 };

export interface RandomShape {
  readonly vision: VisionShape;
  readonly text: typeof SMALLEST_TEXT;
}

/**
 * The standard deviation of the weights. It is larger than that of an initialisation, so that different images have
 * clearly different embeddings, and the cosine between two implementations is meaningful.
 */
export const WEIGHT_DEVIATION = 0.04;

interface RandomTensor {
  readonly shape: readonly number[];
  readonly deviation: number;
  readonly mean: number;
}

/**
 * Writes a checkpoint with random weights, by default in the shape of ViT-B/32, in the format of transformers'
 * CLIPModel.
 */
export async function writeRandomCheckpoint(
  folder: string,
  shape: RandomShape = { vision: VIT_B32, text: SMALLEST_TEXT },
  deviation = WEIGHT_DEVIATION,
): Promise<void> {
  const { vision, text } = shape;
  await mkdir(folder, { recursive: true });
  const json = (name: string, value: unknown) => writeFile(path.join(folder, name), JSON.stringify(value));
  await json('config.json', {
    model_type: 'clip',
    projection_dim: vision.embeddingSize,
    vision_config: {
      image_size: vision.imageSize,
      patch_size: vision.patchSize,
      hidden_size: vision.width,
      intermediate_size: vision.mlpWidth,
      num_hidden_layers: vision.layers,
      num_attention_heads: vision.heads,
    },
    text_config: {
      vocab_size: text.vocabulary,
      hidden_size: text.width,
      intermediate_size: text.mlpWidth,
      num_hidden_layers: text.layers,
      num_attention_heads: text.heads,
      max_position_embeddings: text.context,
    },
  });
  await json('tokenizer.json', {
    model: { type: 'BPE', vocab: { 'a</w>': 0, '<|startoftext|>': 1, '<|endoftext|>': 2 }, merges: [] },
  });
  await writeSafetensors(path.join(folder, 'model.safetensors'), tensors(shape, deviation));
}

function tensors({ vision, text }: RandomShape, deviation: number): Map<string, RandomTensor> {
  const { width, layers, mlpWidth, patchSize, imageSize, embeddingSize } = vision;
  const all = new Map<string, RandomTensor>();
  const weights = (name: string, ...shape: number[]) => all.set(name, { shape, deviation, mean: 0 });
  const norm = (name: string, size: number) => {
    all.set(`${name}.weight`, { shape: [size], deviation: 0.1, mean: 1 });
    all.set(`${name}.bias`, { shape: [size], deviation: 0.1, mean: 0 });
  };
  const linear = (name: string, inputs: number, outputs: number) => {
    weights(`${name}.weight`, outputs, inputs);
    weights(`${name}.bias`, outputs);
  };
  const layer = (name: string, size: number, hidden: number) => {
    for (const part of ['q_proj', 'k_proj', 'v_proj', 'out_proj']) linear(`${name}.self_attn.${part}`, size, size);
    norm(`${name}.layer_norm1`, size);
    norm(`${name}.layer_norm2`, size);
    linear(`${name}.mlp.fc1`, size, hidden);
    linear(`${name}.mlp.fc2`, hidden, size);
  };

  weights('vision_model.embeddings.class_embedding', width);
  weights('vision_model.embeddings.patch_embedding.weight', width, 3, patchSize, patchSize);
  weights('vision_model.embeddings.position_embedding.weight', (imageSize / patchSize) ** 2 + 1, width);
  norm('vision_model.pre_layrnorm', width);
  for (let i = 0; i < layers; i++) layer(`vision_model.encoder.layers.${i}`, width, mlpWidth);
  norm('vision_model.post_layernorm', width);
  weights('visual_projection.weight', embeddingSize, width);

  weights('text_model.embeddings.token_embedding.weight', text.vocabulary, text.width);
  weights('text_model.embeddings.position_embedding.weight', text.context, text.width);
  for (let i = 0; i < text.layers; i++) layer(`text_model.encoder.layers.${i}`, text.width, text.mlpWidth);
  norm('text_model.final_layer_norm', text.width);
  weights('text_projection.weight', embeddingSize, text.width);
  all.set('logit_scale', { shape: [], deviation: 0, mean: Math.log(100) });
  return all;
}

async function writeSafetensors(file: string, all: ReadonlyMap<string, RandomTensor>): Promise<void> {
  const header: Record<string, unknown> = {};
  let end = 0;
  for (const [name, { shape }] of all) {
    const start = end;
    end += 4 * countOf(shape);
    header[name] = { dtype: 'F32', shape, data_offsets: [start, end] };
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  await using handle = await open(file, 'w');
  await handle.write(length);
  await handle.write(text);
  let seed = 0;
  for (const { shape, deviation, mean } of all.values()) {
    const values = randomValues(countOf(shape), deviation, seed++);
    if (mean !== 0) values.forEach((value, i) => (values[i] = value + mean));
    await handle.write(new Uint8Array(values.buffer));
  }
}

function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
