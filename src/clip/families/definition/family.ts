import type { ModelManifest, Precision, TextInput } from '../../base/manifest.ts';
import type { Graph, Value } from '../../onnx/graph.ts';
import type { Preprocessing } from './preprocessing.ts';
import type { PixelStatistics } from '../layers/layers.ts';
import type { Parameters } from '../layers/parameters.ts';
import type { Build } from '../layers/precision.ts';

/**
 * A family of models, such as CLIP: everything that differs between families. To add a family, add a folder whose
 * index.ts exports an object of this type, and a line in families/all.ts.
 */
export interface ModelFamily {
  /** Name in messages: "CLIP". */
  readonly name: string;
  /** Checkpoints and graphs in the format of transformers; null where the family has none. */
  readonly huggingFace: HuggingFaceFormat | null;
  /** Checkpoints and graphs in the format of open_clip. */
  readonly openClip: OpenClipFormat;
  /**
   * The architecture of a checkpoint without a configuration file; null where the tensors are not of this family.
   * @throws UserError where the tensors are of this family but a size cannot be determined
   */
  inferArchitecture?(tensors: TensorShapes, folder: string): Architecture | null;
  /**
   * Reads how token ids are made from pieces of text: the special tokens, the padding, and whether texts are in lower
   * case.
   * @throws UserError where the tokenizer does not fit the text encoder
   */
  readTokenSettings(files: TokenizerFiles, sizes: TextSizes): Promise<TokenSettings>;
  /** Graphs that other tools exported; null where the family has none. */
  readonly thirdParty: ThirdPartyGraphs | null;
}

export interface HuggingFaceFormat {
  /** Value of `model_type` in config.json. */
  readonly modelType: string;
  /** Name in messages, with the restrictions that apply. */
  readonly description: string;
  /**
   * Prefix of `image_processor_type` in preprocessor_config.json, and whether that processor crops where the file has
   * no value.
   */
  readonly imageProcessor: { readonly prefix: string; readonly crops: boolean };
  /** Pre-processing of a checkpoint without a preprocessor_config.json; null where that file is required. */
  readonly defaultPreprocessing: Preprocessing | null;
  /**
   * The architecture that a config.json describes.
   * @throws UserError where it cannot be built
   */
  parseArchitecture(json: unknown, file: string): Architecture;
  /**
   * The sizes in a config.json, for graphs of any architecture.
   * @throws UserError where the file is damaged
   */
  parseSizes(json: unknown, file: string): ModelSizes;
  /** The parameters of a checkpoint under the names that `Architecture` takes. */
  renameParameters(stored: Parameters): Parameters;
}

export interface OpenClipFormat {
  /**
   * Whether a configuration is of this family. CLIP takes those that no other family recognises.
   * @param modelConfig `model_cfg` of an open_clip_config.json
   */
  recognises(modelConfig: unknown): boolean;
  /**
   * The architecture that an open_clip_config.json describes.
   * @throws UserError where it cannot be built
   */
  parseArchitecture(json: unknown, file: string): Architecture;
  /**
   * The sizes in the `model_cfg` of an open_clip_config.json, for graphs of any architecture.
   * @throws UserError where such graphs cannot be used
   */
  parseSizes(modelConfig: unknown, file: string): ModelSizes;
}

export interface ThirdPartyGraphs {
  /** Names of the embedding that exporters use, in order of preference. */
  readonly imageOutputs: readonly string[];
  readonly textOutputs: readonly string[];
  /** Names of outputs before the projection, which are not embeddings. */
  readonly unprojectedOutputs: readonly string[];
  /** The score of models whose graphs and files do not contain it. */
  readonly defaultScore: Score;
  /**
   * Recognises the image encoder in a graph, without reading its weights.
   * @param output name of the embedding
   * @param imageSize pixels a side
   * @throws NotRecognised with the reason, as a clause for the user
   */
  readDense?(file: string, output: string, imageSize: number): Promise<ThirdPartyDense>;
}

/** Sizes of a model; null where its files leave them to the graphs. */
export interface ModelSizes {
  readonly imageSize: number | null;
  readonly contextLength: number | null;
  readonly embeddingSize: number | null;
  readonly vocabularySize: number | null;
}

/** The architecture of one model: its sizes, and its encoders as parts of a graph. */
export interface Architecture {
  readonly family: ModelFamily;
  /**
   * Everything the graphs are built from. Its JSON is part of a model's id, so keys and their order must not change.
   */
  readonly config: object;
  /** Pixels a side. */
  readonly imageSize: number;
  readonly embeddingSize: number;
  /** Maximum number of tokens, start and end token included. */
  readonly contextLength: number;
  readonly vocabularySize: number;
  /** Whether all texts have `contextLength` tokens; otherwise a batch is as long as its longest text. */
  readonly hasFixedTextLength: boolean;
  /** Normalised pixels [N, 3, S, S] → projection [N, E]. */
  encodeImage(build: Build, image: Value, parameters: Parameters): Value;
  /** Token ids int64 [N, T] → projection [N, E]. */
  encodeText(build: Build, ids: Value, parameters: Parameters): Value;
  /** The dense branch for heatmaps; null where the architecture has none. */
  denseGraphs(parameters: Parameters, options: ImageGraphOptions): DenseGraphs | null;
  /** Takes the parameters of the score; the function that it returns reads them. */
  takeScore(parameters: Parameters): () => Promise<Score>;
}

export interface GraphOptions {
  readonly precision: Precision;
}

export interface ImageGraphOptions extends GraphOptions {
  readonly statistics: PixelStatistics;
}

/**
 * The dense branch of an image encoder: an embedding for each cell, and how cells contribute to the embedding of the
 * image.
 */
export interface DenseGraphs {
  /** Input `pixels` uint8 [1, S, S, 3]; outputs `cells`, and `shares` or the state that `gradient` takes. */
  readonly graph: Graph;
  readonly gradient: Graph | null;
  /**
   * The graph serves only photos: its output `applies` [1] is 0 for an image that the encoder does not take for one.
   */
  readonly onlyPhotos: boolean;
}

/** Nodes and a gradient that turn a third-party graph into the dense branch of its encoder. */
export interface ThirdPartyDense {
  /** Bytes to append to those of the model. Outputs have the names of DenseGraphs behind THIRD_PARTY_PREFIX. */
  readonly fragment: Uint8Array;
  /** The model of the backward pass for a number of heads, or the reason why there is none. */
  readonly gradient: ((heads: number) => Promise<Uint8Array>) | { readonly refused: string };
}

/** Prefix of all names that are added to a third-party graph. No exporter uses it. */
export const THIRD_PARTY_PREFIX = 'assetlens/';

/** A third-party graph is not built as expected. The message is the reason, as a clause for the user. */
export class NotRecognised extends Error {}

/** How a cosine becomes a logit: scale · cosine, or scale · cosine + bias for models trained with a sigmoid loss. */
export type Score = Pick<ModelManifest, 'logitScale' | 'logitBias'>;

export type TokenSettings = Pick<TextInput, 'startToken' | 'endToken' | 'padToken' | 'paddedLength' | 'lowerCase'>;

export interface TokenizerFiles {
  /** tokenizer.json */
  readonly tokenizer: string;
  /** tokenizer_config.json, which may be missing. */
  readonly config: string | null;
}

export interface TextSizes {
  /** Rows of the text encoder's token table. */
  readonly vocabularySize: number;
  readonly contextLength: number;
}

/** Names and shapes of the tensors of a checkpoint. */
export type TensorShapes = ReadonlyMap<string, { readonly shape: readonly number[] }>;
