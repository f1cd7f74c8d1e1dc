/**
 * CLIPs with random weights, small and of full size, and their graphs as other makers lay them out, made by our own
 * graph builder.
 */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { create } from '@bufbuild/protobuf';
import { VIT_B32, type RandomShape } from '../../tools/shared/randomCheckpoint.ts';
import { mergesFileOf, SMALL } from '../../tools/shared/smallCheckpoint.ts';
import { transformersJsGraphs } from '../../tools/shared/transformersJsGraphs.ts';
import { openCheckpoint } from '../../src/clip/checkpoint/checkpoint.ts';
import { checkpointGraphs } from '../../src/clip/checkpoint/convert.ts';
import { valueInfo, type Graph } from '../../src/clip/onnx/graph.ts';
import {
  NodeProtoSchema,
  TensorProto_DataType,
  ValueInfoProtoSchema,
  type NodeProto,
  type ValueInfoProto,
} from '../../src/clip/onnx/onnx_pb.ts';
import { saveModel, type SaveOptions } from '../../src/clip/onnx/save.ts';
import { elementCode, integers, type Dimension, type ElementType } from '../../src/clip/onnx/tensor.ts';

export { CONTEXT, EMBEDDING, SIZE, writeCheckpoint } from '../../tools/shared/smallCheckpoint.ts';

/** OpenAI's ViT-B/32, both encoders (paper, table 20). */
export const FULL_SIZE: RandomShape = {
  vision: VIT_B32,
  text: { context: 77, vocabulary: 49408, width: 512, layers: 12, heads: 8, mlpWidth: 2048 },
};

/** An input or output as another exporter would declare it. */
export interface Declared {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly Dimension[];
}

export interface Pair {
  visual: Graph;
  textual: Graph;
}

/** The graphs as `interface` names their inputs and outputs: those of a model folder, or those of transformers.js. */
export async function graphsOf(
  checkpoint: string,
  graphInterface: 'assetlens' | 'transformersJs',
  precision: 'fp32' | 'fp16' = 'fp32',
): Promise<Pair> {
  const graphs = graphInterface === 'assetlens' ? checkpointGraphs : transformersJsGraphs;
  return graphs(await openCheckpoint(checkpoint), precision);
}

/** The graph with its only input and output declared otherwise; ids in int32 are widened first. */
export function redeclared(graph: Graph, input: Declared, output?: Declared): Graph {
  const [oldInput] = graph.inputs;
  const [oldOutput] = graph.outputs;
  if (!oldInput || !oldOutput) throw new Error('A graph of ours has one input and one output');
  const isNarrow = input.type === 'int32';
  const inner = isNarrow ? `${input.name}/wide` : input.name;
  const outputName = output?.name ?? oldOutput.name;
  const nodes = graph.nodes.map((node) =>
    create(NodeProtoSchema, {
      ...node,
      input: node.input.map((name) => (name === oldInput.name ? inner : name)),
      output: node.output.map((name) => (name === oldOutput.name ? outputName : name)),
    }),
  );
  const cast = isNarrow ? [nodeProto('Cast', [input.name], inner, elementCode('int64'))] : [];
  return {
    ...graph,
    inputs: [declared(input)],
    outputs: [output ? declared(output) : oldOutput],
    nodes: [...cast, ...nodes],
  };
}

/** The graph with unit rows, as Immich's exporter makes them. */
export function normalised(graph: Graph, name: string): Graph {
  const [output] = graph.outputs;
  if (!output) throw new Error('A graph of ours has an output');
  const nodes = [
    ...graph.nodes,
    create(NodeProtoSchema, { opType: 'LpNormalization', input: [output.name], output: [name] }),
  ];
  return { ...graph, nodes, outputs: [create(ValueInfoProtoSchema, { ...output, name })] };
}

/**
 * Of a small checkpoint, the text graph with a mask that counts: where it is 0, whatever the ids are, there is the end
 * token.
 */
export function masked(graph: Graph): Graph {
  const [ids] = graph.inputs;
  if (!ids) throw new Error('A graph of ours has an input');
  const mask: Declared = { name: 'attention_mask', type: 'int64', shape: ['N', 'T'] };
  const inner = `${ids.name}/masked`;
  const nodes = graph.nodes.map((node) =>
    create(NodeProtoSchema, { ...node, input: node.input.map((name) => (name === ids.name ? inner : name)) }),
  );
  return {
    ...graph,
    inputs: [declared(mask), ids],
    constants: new Map([...graph.constants, ['mask/end', integers(SMALL.text.vocabulary - 1)]]),
    nodes: [
      nodeProto('Cast', ['attention_mask'], 'mask/flags', TensorProto_DataType.BOOL),
      nodeProto('Where', ['mask/flags', ids.name, 'mask/end'], inner),
      ...nodes,
    ],
  };
}

export async function writeTransformersJs(
  checkpoint: string,
  folder: string,
  change = (pair: Pair) => pair,
): Promise<void> {
  await mkdir(path.join(folder, 'onnx'), { recursive: true });
  for (const [precision, suffix] of [
    ['fp32', ''],
    ['fp16', '_fp16'],
  ] as const) {
    const { visual, textual } = change(await graphsOf(checkpoint, 'transformersJs', precision));
    // Exporters leave the sizes of images open.
    const image =
      visual.inputs[0]?.name === 'pixel_values'
        ? redeclared(visual, { name: 'pixel_values', type: 'float32', shape: ['N', 'C', 'H', 'W'] })
        : visual;
    await saveModel(image, path.join(folder, `onnx/vision_model${suffix}.onnx`));
    await saveModel(textual, path.join(folder, `onnx/text_model${suffix}.onnx`));
  }
  for (const file of ['tokenizer.json', 'preprocessor_config.json', 'config.json', 'README.md']) {
    await cp(path.join(checkpoint, file), path.join(folder, file));
  }
}

