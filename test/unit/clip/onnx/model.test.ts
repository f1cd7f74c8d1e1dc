import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { modelBytes } from '../../../../src/clip/onnx/encode.ts';
import { type Graph, GraphBuilder } from '../../../../src/clip/onnx/graph.ts';
import { ModelProtoSchema, TensorProto_DataLocation, TensorProto_DataType } from '../../../../src/clip/onnx/onnx_pb.ts';
import { saveModel, saveSharingWeights } from '../../../../src/clip/onnx/save.ts';
import { integers, scalar, tensor, type Tensor } from '../../../../src/clip/onnx/tensor.ts';

const ramp = Float32Array.from({ length: 1024 }, (_, at) => at);

/** A constant that is read only when it is written, like the weights of a checkpoint. */
function lazy(values: Float32Array, announced = values.byteLength): Tensor {
  const bytes = new Uint8Array(values.buffer);
  return {
    type: 'float32',
    shape: [values.length],
    data: { byteLength: announced, read: () => Promise.resolve(bytes) },
  };
}

function exampleGraph(...weights: readonly Tensor[]): Graph {
  const graph = new GraphBuilder('example');
  let x = graph.input('x', 'float32', ['N', 1024]);
  for (const [at, weight] of weights.entries()) {
    const section = graph.within(`layer.${at}`);
    x = section.node('scaled', 'Mul', [x, section.constant('weight', weight)]);
  }
  graph.output('y', x, 'float32', ['N', 1024]);
  return graph.finish();
}

describe('the graph builder', () => {
  it('prefixes the names of nodes and constants with their section', () => {
    const { nodes, constants } = exampleGraph(lazy(ramp), lazy(ramp));
    assert.deepEqual(
      nodes.map((node) => [node.name, ...node.input]),
      [
        ['layer.0/scaled', 'x', 'layer.0/weight'],
        ['layer.1/scaled', 'layer.0/scaled', 'layer.1/weight'],
        ['y', 'layer.1/scaled'],
      ],
    );
    assert.deepEqual([...constants.keys()], ['layer.0/weight', 'layer.1/weight']);
  });

  it('refuses two values with the same name, which ONNX would treat as one', () => {
    const graph = new GraphBuilder('example');
    graph.constant('weight', scalar(1));
    assert.throws(() => graph.node('weight', 'Relu', []), /Two values named "weight"/);
  });

  it('refuses values whose number does not match their shape', () => {
    assert.throws(() => tensor('float32', [2, 3], new Float32Array(5)), /takes 24 bytes, not 20/);
  });
});

describe('ONNX encoding', () => {
  it('writes the graph as a protobuf message', () => {
    const graph = new GraphBuilder('example');
    const x = graph.input('x', 'uint8', ['N', 3]);
    const [low, high] = graph.nodes('split', 'Split', [x, graph.constant('sizes', integers(1, 2))], { axis: -1 }, [
      '_low',
      '_high',
    ]);
    const scaled = graph.node('scaled', 'Gemm', [low, null, high], {
      alpha: { float: 0.5 },
      mode: 'linear',
      to: [1, 2],
    });
    graph.output('y', scaled, 'float32', ['N', 1]);
    const model = fromBinary(ModelProtoSchema, modelBytes(graph.finish()));

    assert.equal(model.irVersion, 8n);
    assert.deepEqual(
      model.opsetImport.map((set) => [set.domain, set.version]),
      [['', 17n]],
    );
    const [split, gemm] = model.graph?.node ?? [];
    assert.deepEqual(split?.output, ['split_low', 'split_high']);
    assert.deepEqual(gemm?.input, ['split_low', '', 'split_high']);
    assert.deepEqual(
      gemm.attribute.map(({ name, f, s, ints }) => [name, f, Buffer.from(s).toString(), ints]),
      [
        ['alpha', 0.5, '', []],
        ['mode', 0, 'linear', []],
        ['to', 0, '', [1n, 2n]],
      ],
    );
    const [sizes] = model.graph?.initializer ?? [];
    assert.equal(sizes?.dataType, TensorProto_DataType.INT64);
    assert.deepEqual(new Uint8Array(sizes.rawData), new Uint8Array(BigInt64Array.of(1n, 2n).buffer));
  });

  it('fails in memory for weights that have not been read', () => {
    assert.throws(() => modelBytes(exampleGraph(lazy(ramp))), /save it to a file/);
  });
});

