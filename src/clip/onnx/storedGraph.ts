import { open } from 'node:fs/promises';
import path from 'node:path';
import { create, fromBinary } from '@bufbuild/protobuf';
import { float16Values } from '../../base/float16.ts';
import { decoded, fieldsOf, graphOf, reading, type Field, type Reader } from './fields.ts';
import {
  AttributeProto_AttributeType,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
  type TensorProto,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from './onnx_pb.ts';
import { bytesOf, elementBytes, elementCount, elementTypeOf, type ElementType, type LazyBytes } from './tensor.ts';

/** A constant of a graph in a file. */
export interface StoredConstant {
  /** Null for a type that no graph of CLIP has. */
  readonly type: ElementType | null;
  readonly shape: readonly number[];
  /** Its elements, where there are few. */
  readonly values: readonly number[] | null;
  /** Little-endian elements, read when they are wanted; null where they are kept in a form that hardly any exporter uses. */
  readonly data: LazyBytes | null;
}

/** What an ONNX file computes, without its weights. */
export interface StoredGraph {
  readonly inputs: readonly string[];
  /** In the order that they run. Constants are not among them. */
  readonly nodes: readonly NodeProto[];
  readonly constants: ReadonlyMap<string, StoredConstant>;
  /** Version of the standard operators. */
  readonly operatorSet: number;
}

const field = {
  operatorSets: ModelProtoSchema.field.opsetImport.number,
  graphNode: GraphProtoSchema.field.node.number,
  graphInput: GraphProtoSchema.field.input.number,
  graphInitializer: GraphProtoSchema.field.initializer.number,
  rawData: TensorProtoSchema.field.rawData.number,
};
/** A node may hold a constant, such as the embeddings of positions. */
const LARGEST_NODE = 1 << 26;
/** Of a tensor, whatever is not its elements. */
const LARGEST_DESCRIPTION = 1 << 16;
/** Bytes of elements that are worth reading at once: numbers, indices, shapes. */
const FEW = 128;

/**
 * Reads the nodes of an ONNX file, and where its weights lie.
 * @throws UserError where it is no ONNX model or is cut off
 */
export function readStoredGraph(file: string): Promise<StoredGraph> {
  return reading(file, async (read) => {
    const inputs: string[] = [];
    const nodes: NodeProto[] = [];
    const constants = new Map<string, StoredConstant>();
    const graph = await graphOf(read);
    for await (const one of fieldsOf(read, graph.start, graph.end)) {
      if (one.number === field.graphInput) inputs.push((await decoded(ValueInfoProtoSchema, read, one)).name);
      if (one.number === field.graphInitializer) {
        const { name, constant } = await readConstant(read, one, file);
        constants.set(name, constant);
      }
      if (one.number !== field.graphNode) continue;
      const node = fromBinary(NodeProtoSchema, await read.description(one.start, one.end, LARGEST_NODE));
      const [output = ''] = node.output;
      if (node.opType === 'Constant') constants.set(output, constantOf(tensorOf(node)));
      else nodes.push(node);
    }
    return {
      inputs: inputs.filter((name) => !constants.has(name)),
      nodes,
      constants,
      operatorSet: await operatorSetOf(read),
    };
  });
}

async function operatorSetOf(read: Reader): Promise<number> {
  for await (const one of fieldsOf(read, 0, read.size)) {
    if (one.number !== field.operatorSets) continue;
    const { domain, version } = await decoded(OperatorSetIdProtoSchema, read, one);
    if (domain === '' || domain === 'ai.onnx') return Number(version);
  }
  return read.damaged();
}

/** A message without some of its fields is a message, too: that of a constant is read without its elements. */
async function readConstant(
  read: Reader,
  { start, end }: Field,
  file: string,
): Promise<{ readonly name: string; readonly constant: StoredConstant }> {
  const parts: Uint8Array[] = [];
  let raw: Field | undefined;
  let isWhole = true;
  for await (const one of fieldsOf(read, start, end)) {
    if (one.number === field.rawData && one.end - one.start > FEW) raw = one;
    else if (one.end - one.from > LARGEST_DESCRIPTION) isWhole = false;
    else parts.push(await read.description(one.from, one.end));
  }
  const tensor = fromBinary(TensorProtoSchema, Buffer.concat(parts));
  const { name } = tensor;
  const place =
    tensor.dataLocation === TensorProto_DataLocation.EXTERNAL
      ? externalPlace(tensor, file)
      : raw && { file, offset: raw.start, byteLength: raw.end - raw.start };
  if (!place)
    return { name, constant: isWhole ? constantOf(tensor) : { ...described(tensor), values: null, data: null } };
  const data = { byteLength: place.byteLength, read: () => readBytes(place) };
  return { name, constant: { ...described(tensor), values: null, data } };
}

function described({ dataType, dims }: TensorProto): Pick<StoredConstant, 'type' | 'shape'> {
  return { type: elementTypeOf(dataType), shape: dims.map(Number) };
}

interface Place {
  readonly file: string;
  readonly offset: number;
  readonly byteLength: number;
}

function externalPlace(tensor: TensorProto, file: string): Place {
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const { type, shape } = described(tensor);
  const whole = type === null ? 0 : elementCount(shape) * elementBytes(type);
  return {
    file: path.join(path.dirname(file), path.basename(entries.get('location') ?? '')),
    offset: Number(entries.get('offset') ?? 0),
    byteLength: Number(entries.get('length') ?? whole),
  };
}

async function readBytes({ file, offset, byteLength }: Place): Promise<Uint8Array> {
  const bytes = new Uint8Array(byteLength);
  const handle = await open(file);
  try {
    for (let filled = 0; filled < byteLength;) {
      const { bytesRead } = await handle.read(bytes, filled, byteLength - filled, offset + filled);
      if (bytesRead === 0) throw new Error(`${file} ended while a weight was read`);
      filled += bytesRead;
    }
  } finally {
    await handle.close();
  }
  return bytes;
}

/** Of a tensor that is in memory. */
function constantOf(tensor: TensorProto): StoredConstant {
  const bytes = tensor.rawData.byteLength > 0 ? new Uint8Array(tensor.rawData) : typedElements(tensor);
  const { type, shape } = described(tensor);
  if (bytes === null) return { type, shape, values: null, data: null };
  const values = type === null || bytes.byteLength > FEW ? null : numbersOf(type, bytes);
  return { type, shape, values, data: { byteLength: bytes.byteLength, read: () => Promise.resolve(bytes) } };
}

/** Elements that are not kept as bytes; half precision as bits in integers. */
function typedElements({ dataType, floatData, int64Data, int32Data }: TensorProto): Uint8Array | null {
  const type = elementTypeOf(dataType);
  if (type === 'float32') return bytesOf(Float32Array.from(floatData));
  if (type === 'int64') return bytesOf(BigInt64Array.from(int64Data));
  if (type === 'int32') return bytesOf(Int32Array.from(int32Data));
  return type === 'float16' ? new Uint8Array(Uint16Array.from(int32Data).buffer) : null;
}

/** Elements as numbers, float32 for all that are not whole. */
export function numbersOf(type: ElementType, bytes: Uint8Array): readonly number[] {
  const { buffer } = new Uint8Array(bytes); // a copy, for elements lie at multiples of their size
  switch (type) {
    case 'float32':
      return [...new Float32Array(buffer)];
    case 'float16':
      return [...float16Values(new Uint16Array(buffer))];
    case 'int64':
      return [...new BigInt64Array(buffer)].map(Number);
    case 'int32':
      return [...new Int32Array(buffer)];
    case 'int8':
      return [...new Int8Array(buffer)];
    case 'uint8':
      return [...new Uint8Array(buffer)];
  }
}

/** The tensor of a Constant node, which may be written as a plain number, too. */
function tensorOf(node: NodeProto): TensorProto {
  const form = AttributeProto_AttributeType;
  const { FLOAT, INT64 } = TensorProto_DataType;
  const [attribute] = node.attribute;
  if (!attribute) return create(TensorProtoSchema);
  const { type, t, f, i, floats, ints } = attribute;
  if (type === form.FLOAT) return create(TensorProtoSchema, { dataType: FLOAT, floatData: [f] });
  if (type === form.INT) return create(TensorProtoSchema, { dataType: INT64, int64Data: [i] });
  const dims = [BigInt(floats.length + ints.length)];
  if (type === form.FLOATS) return create(TensorProtoSchema, { dataType: FLOAT, dims, floatData: floats });
  if (type === form.INTS) return create(TensorProtoSchema, { dataType: INT64, dims, int64Data: ints });
  return t ?? create(TensorProtoSchema); // of text, say, which is no constant that counts here
}
