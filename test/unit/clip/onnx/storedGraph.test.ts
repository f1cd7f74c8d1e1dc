import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { fragmentBytes, modelBytes } from '../../../../src/clip/onnx/encode.ts';
import { GraphBuilder } from '../../../../src/clip/onnx/graph.ts';
import {
  AttributeProto_AttributeType,
  ModelProtoSchema,
  TensorProto_DataType,
} from '../../../../src/clip/onnx/onnx_pb.ts';
import { saveModel } from '../../../../src/clip/onnx/save.ts';
import { readStoredGraph } from '../../../../src/clip/onnx/storedGraph.ts';
import { scalar, tensor } from '../../../../src/clip/onnx/tensor.ts';

const { FLOAT, FLOAT16, INT64 } = TensorProto_DataType;
const LARGE = 50_000;

describe('the nodes of an ONNX file', () => {
  let folder: string;
  let file: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'onnx '));
    file = path.join(folder, 'model.onnx');
  });
  after(() => rm(folder, { recursive: true }));

  for (const externalData of ['never', 'always'] as const) {
    it(`are read without the weights ${externalData === 'never' ? 'in' : 'beside'} it, which are read on demand`, async () => {
      const weights = Float32Array.from({ length: LARGE }, (_, i) => i / 3);
      const graph = new GraphBuilder('example');
      const x = graph.input('x', 'float32', ['N', LARGE]);
      const scaled = graph.node('scaled', 'Mul', [x, graph.constant('weights', tensor('float32', [LARGE], weights))]);
      graph.output('y', graph.node('sum', 'Add', [scaled, graph.constant('two', scalar(2))]), 'float32', ['N', LARGE]);
      await saveModel(graph.finish(), file, { externalData });
      const stored = await readStoredGraph(file);
      assert.deepEqual([stored.inputs, stored.operatorSet], [['x'], 17]);
      assert.deepEqual(
        stored.nodes.map(({ opType }) => opType),
        ['Mul', 'Add', 'Identity'],
      );
      assert.deepEqual(stored.constants.get('two')?.values, [2]);
      const { shape, type, values, data } = stored.constants.get('weights') ?? assert.fail();
      assert.deepEqual([shape, type, values, data?.byteLength], [[LARGE], 'float32', null, 4 * LARGE]);
      assert.deepEqual(await data?.read(), new Uint8Array(weights.buffer));
    });
  }

  it('include constants in every form of storage', async () => {
    const model: MessageInitShape<typeof ModelProtoSchema> = {
      opsetImport: [
        { domain: 'com.microsoft', version: 1n },
        { domain: '', version: 14n },
      ],
      graph: {
        initializer: [
          { name: 'floats', dataType: FLOAT, dims: [2n], floatData: [1.5, -2] },
          { name: 'integers', dataType: INT64, dims: [1n], int64Data: [-7n] },
          { name: 'halves', dataType: FLOAT16, dims: [1n], int32Data: [0x3c00] },
        ],
        node: [
          {
            opType: 'Constant',
            output: ['tensor'],
            attribute: [
              {
                name: 'value',
                type: AttributeProto_AttributeType.TENSOR,
                t: { dataType: INT64, rawData: new Uint8Array([3, 0, 0, 0, 0, 0, 0, 0]) },
              },
            ],
          },
          {
            opType: 'Constant',
            output: ['number'],
            attribute: [{ name: 'value_float', type: AttributeProto_AttributeType.FLOAT, f: 0.5 }],
          },
          {
            opType: 'Constant',
            output: ['list'],
            attribute: [{ name: 'value_ints', type: AttributeProto_AttributeType.INTS, ints: [1n, 2n] }],
          },
        ],
      },
    };
    await writeFile(file, toBinary(ModelProtoSchema, create(ModelProtoSchema, model)));
    const { constants, nodes, operatorSet } = await readStoredGraph(file);
    const values = Object.fromEntries([...constants].map(([name, constant]) => [name, constant.values]));
    assert.deepEqual(values, {
      floats: [1.5, -2],
      integers: [-7],
      halves: [1],
      tensor: [3],
      number: [0.5],
      list: [1, 2],
    });
    assert.deepEqual([nodes.length, operatorSet], [0, 14]);
  });

  it('include those of a fragment that is appended to the file', () => {
    const graph = new GraphBuilder('example');
    graph.output('y', graph.input('x', 'float32', [1]), 'float32', [1]);
    const more = new GraphBuilder('', 'more/');
    more.output('more/z', more.node('sum', 'Add', [{ name: 'x' }, more.constant('one', scalar(1))]), 'float32', [1]);
    const model = fromBinary(
      ModelProtoSchema,
      Buffer.concat([modelBytes(graph.finish()), fragmentBytes(more.finish())]),
    );
    assert.equal(model.opsetImport.length, 1);
    assert.equal(model.graph?.name, 'example');
    assert.deepEqual(
      model.graph.output.map(({ name }) => name),
      ['y', 'more/z'],
    );
    assert.deepEqual(
      model.graph.node.map(({ opType }) => opType),
      ['Identity', 'Add', 'Identity'],
    );
    assert.deepEqual(
      model.graph.initializer.map(({ name }) => name),
      ['more/one'],
    );
  });
});
