import { UserError } from '../../base/userError.ts';
import type { Precision } from '../base/manifest.ts';

/** Third-party graphs of both encoders, and the files with their settings. All names are those of the source. */
export interface GraphLayout {
  readonly kind: 'transformers.js' | 'open_clip' | 'immich';
  readonly visual: string;
  readonly textual: string;
  /** tokenizer.json, or the merges of openai/CLIP. */
  readonly tokenizer: string;
  /** Pre-processing of images; null where the layout does not need it. */
  readonly preprocessing: string | null;
  readonly config: string | null;
  /** Settings of the tokenizer that its file does not contain. */
  readonly tokenizerConfig: string | null;
  readonly precision: 'fp32' | 'fp16';
}

/** Weights in safetensors, which are converted into graphs. */
export interface CheckpointLayout {
  readonly kind: 'checkpoint';
  readonly folder: string;
  /** The file with the weights, or an index of the files with the weights. */
  readonly weights: string;
  /** Whether `weights` is an index. */
  readonly isSharded: boolean;
  /** Existing files with settings. */
  readonly settings: readonly string[];
}

/** A model folder that "assetlens convert" made. */
export interface OwnLayout {
  readonly kind: 'assetlens';
  readonly folder: string;
  readonly files: readonly string[];
}

export type Layout = GraphLayout | CheckpointLayout | OwnLayout;

export interface LayoutOptions {
  /** Folder of the model in the source, with "/". Default: its root, or the only folder with a model. */
  readonly folder?: string | undefined;
  /** Precision of the graphs to use, or of those that a checkpoint is converted to. */
  readonly precision?: Precision | undefined;
}

const MERGES = 'bpe_simple_vocab_16e6.txt.gz';
const CHECKPOINT_SETTINGS = [
  'open_clip_config.json',
  'config.json',
  'preprocessor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'calibration.json',
  'README.md',
];
const pickled = /\.(pt|pth|bin|ckpt)$/;

/**
 * Recognises the layout of a model by the names of its files. A checkpoint is preferred to graphs, because converted
 * graphs have more features.
 * @param source for messages
 * @throws UserError where there is no model that can be installed, or more than one
 */
export function detectLayout(files: readonly string[], source: string, options: LayoutOptions = {}): Layout {
  const { folder, precision } = options;
  const root = layoutIn(folder?.replace(/\/+$/, '') ?? '', files, source, precision);
  if (root) return root;
  const folders = folder === undefined ? foldersOf(files) : [];
  const models = folders.flatMap((name) => {
    const layout = layoutIn(name, files, source, precision);
    return layout ? [{ name, layout }] : [];
  });
  const [only, another] = models;
  if (only && !another) return only.layout;
  if (another) {
    const names = models.map(({ name }) => name).join(', ');
    throw new UserError(`${source} contains several models. Choose one with --folder: ${names}.`);
  }
  const pickle = files.find((name) => pickled.test(name));
  throw new UserError(
    pickle === undefined
      ? `${source} contains no CLIP model in a supported layout. Use a checkpoint in safetensors, or graphs in the layout of transformers.js, open_clip or Immich.`
      : `${source} contains its weights only as a Python pickle (${pickle}). AssetLens does not open pickles because they can run code. Use a repository with safetensors.`,
  );
}

