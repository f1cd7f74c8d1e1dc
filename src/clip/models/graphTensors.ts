import { UserError } from '../../base/userError.ts';
import type { ImageTensors, TextTensors } from '../base/manifest.ts';
import type { PixelStatistics } from '../families/index.ts';
import type { GraphInterface, GraphTensor } from '../onnx/graphInterface.ts';

/** The tensors of an image graph, and its sizes; null where the graph leaves them open. */
export interface ImageGraph {
  readonly tensors: ImageTensors;
  readonly size: number | null;
  readonly embeddingSize: number | null;
}

/** The tensors of a text graph, and its sizes; null where the graph leaves them open. */
export interface TextGraph {
  readonly tensors: TextTensors;
  readonly embeddingSize: number | null;
}

const MASK = 'attention_mask';
const CHANNELS = 3;

/** The image input of an image encoder. */
interface PixelInput {
  readonly name: string;
  readonly type: ImageTensors['type'];
  readonly batch: 1 | null;
  /** Pixels a side; null where the graph leaves it open. */
  readonly size: number | null;
}

/**
 * Checks that a graph has the input of an image encoder: float32 [N, 3, S, S] or uint8 [N, S, S, 3]. A wrong type or
 * shape may crash the process that runs the graph.
 * @throws UserError with the inputs, where they differ
 */
export function pixelInput(graph: GraphInterface, file: string): PixelInput {
  const [image, ...others] = graph.inputs;
  if (image === undefined || others.length > 0) throw graphError(file, 'an image encoder with one input', graph.inputs);
  const { name, type } = image;
  const [rows = null, ...sides] = image.shape;
  const isPlanar = type === 'float32';
  const [channels = null, height = null, width = null] = isPlanar ? sides : [sides[2], sides[0], sides[1]];
  const fits =
    image.shape.length === 4 && (channels ?? CHANNELS) === CHANNELS && (height ?? width) === (width ?? height);
  if (!fits || (type !== 'float32' && type !== 'uint8')) {
    throw graphError(file, 'an image encoder with the input float32 [N, 3, S, S] or uint8 [N, S, S, 3]', graph.inputs);
  }
  return { name, type, batch: batchOf(rows, file), size: height ?? width };
}

/**
 * Checks that a graph is an image encoder that can be run: an image input and an embedding float32 [N, E].
 * @param outputs names that exporters give to the embedding, best first; a graph with one output may have any name
 * @param statistics of the pixels of a float32 input
 * @throws UserError with the inputs or outputs, where they differ
 */
export function imageGraphTensors(
  graph: GraphInterface,
  outputs: readonly string[],
  statistics: PixelStatistics,
  file: string,
): ImageGraph {
  const { name: input, type, batch, size } = pixelInput(graph, file);
  const { name: output, size: embeddingSize } = embeddingOf(graph, outputs, file);
  const { mean, std } = statistics;
  const tensors: ImageTensors =
    type === 'float32'
      ? { type, input, output, batch, mean: [...mean], std: [...std] }
      : { type, input, output, batch };
  return { tensors, size, embeddingSize };
}

/** The inputs of a text encoder. */
type TokenInputs = Omit<TextTensors, 'output'>;

/**
 * Checks that a graph has the inputs of a text encoder: token ids int32 or int64 [N, T], and possibly an attention
 * mask.
 * @throws UserError with the inputs, where they differ
 */
export function tokenInputs(graph: GraphInterface, file: string): TokenInputs {
  const mask = graph.inputs.find(({ name }) => name === MASK);
  const [ids, ...others] = graph.inputs.filter((input) => input !== mask);
  const type = ids && idTypeOf(ids);
  const maskType = mask && idTypeOf(mask);
  if (!ids || !type || others.length > 0 || (mask && !maskType)) {
    throw graphError(
      file,
      'a text encoder with token ids, int32 or int64 [N, T], and optionally an attention mask',
      graph.inputs,
    );
  }
  const [rows = null, length = null] = ids.shape;
  const attentionMask = mask && maskType ? { input: mask.name, type: maskType } : null;
  return { type, input: ids.name, attentionMask, batch: batchOf(rows, file), length };
}

/**
 * Checks that a graph is a text encoder that can be run: token ids and an embedding float32 [N, E].
 * @param outputs names that exporters give to the embedding, best first; a graph with one output may have any name
 * @throws UserError with the inputs or outputs, where they differ
 */
export function textGraphTensors(graph: GraphInterface, outputs: readonly string[], file: string): TextGraph {
  const { type, input, attentionMask, batch, length } = tokenInputs(graph, file);
  const { name: output, size: embeddingSize } = embeddingOf(graph, outputs, file);
  return { tensors: { type, input, attentionMask, output, batch, length }, embeddingSize };
}

function idTypeOf({ type, shape }: GraphTensor): TextTensors['type'] | null {
  return shape.length === 2 && (type === 'int32' || type === 'int64') ? type : null;
}

function embeddingOf(
  { outputs }: GraphInterface,
  names: readonly string[],
  file: string,
): { readonly name: string; readonly size: number | null } {
  const named = names
    .map((name) => outputs.find((output) => output.name === name))
    .find((output) => output !== undefined);
  const embedding = named ?? (outputs.length === 1 ? outputs[0] : undefined);
  if (embedding?.type !== 'float32' || embedding.shape.length !== 2) {
    throw graphError(
      file,
      `an encoder with an embedding, float32 [N, E], as its only output or named ${names.join(' or ')}`,
      outputs,
    );
  }
  return { name: embedding.name, size: embedding.shape[1] ?? null };
}

function batchOf(rows: number | null, file: string): 1 | null {
  if (rows === null || rows === 1) return rows;
  throw new UserError(
    `${file} requires a batch size of ${rows}. Use another export of this model, with a batch size of 1 or a variable batch size.`,
  );
}

function graphError(file: string, expected: string, tensors: readonly GraphTensor[]): UserError {
  const list = tensors.map(
    ({ name, type, shape }) => `${name}: ${type ?? 'another type'} [${shape.map((size) => size ?? '?').join(', ')}]`,
  );
  return new UserError(
    `${file} is not ${expected}. Found: ${list.join('; ') || 'none'}. Use another export of this model.`,
  );
}
