import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { UserError, messageOf } from '../../base/userError.ts';

const rgb = z.tuple([z.int().min(0).max(255), z.int().min(0).max(255), z.int().min(0).max(255)]);

const statistic = z.tuple([z.number(), z.number(), z.number()]);
/** Rows of a run where a graph takes one alone; null where it takes any number. */
const batch = z.literal(1).nullable();

/**
 * How an image graph of another maker is run; that of our own has none of it: `pixels` uint8 [N, size, size, 3] → `embedding`. Its
 * rows are made unit vectors by the runtime, whether they are already or not.
 */
const imageTensors = z.discriminatedUnion('type', [
  /** [N, 3, size, size], normalised by the runtime: (pixel / 255 − mean) / std. */
  z.object({
    type: z.literal('float32'),
    input: z.string(),
    output: z.string(),
    batch,
    mean: statistic,
    std: statistic,
  }),
  /** [N, size, size, 3]: the graph normalises by itself. */
  z.object({ type: z.literal('uint8'), input: z.string(), output: z.string(), batch }),
]);

const idType = z.enum(['int32', 'int64']);

/** How a text graph of another maker is run; that of our own: `input_ids` int64 [N, T] → `embedding`. */
const textTensors = z.object({
  type: idType,
  input: z.string(),
  /** 1 for each token up to the end token, 0 for what pads. */
  attentionMask: z.object({ input: z.string(), type: idType }).nullable(),
  output: z.string(),
  batch,
  /** Tokens of a text where the graph takes this many alone; null where a batch may be as long as its longest text. */
  length: z.int().min(3).nullable(),
});

/** What an image encoder expects of an image, and how an image becomes that (paper, section 2.5, and each model's own choice). */
const imageInput = z.object({
  graph: z.string(),
  tensors: imageTensors.optional(),
  /** Pixels a side. */
  size: z.int().positive(),
  /** `shortest`: shortest side fitted, centre cropped. `longest`: longest side fitted, letterboxed. `squash`: both sides fitted. */
  resize: z.enum(['shortest', 'longest', 'squash']),
  interpolation: z.enum(['bicubic', 'bilinear', 'area']),
  /** Colour behind transparency and letterbox; `contrast` picks white or near-black, whichever shows the image. */
  background: z.union([z.literal('contrast'), rgb]),
});

/** The dense branch of the image encoder, for heatmaps; it takes one image of the encoder's size. See architecture/denseHead.ts. */
const denseBranch = z.object({
  graph: z.string(),
  /** The graph of the backward pass behind it; null where the dense graph itself tells what each cell adds. */
  gradient: z.string().nullable(),
});

const textInput = z.object({
  graph: z.string(),
  tensors: textTensors.optional(),
  tokenizer: z.string(),
  /** Longest sequence of tokens, start and end included. */
  contextLength: z.int().min(3),
  /** Null where texts begin with their first word. */
  startToken: z.int().nonnegative().nullable(),
  endToken: z.int().nonnegative(),
  padToken: z.int().nonnegative(),
  /** Tokens that every text is padded to where the encoder sees what pads (SigLIP); else a batch is as long as its longest text. */
  paddedLength: z.int().min(3).optional(),
  /** Where texts have to be in lower case and the tokenizer leaves that to its caller. */
  lowerCase: z.literal(true).optional(),
});

const manifestSchema = z.object({
  formatVersion: z.literal(1),
  /** Names the embedding space: it changes with the weights, the precision and the pre-processing, so an index never mixes two. */
  id: z.string().min(1),
  name: z.string().min(1),
  licence: z.string().nullable(),
  precision: z.enum(['fp32', 'fp16', 'int8']),
  embeddingSize: z.int().positive(),
  /** exp of the learned temperature: multiplies cosines before a softmax (paper, section 2.3). */
  logitScale: z.number().positive(),
  /** Of models that learned whether an image and a text belong together, P = sigmoid(logitScale · cosine + logitBias) (2303.15343). */
  logitBias: z.number().optional(),
  image: imageInput,
  /** Missing where the encoder has no cells to speak of, and in models that were converted by earlier versions. */
  dense: denseBranch.optional(),
  text: textInput,
  /** File with the reference distribution of image embeddings, for confidences; null where the model has none. */
  calibration: z.string().nullable(),
});

export type ModelManifest = z.infer<typeof manifestSchema>;
export type ImageInput = ModelManifest['image'];
export type TextInput = ModelManifest['text'];
export type ImageTensors = z.infer<typeof imageTensors>;
export type TextTensors = z.infer<typeof textTensors>;

/** A model folder whose manifest has been read and checked. */
export interface ModelFolder {
  readonly folder: string;
  readonly manifest: ModelManifest;
}

export const MANIFEST_FILE = 'manifest.json';

/**
 * Reads and checks the manifest of a converted model.
 * @throws UserError where the folder holds no model of ours or its manifest is damaged.
 */
export async function openModelFolder(folder: string): Promise<ModelFolder> {
  const file = path.join(folder, MANIFEST_FILE);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UserError(
      `No model in ${folder}: ${MANIFEST_FILE} cannot be read (${messageOf(error)}). ` +
        'Install one with "assetlens models add", convert a checkpoint with "assetlens convert <checkpoint folder> <model folder>", or leave out --model to use the bundled one.',
    );
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${file} is damaged (${messageOf(error)}). Convert the checkpoint again.`);
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) {
    throw new UserError(
      `${file} is not a manifest of this version:\n${z.prettifyError(parsed.error)}\nConvert the checkpoint again.`,
    );
  }
  return { folder, manifest: parsed.data };
}
