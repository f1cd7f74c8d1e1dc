import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { create } from '@bufbuild/protobuf';
import { NotRecognised } from '../../../../../../src/clip/families/index.ts';
import { matchGradient } from '../../../../../../src/clip/families/clip/thirdParty/matchGradient.ts';
import { matchTransformer } from '../../../../../../src/clip/families/clip/thirdParty/matchTransformer.ts';
import { type NodeProto, NodeProtoSchema } from '../../../../../../src/clip/onnx/onnx_pb.ts';
import { saveModel } from '../../../../../../src/clip/onnx/save.ts';
import { readStoredGraph, type StoredGraph } from '../../../../../../src/clip/onnx/storedGraph.ts';
import { EMBEDDING, graphsOf, SIZE, writeCheckpoint } from '../../../../../models/layouts.ts';

const OUTPUT = 'image_embeds';

describe('a third-party graph', () => {
  let folder: string;
  let graph: StoredGraph;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'assetlens-match-'));
    await writeCheckpoint(path.join(folder, 'checkpoint'));
    const file = path.join(folder, 'model.onnx');
    const { visual } = await graphsOf(path.join(folder, 'checkpoint'), 'transformersJs');
    await saveModel(visual, file, { externalData: 'always' });
    await rm(`${file}.data`); // the weights are not read
    graph = await readStoredGraph(file);
  });
  after(() => rm(folder, { recursive: true }));

  /** The graph with some nodes replaced; null keeps a node. */
  const changed = (change: (node: NodeProto, all: StoredGraph) => Partial<NodeProto> | null): StoredGraph => ({
    ...graph,
    nodes: graph.nodes.map((node) => create(NodeProtoSchema, { ...node, ...change(node, graph) })),
  });
  const last = (opType: string): NodeProto =>
    graph.nodes.findLast((node) => node.opType === opType) ?? assert.fail(opType);
  const assertRefused = (other: StoredGraph, because: RegExp): void => {
    assert.throws(
      () => matchTransformer(other, OUTPUT, SIZE),
      (error) => error instanceof NotRecognised && because.test(error.message),
    );
  };

  it('is recognised by its nodes, whatever the names of its values', () => {
    const renamed = new Map<string, string>();
    const other = (name: string): string => {
      if (name === OUTPUT || name === '') return name;
      renamed.set(name, renamed.get(name) ?? `v${renamed.size}`);
      return renamed.get(name) ?? '';
    };
    const match = matchTransformer(
      {
        ...graph,
        inputs: graph.inputs.map(other),
        constants: new Map([...graph.constants].map(([name, constant]) => [other(name), constant])),
        nodes: graph.nodes.map((node) =>
          create(NodeProtoSchema, { ...node, name: '', input: node.input.map(other), output: node.output.map(other) }),
        ),
      },
      OUTPUT,
      SIZE,
    );
    const { layers, width, tokens, embeddingSize } = match;
    assert.deepEqual([layers, width, tokens, embeddingSize], [2, 48, 17, EMBEDDING]);
    const { config } = matchGradient(match);
    assert.deepEqual([config.mlpWidth, config.activation, config.width], [96, 'quickGelu', 48]);
  });

  it('is refused if it is quantised', () => {
    assertRefused(
      changed((node) => (node === last('MatMul') ? { opType: 'MatMulInteger' } : null)),
      /^it is quantised \(MatMulInteger\)/,
    );
    assertRefused(
      changed((node) => (node === last('Add') ? { opType: 'DequantizeLinear' } : null)),
      /quantised \(DequantizeLinear\)/,
    );
  });

  it('is refused if its attention is one node', () => {
    const fused = { opType: 'MultiHeadAttention', domain: 'com.microsoft' };
    assertRefused(
      changed((node) => (node === last('Softmax') ? fused : null)),
      /its attention is one node \(com\.microsoft\.MultiHeadAttention\)/,
    );
  });

  it('is refused if its operator set is too old', () => {
    assertRefused({ ...graph, operatorSet: 9 }, /too old \(9\)/);
  });

  it('is refused if one of its parts differs', () => {
    assertRefused(
      changed((node) => (node === last('LayerNormalization') ? { opType: 'GroupNormalization' } : null)),
      /no layer normalisation precedes its projection/,
    );
    assertRefused(
      changed((node) => (node === last('Softmax') ? { opType: 'Sigmoid' } : null)),
      /no attention of softmax/,
    );
    assertRefused(
      changed((node) => (node.opType === 'Conv' ? { opType: 'ConvTranspose' } : null)),
      /its patches do not come from one convolution/,
    );
    assertRefused(
      changed(({ opType, attribute }) =>
        opType === 'Conv' ? { attribute: attribute.filter(({ name }) => name !== 'strides') } : null,
      ),
      /its patches overlap/,
    );
    assert.throws(() => matchTransformer(graph, OUTPUT, SIZE + 1), /do not fill the image/);
    assert.throws(() => matchTransformer(graph, 'another', SIZE), /its embedding is not a linear projection/);
  });

  it('is refused if its attention scores are more than a product', () => {
    const scores = last('Softmax').input[0] ?? '';
    const product = graph.nodes.find(({ output }) => output.includes(scores));
    assert.equal(product?.opType, 'MatMul');
    const bias = graph.constants.keys().next().value ?? '';
    const masked = create(NodeProtoSchema, { opType: 'Add', input: [scores, bias], output: ['masked'] });
    const nodes = graph.nodes.flatMap((node) =>
      node === last('Softmax') ? [masked, create(NodeProtoSchema, { ...node, input: ['masked'] })] : [node],
    );
    assertRefused({ ...graph, nodes }, /no attention of softmax/);
  });

  it('has cells but no backward pass if its activation is unknown', () => {
    const match = matchTransformer(
      changed((node) => (node === last('Sigmoid') ? { opType: 'Tanh' } : null)),
      OUTPUT,
      SIZE,
    );
    assert.throws(() => matchGradient(match), /the activation of its MLP is neither GELU nor QuickGELU/);
  });
});
