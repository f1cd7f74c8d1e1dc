import { derived, type Parameter, type Parameters, transposed } from '../layers/parameters.ts';

/** Names of transformers' CLIPModel for those of openai/CLIP, outside and inside of the residual blocks, and of its SiglipModel for ours. */
const plain: Readonly<Record<string, string>> = {
  'visual.class_embedding': 'vision_model.embeddings.class_embedding',
  'visual.conv1.weight': 'vision_model.embeddings.patch_embedding.weight',
  'visual.positional_embedding': 'vision_model.embeddings.position_embedding.weight',
  // The missing letter is theirs.
  'visual.ln_pre.weight': 'vision_model.pre_layrnorm.weight',
  'visual.ln_pre.bias': 'vision_model.pre_layrnorm.bias',
  'visual.ln_post.weight': 'vision_model.post_layernorm.weight',
  'visual.ln_post.bias': 'vision_model.post_layernorm.bias',
  'token_embedding.weight': 'text_model.embeddings.token_embedding.weight',
  positional_embedding: 'text_model.embeddings.position_embedding.weight',
  'ln_final.weight': 'text_model.final_layer_norm.weight',
  'ln_final.bias': 'text_model.final_layer_norm.bias',
  logit_scale: 'logit_scale',
  // What CLIP has not.
  logit_bias: 'logit_bias',
  'visual.conv1.bias': 'vision_model.embeddings.patch_embedding.bias',
  'visual.pool.probe': 'vision_model.head.probe',
  'visual.pool.attn.in_proj_weight': 'vision_model.head.attention.in_proj_weight',
  'visual.pool.attn.in_proj_bias': 'vision_model.head.attention.in_proj_bias',
  'visual.pool.attn.out_proj.weight': 'vision_model.head.attention.out_proj.weight',
  'visual.pool.attn.out_proj.bias': 'vision_model.head.attention.out_proj.bias',
  'visual.pool.ln_2.weight': 'vision_model.head.layernorm.weight',
  'visual.pool.ln_2.bias': 'vision_model.head.layernorm.bias',
  'visual.pool.mlp.c_fc.weight': 'vision_model.head.mlp.fc1.weight',
  'visual.pool.mlp.c_fc.bias': 'vision_model.head.mlp.fc1.bias',
  'visual.pool.mlp.c_proj.weight': 'vision_model.head.mlp.fc2.weight',
  'visual.pool.mlp.c_proj.bias': 'vision_model.head.mlp.fc2.bias',
  'text_head.weight': 'text_model.head.weight',
  'text_head.bias': 'text_model.head.bias',
};
const inBlocks: Readonly<Record<string, string>> = {
  ln_1: 'layer_norm1',
  ln_2: 'layer_norm2',
  'mlp.c_fc': 'mlp.fc1',
  'mlp.c_proj': 'mlp.fc2',
  'attn.out_proj': 'self_attn.out_proj',
};
/** Kept as linear layers there, as matrices from the right here. */
const projections: Readonly<Record<string, string>> = {
  'visual.proj': 'visual_projection.weight',
  text_projection: 'text_projection.weight',
};
const block = /^(visual\.)?transformer\.resblocks\.(\d+)\.(.+)[._](weight|bias)$/;

/** Whether these are the names of transformers' CLIPModel. */
export function isHuggingFace(names: Iterable<string>): boolean {
  return [...names].some((name) => name.startsWith('vision_model.') || name.startsWith('text_model.'));
}

/** A CLIPModel or SiglipModel checkpoint of transformers under the names of openai/CLIP. */
export function fromHuggingFace(stored: Parameters): Parameters {
  return { take: (name, shape) => takeOne(stored, name, shape) };
}

function takeOne(stored: Parameters, name: string, shape: readonly number[]): Parameter {
  const projection = projections[name];
  if (projection !== undefined) return transposed(stored.take(projection, shape.toReversed()));
  const [, visual, index = '', part = '', kind = ''] = block.exec(name) ?? [];
  if (index === '') {
    const theirs = plain[name];
    if (theirs === undefined) throw new Error(`No name of transformers is known for "${name}"`);
    return stored.take(theirs, shape);
  }
  const layer = `${visual === undefined ? 'text' : 'vision'}_model.encoder.layers.${index}`;
  if (part === 'attn.in_proj') {
    const [rows = 0, ...rest] = shape;
    const third = [rows / 3, ...rest];
    const [q, k, v] = ['q', 'k', 'v'].map((letter) => stored.take(`${layer}.self_attn.${letter}_proj.${kind}`, third));
    if (!q || !k || !v) throw new Error('Three letters give three parameters');
    return derived(shape, [q, k, v], joined);
  }
  const theirs = inBlocks[part];
  if (theirs === undefined) throw new Error(`No name of transformers is known for "${name}"`);
  return stored.take(`${layer}.${theirs}.${kind}`, shape);
}

function joined(...parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
