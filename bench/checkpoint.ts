import { mkdir, open, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { randomValues } from './random.ts';

/** The vision encoder of ViT-B/32 (paper, table 20). */
export const VIT_B32 = { imageSize: 224, patchSize: 32, width: 768, layers: 12, mlpWidth: 3072, embeddingSize: 512 };

/** The text encoder is as small as can be: nothing here measures it. */
const TEXT = { context: 8, vocabulary: 3, width: 64, mlpWidth: 64 };

/**
 * Deviation of the weights. Larger than at the beginning of a training, so that different images get embeddings that differ and
 * a cosine between two implementations says something.
 */
const WEIGHT_DEVIATION = 0.04;

interface RandomTensor {
  readonly shape: readonly number[];
  readonly deviation: number;
  readonly mean: number;
}

/** Writes a checkpoint of ViT-B/32's shape with seeded random weights, as transformers saves a CLIPModel. */
export async function writeRandomCheckpoint(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const json = (name: string, value: unknown) => writeFile(path.join(folder, name), JSON.stringify(value));
  await json('config.json', {
    model_type: 'clip',
    projection_dim: VIT_B32.embeddingSize,
    vision_config: {},
    text_config: {
      vocab_size: TEXT.vocabulary,
      hidden_size: TEXT.width,
      intermediate_size: TEXT.mlpWidth,
      num_hidden_layers: 1,
      num_attention_heads: 1,
      max_position_embeddings: TEXT.context,
    },
  });
  await json('tokenizer.json', {
    model: { type: 'BPE', vocab: { 'a</w>': 0, '<|startoftext|>': 1, '<|endoftext|>': 2 }, merges: [] },
  });
  await writeSafetensors(path.join(folder, 'model.safetensors'), tensors());
}

function tensors(): Map<string, RandomTensor> {
  const { width, layers, mlpWidth, patchSize, imageSize, embeddingSize } = VIT_B32;
  const all = new Map<string, RandomTensor>();
  const weights = (name: string, ...shape: number[]) => all.set(name, { shape, deviation: WEIGHT_DEVIATION, mean: 0 });
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

  weights('text_model.embeddings.token_embedding.weight', TEXT.vocabulary, TEXT.width);
  weights('text_model.embeddings.position_embedding.weight', TEXT.context, TEXT.width);
  layer('text_model.encoder.layers.0', TEXT.width, TEXT.mlpWidth);
  norm('text_model.final_layer_norm', TEXT.width);
  weights('text_projection.weight', embeddingSize, TEXT.width);
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
