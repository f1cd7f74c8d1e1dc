import { UserError } from '../../base/userError.ts';
import type { PixelStatistics } from '../families/layers/layers.ts';
import type { GraphInterface, GraphTensor } from '../onnx/graphInterface.ts';
import type { ImageTensors, TextTensors } from '../base/manifest.ts';

/** How an image graph is run, and what it says of itself; null where it leaves that open. */
export interface ImageGraph {
  readonly tensors: ImageTensors;
  readonly size: number | null;
  readonly embeddingSize: number | null;
}

export interface TextGraph {
  readonly tensors: TextTensors;
  readonly embeddingSize: number | null;
}

/** The embedding of SigLIP; of CLIP what is still to be projected. */
export const POOLED = 'pooler_output';
/** Outputs by the names that exporters give them; a graph with one output alone may call it as it likes. */
const IMAGE_OUTPUTS = ['image_embeds', 'image_embedding', 'embedding', POOLED];
const TEXT_OUTPUTS = ['text_embeds', 'text_embedding', 'embedding', POOLED];
const MASK = 'attention_mask';
const CHANNELS = 3;

/**
 * Checks that a graph is an image encoder as it can be run: one image input, float32 [N, 3, S, S] or uint8 [N, S, S, 3], and an
 * embedding float32 [N, E]. What is run with a wrong type or shape may end the process that runs it.
 * @param statistics for pixels of a float32 input
 * @throws UserError that names what is otherwise
 */
export function imageGraphTensors(graph: GraphInterface, statistics: PixelStatistics, file: string): ImageGraph {
  const [image, ...others] = graph.inputs;
  if (image === undefined || others.length > 0) throw unlike(file, 'an image encoder with one input', graph.inputs);
  const [rows = null, ...sides] = image.shape;
  const isPlanar = image.type === 'float32';
  const [channels = null, height = null, width = null] = isPlanar ? sides : [sides[2], sides[0], sides[1]];
  const fits = image.shape.length === 4 && (channels ?? CHANNELS) === CHANNELS && (height ?? width) === (width ?? height);
  if (!fits || (!isPlanar && image.type !== 'uint8')) {
    throw unlike(file, 'an image encoder over float32 [N, 3, S, S] or uint8 [N, S, S, 3]', graph.inputs);
  }
  const { name: output, size: embeddingSize } = embeddingOf(graph, IMAGE_OUTPUTS, file);
  const common = { input: image.name, output, batch: batchOf(rows, file) };
  const { mean, std } = statistics;
  const tensors: ImageTensors = isPlanar
    ? { type: 'float32', ...common, mean: [...mean], std: [...std] }
    : { type: 'uint8', ...common };
  return { tensors, size: height ?? width, embeddingSize };
}

/**
 * Checks that a graph is a text encoder as it can be run: token ids int32 or int64 [N, T], at most an attention mask besides, and an
 * embedding float32 [N, E].
 * @throws UserError that names what is otherwise
 */
export function textGraphTensors(graph: GraphInterface, file: string): TextGraph {
  const mask = graph.inputs.find(({ name }) => name === MASK);
  const [ids, ...others] = graph.inputs.filter((input) => input !== mask);
  const type = ids && idTypeOf(ids);
  const maskType = mask && idTypeOf(mask);
  if (!ids || !type || others.length > 0 || (mask && !maskType)) {
    throw unlike(file, 'a text encoder over token ids, int32 or int64 [N, T], and at most an attention mask', graph.inputs);
  }
  const [rows = null, length = null] = ids.shape;
  const { name: output, size: embeddingSize } = embeddingOf(graph, TEXT_OUTPUTS, file);
  return {
    tensors: {
      type,
      input: ids.name,
      attentionMask: mask && maskType ? { input: mask.name, type: maskType } : null,
      output,
      batch: batchOf(rows, file),
      length,
    },
    embeddingSize,
  };
}

function idTypeOf({ type, shape }: GraphTensor): TextTensors['type'] | null {
  return shape.length === 2 && (type === 'int32' || type === 'int64') ? type : null;
}

function embeddingOf({ outputs }: GraphInterface, names: readonly string[], file: string): { name: string; size: number | null } {
  const named = names.map((name) => outputs.find((output) => output.name === name)).find((output) => output !== undefined);
  const embedding = named ?? (outputs.length === 1 ? outputs[0] : undefined);
  if (embedding?.type !== 'float32' || embedding.shape.length !== 2) {
    throw unlike(file, `an encoder with an embedding, float32 [N, E], called ${names.join(', ')}, or its only output`, outputs);
  }
  return { name: embedding.name, size: embedding.shape[1] ?? null };
}

function batchOf(rows: number | null, file: string): 1 | null {
  if (rows === null || rows === 1) return rows;
  throw new UserError(`${file} takes ${rows} at a time and no other number. Only graphs for one, or for any number, can be run.`);
}

function unlike(file: string, wanted: string, tensors: readonly GraphTensor[]): UserError {
  const list = tensors.map(({ name, type, shape }) => `${name}: ${type ?? 'another type'} [${shape.map((n) => n ?? '?').join(', ')}]`);
  return new UserError(`${file} is not ${wanted}. It has: ${list.join('; ') || 'none'}. Use another export of this model.`);
}
