import { derived, type Parameter, type Parameters, transposed } from '../layers/parameters.ts';

/** Names of transformers that CLIP and its relatives share, by the names of openai/CLIP. */
const sharedNames: Readonly<Record<string, string>> = {
  'visual.conv1.weight': 'vision_model.embeddings.patch_embedding.weight',
  'visual.positional_embedding': 'vision_model.embeddings.position_embedding.weight',
  'visual.ln_post.weight': 'vision_model.post_layernorm.weight',
  'visual.ln_post.bias': 'vision_model.post_layernorm.bias',
  'token_embedding.weight': 'text_model.embeddings.token_embedding.weight',
  positional_embedding: 'text_model.embeddings.position_embedding.weight',
  'ln_final.weight': 'text_model.final_layer_norm.weight',
  'ln_final.bias': 'text_model.final_layer_norm.bias',
  logit_scale: 'logit_scale',
};
/** Names inside of the residual blocks. */
const namesInBlocks: Readonly<Record<string, string>> = {
  ln_1: 'layer_norm1',
  ln_2: 'layer_norm2',
  'mlp.c_fc': 'mlp.fc1',
  'mlp.c_proj': 'mlp.fc2',
  'attn.out_proj': 'self_attn.out_proj',
};
const block = /^(visual\.)?transformer\.resblocks\.(\d+)\.(.+)[._](weight|bias)$/;

/** Names of a family's parameters in transformers, by the names that its architecture takes. */
export interface HuggingFaceNames {
  readonly names: Readonly<Record<string, string>>;
  /** Linear layers [outputs, inputs] of transformers that the architecture takes as [inputs, outputs]. */
  readonly projections?: Readonly<Record<string, string>>;
}

/** Whether tensors have the names of transformers. */
export function isHuggingFace(names: Iterable<string>): boolean {
  return [...names].some((name) => name.startsWith('vision_model.') || name.startsWith('text_model.'));
}

/** The parameters of a checkpoint of transformers under the names of openai/CLIP. */
export function renameHuggingFaceParameters(
  stored: Parameters,
  { names, projections = {} }: HuggingFaceNames,
): Parameters {
  const storedNames = { ...sharedNames, ...names };
  return {
    take(name, shape) {
      const projection = projections[name];
      if (projection !== undefined) return transposed(stored.take(projection, shape.toReversed()));
      return takeInBlock(stored, name, shape) ?? stored.take(requiredName(storedNames, name), shape);
    },
  };
}

/** Null for a parameter outside of the residual blocks. */
function takeInBlock(stored: Parameters, name: string, shape: readonly number[]): Parameter | null {
  const [, visual, index = '', part = '', kind = ''] = block.exec(name) ?? [];
  if (index === '') return null;
  const layer = `${visual === undefined ? 'text' : 'vision'}_model.encoder.layers.${index}`;
  if (part !== 'attn.in_proj') return stored.take(`${layer}.${requiredName(namesInBlocks, part)}.${kind}`, shape);
  const [rows = 0, ...rest] = shape;
  const third = [rows / 3, ...rest];
  const take = (letter: string): Parameter => stored.take(`${layer}.self_attn.${letter}_proj.${kind}`, third);
  return derived(shape, [take('q'), take('k'), take('v')], concatenated);
}

function requiredName(names: Readonly<Record<string, string>>, name: string): string {
  const storedName = names[name];
  if (storedName === undefined) throw new Error(`No name of transformers is known for "${name}"`);
  return storedName;
}

function concatenated(...parts: readonly Float32Array[]): Float32Array {
  const result = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}
