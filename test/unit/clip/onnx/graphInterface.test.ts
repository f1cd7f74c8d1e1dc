import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { create, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { GraphBuilder } from '../../../../src/clip/onnx/graph.ts';
import { readGraphInterface } from '../../../../src/clip/onnx/graphInterface.ts';
import { ModelProtoSchema, TensorProto_DataType } from '../../../../src/clip/onnx/onnx_pb.ts';
import { saveModel } from '../../../../src/clip/onnx/save.ts';
import { tensor } from '../../../../src/clip/onnx/tensor.ts';

type Model = MessageInitShape<typeof ModelProtoSchema>;
const { FLOAT, BFLOAT16 } = TensorProto_DataType;
const tensorType = (elemType: number, ...sizes: bigint[]) => ({
  value: {
    case: 'tensorType' as const,
    value: { elemType, shape: { dim: sizes.map((value) => ({ value: { case: 'dimValue' as const, value } })) } },
  },
});

describe('the interface of an ONNX file', () => {
  let folder: string;
  let file: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'onnx '));
    file = path.join(folder, 'model.onnx');
  });
  after(() => rm(folder, { recursive: true }));
  const write = (model: Model) => writeFile(file, toBinary(ModelProtoSchema, create(ModelProtoSchema, model)));

  it('is read without the weights, whatever their size', async () => {
    const graph = new GraphBuilder('example');
    let x = graph.input('x', 'float32', ['N', 50_000]);
    for (const name of ['first', 'second']) {
      x = graph.node(name, 'Mul', [
        x,
        graph.constant(`${name} weight`, tensor('float32', [50_000], new Float32Array(50_000))),
      ]);
    }
    graph.output('y', x, 'float32', ['N', 50_000]);
    const finished = graph.finish();
    const expected = {
      inputs: [{ name: 'x', type: 'float32', shape: [null, 50_000] }],
      outputs: [{ name: 'y', type: 'float32', shape: [null, 50_000] }],
    };
    await saveModel(finished, file);
    assert.deepEqual(await readGraphInterface(file), { ...expected, externalFiles: [] });
    await saveModel(finished, file, { externalData: 'always' });
    assert.deepEqual(await readGraphInterface(file), { ...expected, externalFiles: ['model.onnx.data'] });
  });

  it('does not include constants that old exporters list as inputs', async () => {
    await write({
      graph: {
        input: [
          { name: 'x', type: tensorType(FLOAT, 1n, 3n) },
          { name: 'weight', type: tensorType(FLOAT, 3n) },
        ],
        output: [{ name: 'y', type: tensorType(BFLOAT16, 0n) }],
        initializer: [{ name: 'weight', dataType: FLOAT, dims: [3n], floatData: [1, 2, 3] }],
      },
    });
    assert.deepEqual(await readGraphInterface(file), {
      inputs: [{ name: 'x', type: 'float32', shape: [1, 3] }],
      outputs: [{ name: 'y', type: null, shape: [null] }],
      externalFiles: [],
    });
  });

  it('cannot be read from bytes that are not a model', async () => {
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from('PK\x03\x04 an archive'),
      Buffer.alloc(100, 0xff),
      Buffer.from([0x3a, 0xff, 0x01, 0]),
    ]) {
      await writeFile(file, bytes);
      await assert.rejects(readGraphInterface(file), {
        name: 'UserError',
        message: /is not an ONNX model, or it is truncated/,
      });
    }
  });
});