function layoutIn(folder: string, files: readonly string[], source: string, precision?: Precision): Layout | null {
  const prefix = folder === '' ? '' : `${folder}/`;
  const has = (name: string): boolean => files.includes(prefix + name);
  const at = (name: string): string => prefix + name;
  if (has('manifest.json')) {
    return { kind: 'assetlens', folder, files: files.filter((name) => name.startsWith(prefix)) };
  }
  const checkpoint = checkpointIn(folder, files);
  if (checkpoint) return checkpoint;
  const tokenizerIn = (...names: readonly string[]): string => {
    const found = names.find((name) => files.includes(name));
    if (found !== undefined) return found;
    throw new UserError(
      `${source} has graphs of a CLIP model, but no tokenizer (${names.join(' or ')}). Use another repository.`,
    );
  };
  const optional = (name: string): string | null => (has(name) ? at(name) : null);
  if (has('visual/model.onnx') && has('textual/model.onnx')) {
    return {
      kind: 'immich',
      visual: at('visual/model.onnx'),
      textual: at('textual/model.onnx'),
      tokenizer: tokenizerIn(at('textual/tokenizer.json')),
      preprocessing: optional('visual/preprocess_cfg.json'),
      config: optional('config.json'),
      tokenizerConfig: null,
      precision: singlePrecision(source, precision),
    };
  }
  if (has('visual.onnx') && has('textual.onnx')) {
    return {
      kind: 'open_clip',
      visual: at('visual.onnx'),
      textual: at('textual.onnx'),
      // rclip has one tokenizer for all models.
      tokenizer: tokenizerIn(at('tokenizer.json'), at(MERGES), at(`tokenizer/${MERGES}`), `tokenizer/${MERGES}`),
      preprocessing: null,
      config: optional('open_clip_config.json'),
      tokenizerConfig: null,
      precision: singlePrecision(source, precision),
    };
  }
  const chosen = transformersJsPrecision(has, source, precision);
  if (chosen === null) return null;
  const suffix = suffixOf[chosen];
  return {
    kind: 'transformers.js',
    visual: at(`onnx/vision_model${suffix}.onnx`),
    textual: at(`onnx/text_model${suffix}.onnx`),
    tokenizer: tokenizerIn(at('tokenizer.json')),
    preprocessing: optional('preprocessor_config.json'),
    config: optional('config.json'),
    tokenizerConfig: optional('tokenizer_config.json'),
    precision: chosen,
  };
}

/** Prefers the weight files that openCheckpoint prefers. */
function checkpointIn(folder: string, files: readonly string[]): CheckpointLayout | null {
  const prefix = folder === '' ? '' : `${folder}/`;
  const filesInFolder = files.filter((name) => name.startsWith(prefix) && !name.slice(prefix.length).includes('/'));
  const index = `${prefix}model.safetensors.index.json`;
  const named = [`${prefix}open_clip_model.safetensors`, index, `${prefix}model.safetensors`].find((name) =>
    filesInFolder.includes(name),
  );
  const [only, another] = filesInFolder.filter((name) => name.endsWith('.safetensors'));
  const weights = named ?? (another === undefined ? only : undefined);
  if (weights === undefined) return null;
  const settings = CHECKPOINT_SETTINGS.map((name) => prefix + name).filter((name) => filesInFolder.includes(name));
  return { kind: 'checkpoint', folder, weights, isSharded: weights === index, settings };
}

const suffixOf = { fp32: '', fp16: '_fp16' } as const;

/**
 * Other forms (q8, q4) lose accuracy, and with the popular q8 file an embedding depends on the other images of the
 * batch.
 */
function transformersJsPrecision(
  has: (name: string) => boolean,
  source: string,
  wanted?: Precision,
): 'fp32' | 'fp16' | null {
  const available = (['fp32', 'fp16'] as const).filter(
    (precision) =>
      has(`onnx/vision_model${suffixOf[precision]}.onnx`) && has(`onnx/text_model${suffixOf[precision]}.onnx`),
  );
  const [first] = available;
  if (first === undefined) return null;
  if (wanted === undefined) return first;
  const chosen = available.find((precision) => precision === wanted);
  if (chosen !== undefined) return chosen;
  throw new UserError(
    `${source} has no supported graphs in ${wanted}. Choose ${available.join(' or ')} with --precision.`,
  );
}

function singlePrecision(source: string, wanted?: Precision): 'fp32' {
  if (wanted === undefined || wanted === 'fp32') return 'fp32';
  throw new UserError(`${source} has no graphs in ${wanted}. Omit --precision.`);
}

/** Top-level folders, which may contain a model. */
function foldersOf(files: readonly string[]): string[] {
  return [...new Set(files.filter((name) => name.includes('/')).map((name) => name.slice(0, name.indexOf('/'))))];
}