/** As rclip's repository: a folder for each model, one tokenizer for all. */
export async function writeOpenClip(checkpoint: string, folder: string): Promise<void> {
  const model = path.join(folder, 'ViT-small');
  await mkdir(model, { recursive: true });
  await mkdir(path.join(folder, 'tokenizer'));
  const { visual, textual } = await graphsOf(checkpoint, 'transformersJs');
  const { size, context, vocabulary, embeddingSize } = await sizesOf(checkpoint);
  const embedding: Declared = { name: 'output', type: 'float32', shape: ['batch', embeddingSize] };
  await saveModel(
    redeclared(visual, { name: 'input', type: 'float32', shape: ['batch', 3, size, size] }, embedding),
    path.join(model, 'visual.onnx'),
  );
  await saveModel(
    redeclared(textual, { name: 'input', type: 'int64', shape: ['batch', context] }, embedding),
    path.join(model, 'textual.onnx'),
  );
  await writeFile(path.join(folder, 'tokenizer/bpe_simple_vocab_16e6.txt.gz'), mergesFileOf(vocabulary));
  const config = { model_cfg: await openClipModel(checkpoint), preprocess_cfg: preprocessing(size) };
  await writeFile(path.join(model, 'open_clip_config.json'), JSON.stringify(config));
  await cp(path.join(checkpoint, 'README.md'), path.join(folder, 'README.md'));
}

interface Sizes {
  readonly size: number;
  readonly context: number;
  readonly vocabulary: number;
  readonly embeddingSize: number;
}

async function sizesOf(checkpoint: string): Promise<Sizes> {
  const { imageSize, contextLength, vocabularySize, embeddingSize } = (await openCheckpoint(checkpoint)).architecture;
  return { size: imageSize, context: contextLength, vocabulary: vocabularySize, embeddingSize };
}

async function openClipModel(checkpoint: string) {
  const { size, context, vocabulary, embeddingSize } = await sizesOf(checkpoint);
  return {
    embed_dim: embeddingSize,
    vision_cfg: { image_size: size },
    text_cfg: { context_length: context, vocab_size: vocabulary },
  };
}

const preprocessing = (size: number) => ({
  size: [size, size],
  mode: 'RGB',
  mean: [0.4, 0.5, 0.6],
  std: [0.2, 0.3, 0.25],
  interpolation: 'bicubic',
  resize_mode: 'shortest',
  fill_color: 0,
});

/**
 * @param form `fixed`: one image of float32, one text of int32, weights inside; `recent`: uint8 images that the graph
 * normalises, any number of them, weights beside the graph
 */
export async function writeImmich(checkpoint: string, folder: string, form: 'fixed' | 'recent'): Promise<void> {
  for (const name of ['visual', 'textual']) await mkdir(path.join(folder, name), { recursive: true });
  const isFixed = form === 'fixed';
  const N = isFixed ? 1 : 'batch';
  const own = await graphsOf(checkpoint, 'assetlens');
  const theirs = await graphsOf(checkpoint, 'transformersJs');
  const { size, context, embeddingSize } = await sizesOf(checkpoint);
  const visual = isFixed
    ? redeclared(normalised(theirs.visual, 'embedding'), { name: 'image', type: 'float32', shape: [1, 3, size, size] })
    : redeclared(
        own.visual,
        { name: 'image', type: 'uint8', shape: [N, size, size, 3] },
        { name: 'image_embedding', type: 'float32', shape: [N, embeddingSize] },
      );
  const textual = redeclared(
    own.textual,
    { name: 'text', type: 'int32', shape: [N, context] },
    { name: isFixed ? 'embedding' : 'text_embedding', type: 'float32', shape: [N, embeddingSize] },
  );
  const save: SaveOptions = { externalData: isFixed ? 'never' : 'always' };
  await saveModel(visual, path.join(folder, 'visual/model.onnx'), save);
  await saveModel(textual, path.join(folder, 'textual/model.onnx'), save);
  await writeFile(path.join(folder, 'visual/preprocess_cfg.json'), JSON.stringify(preprocessing(size)));
  await writeFile(path.join(folder, 'config.json'), JSON.stringify(await openClipModel(checkpoint)));
  await cp(path.join(checkpoint, 'tokenizer.json'), path.join(folder, 'textual/tokenizer.json'));
}

/** A JSON file with something changed. */
export async function editJson(file: string, edit: (json: Record<string, unknown>) => void): Promise<void> {
  const json = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  edit(json);
  await writeFile(file, JSON.stringify(json));
}

function nodeProto(opType: string, input: string[], output: string, to?: number): NodeProto {
  const INT = 2;
  const attribute = to === undefined ? [] : [{ name: 'to', type: INT, i: BigInt(to) } as const];
  return create(NodeProtoSchema, { opType, input, output: [output], attribute });
}

const declared = ({ name, type, shape }: Declared): ValueInfoProto => valueInfo(name, type, shape);

/** A folder beside others that somebody has laid out anew. */
export async function laidOut(root: string, write: (folder: string) => Promise<void>): Promise<string> {
  const folder = path.join(root, 'layout');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  await write(folder);
  return folder;
}
