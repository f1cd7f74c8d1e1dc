import path from 'node:path';
import * as z from 'zod';
import { parseJson } from '../../base/parseJson.ts';
import { readRegularText } from '../../base/regularFile.ts';
import { schemaProblems } from '../../base/schemaProblems.ts';
import { UserError, messageOf } from '../../base/userError.ts';
import { assertFilesInFolder, isNameInFolder } from './modelFiles.ts';

/** Maximum size of a manifest, in bytes. */
const LARGEST = 1_000_000;

/** The name of a file in the folder of the model. */
const fileName = z.string().max(1000).refine(isNameInFolder, { error: 'is not a path inside the folder of the model' });

const rgb = z.tuple([z.int().min(0).max(255), z.int().min(0).max(255), z.int().min(0).max(255)]);

const statistic = z.tuple([z.number(), z.number(), z.number()]);
/** 1 if a graph has a fixed batch size of 1; null if its batch size is variable. */
const batch = z.literal(1).nullable();

/**
 * The tensors of a third-party image graph; a converted model has `pixels` uint8 [N, size, size, 3] → `embedding`
 * instead. The runtime normalises the rows of a third-party graph to unit length.
 */
const imageTensors = z.discriminatedUnion('type', [
  /** [N, 3, size, size]. The runtime normalises pixels: (pixel / 255 − mean) / std. */
  z.object({
    type: z.literal('float32'),
    input: z.string(),
    output: z.string(),
    batch,
    mean: statistic,
    std: statistic,
  }),
  /** [N, size, size, 3]. The graph normalises pixels itself. */
  z.object({ type: z.literal('uint8'), input: z.string(), output: z.string(), batch }),
]);

const idType = z.enum(['int32', 'int64']);

/** The tensors of a third-party text graph; a converted model has `input_ids` int64 [N, T] → `embedding` instead. */
const textTensors = z.object({
  type: idType,
  input: z.string(),
  /** 1 for each token up to the end token, 0 for padding. */
  attentionMask: z.object({ input: z.string(), type: idType }).nullable(),
  output: z.string(),
  batch,
  /** Fixed number of tokens of a text; null where a batch may be as long as its longest text. */
  length: z.int().min(3).max(65_536).nullable(),
});

/**
 * The input of an image encoder, and the pre-processing that makes it from an image (paper, section 2.5; models
 * differ).
 */
const imageInput = z.object({
  graph: fileName,
  tensors: imageTensors.optional(),
  /** Pixels a side. */
  size: z.int().positive().max(4096),
  /**
   * `shortest`: shortest side fitted, centre cropped. `longest`: longest side fitted, letterboxed. `squash`: both sides
   * fitted.
   */
  resize: z.enum(['shortest', 'longest', 'squash']),
  interpolation: z.enum(['bicubic', 'bilinear', 'area']),
  /** Colour behind transparency and in the letterbox; `contrast` is white or near-black, whichever shows the image. */
  background: z.union([z.literal('contrast'), rgb]),
});

/** The dense branch of the image encoder, for heatmaps; it takes one image of the encoder's size. See `DenseGraphs`. */
const denseBranch = z.object({
  graph: fileName,
  /** The graph of the backward pass; null where the dense graph itself has the contribution of each cell. */
  gradient: fileName.nullable(),
  /** Whether the branch serves only photos; drawings then need windows. Earlier versions do not write it. */
  onlyPhotos: z.boolean().default(false),
});

const textInput = z.object({
  graph: fileName,
  tensors: textTensors.optional(),
  tokenizer: fileName,
  /** Maximum number of tokens, start and end token included. */
  contextLength: z.int().min(3).max(65_536),
  /** Null where texts have no start token. */
  startToken: z.int().nonnegative().nullable(),
  endToken: z.int().nonnegative(),
  padToken: z.int().nonnegative(),
  /**
   * Length that every text is padded to, where padding changes the embedding; otherwise a batch is as long as its
   * longest text.
   */
  paddedLength: z.int().min(3).max(65_536).optional(),
  /** Whether the caller of the tokenizer has to convert texts to lower case. */
  lowerCase: z.literal(true).optional(),
});

/**
 * The precision of an encoder's weights and of its computation. Inputs and embeddings are always float32.
 * - `fp32`: float32 throughout.
 * - `fp16`: half precision throughout, for GPUs. On the CPU, ONNX Runtime converts it to float32 when it loads the
 *   model; it is then as fast as `fp32`.
 * - `int8`: the matrices of linear layers in int8 with a scale for each output, other matrices and kernels in half
 *   precision; everything except these products is computed in float32. For CPUs only.
 */
const precision = z.enum(['fp32', 'fp16', 'int8']);

const manifestSchema = z.object({
  formatVersion: z.literal(2),
  /**
   * Identifies the embedding space: it changes with weights, precision and pre-processing, so an index never mixes two
   * spaces.
   */
  id: z.string().min(1).max(1000),
  name: z.string().min(1).max(1000),
  licence: z.string().max(10_000).nullable(),
  precision,
  embeddingSize: z.int().positive().max(65_536),
  /** Factor of cosines before a softmax, the exponential of the learned temperature (paper, section 2.3). */
  logitScale: z.number().positive(),
  /** For models trained with a sigmoid loss: P = sigmoid(logitScale · cosine + logitBias) (2303.15343). */
  logitBias: z.number().optional(),
  image: imageInput,
  /** Missing where the encoder has no dense branch, and in models that earlier versions converted. */
  dense: denseBranch.optional(),
  text: textInput,
  /**
   * File with the reference distribution of image embeddings, for confidences; null where the model has no such file.
   */
  calibration: fileName.nullable(),
});

export type ModelManifest = z.infer<typeof manifestSchema>;
export type Precision = z.infer<typeof precision>;
export type ImageInput = ModelManifest['image'];
export type TextInput = ModelManifest['text'];
export type ImageTensors = z.infer<typeof imageTensors>;
export type TextTensors = z.infer<typeof textTensors>;

/** A model folder with its validated manifest. */
export interface ModelFolder {
  readonly folder: string;
  readonly manifest: ModelManifest;
}

export const MANIFEST_FILE = 'manifest.json';

/**
 * Reads and checks the manifest of a converted model.
 * @throws UserError where the folder has no manifest, it is damaged, or it names a file outside the folder
 */
export async function openModelFolder(folder: string): Promise<ModelFolder> {
  const file = path.join(folder, MANIFEST_FILE);
  const text = await readRegularText(file, LARGEST).catch((error: unknown) => {
    throw new UserError(
      `No model in ${folder}: ${MANIFEST_FILE} cannot be read (${messageOf(error)}). ` +
        'Install one with "assetlens models add", convert a checkpoint with "assetlens convert <checkpoint folder> <model folder>", or omit --model to use the bundled model.',
    );
  });
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (error) {
    throw new UserError(`${file} is damaged (${messageOf(error)}). Convert the checkpoint again.`);
  }
  const parsed = manifestSchema.safeParse(json);
  if (!parsed.success) {
    throw new UserError([
      `${file} is not a valid manifest for this version of AssetLens:`,
      ...schemaProblems(parsed.error),
      'Convert the checkpoint again.',
    ]);
  }
  await assertFilesInFolder(folder, filesOf(parsed.data));
  return { folder, manifest: parsed.data };
}

function filesOf({ image, dense, text, calibration }: ModelManifest): string[] {
  const files = [image.graph, dense?.graph, dense?.gradient, text.graph, text.tokenizer, calibration];
  return files.filter((file) => file !== undefined && file !== null);
}