describe('saving a model', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'assetlens-onnx-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('keeps small models in one file', async () => {
    const file = path.join(folder, 'one.onnx');
    let written = 0;
    await saveModel(exampleGraph(lazy(ramp)), file, { onWritten: (bytes) => (written += bytes) });
    const bytes = await readFile(file);
    assert.equal(written, bytes.byteLength);
    const [weight] = fromBinary(ModelProtoSchema, bytes).graph?.initializer ?? [];
    assert.deepEqual(new Uint8Array(weight?.rawData ?? []), new Uint8Array(ramp.buffer));
  });

  it('aligns external weights to pages, in the order of the graph', async () => {
    const file = path.join(folder, 'two.onnx');
    const odd = ramp.slice(0, 300); // 1200 bytes, so that the next one needs a gap
    await saveModel(exampleGraph(lazy(odd), scalar(2), lazy(ramp)), file, { externalData: 'always' });
    const data = await readFile(`${file}.data`);
    const initializers = fromBinary(ModelProtoSchema, await readFile(file)).graph?.initializer ?? [];
    const places = initializers.map((weight) => Object.fromEntries(weight.externalData.map((e) => [e.key, e.value])));
    assert.deepEqual(places, [
      { location: 'two.onnx.data', offset: '0', length: '1200' },
      {},
      { location: 'two.onnx.data', offset: '4096', length: '4096' },
    ]);
    assert.equal(initializers[0]?.dataLocation, TensorProto_DataLocation.EXTERNAL);
    assert.deepEqual(new Uint8Array(data.subarray(4096)), new Uint8Array(ramp.buffer));
  });

  it('stores a weight that several models share once, whatever its names, and keeps each model file small', async () => {
    const odd = ramp.slice(0, 300);
    const [first, second] = ['a.onnx', 'b.onnx'].map((name) => path.join(folder, name));
    assert.ok(first && second);
    const models = [
      { graph: exampleGraph(lazy(ramp), scalar(2)), file: first },
      { graph: exampleGraph(lazy(odd), lazy(ramp), scalar(2)), file: second },
    ];
    let done = 0;
    await saveSharingWeights(models, 'both.data', { onWritten: (bytes) => (done += bytes) });
    const placesOf = async (file: string) => {
      const { graph } = fromBinary(ModelProtoSchema, await readFile(file));
      return graph?.initializer.map((weight) => Object.fromEntries(weight.externalData.map((e) => [e.key, e.value])));
    };
    const shared = { location: 'both.data', offset: '0', length: '4096' };
    assert.deepEqual(await placesOf(first), [shared, {}]);
    assert.deepEqual(await placesOf(second), [{ location: 'both.data', offset: '4096', length: '1200' }, shared, {}]);
    assert.equal((await readFile(path.join(folder, 'both.data'))).byteLength, 4096 + 1200);
    assert.equal(done, 2 * 4096 + 1200, 'progress counts the bytes that were read for each model');
    const signal = AbortSignal.abort(new Error('enough'));
    await assert.rejects(saveSharingWeights(models, 'both.data', { signal }), /enough/);
  });

  it('fails if the bytes of a weight do not match its shape', async () => {
    const graph = exampleGraph(lazy(ramp, 8));
    await assert.rejects(saveModel(graph, path.join(folder, 'bad.onnx')), /4096 bytes instead of 8/);
  });

  it('stops when it is aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await assert.rejects(saveModel(exampleGraph(lazy(ramp)), path.join(folder, 'no.onnx'), { signal }), /enough/);
  });
});
