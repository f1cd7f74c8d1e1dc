import path from 'node:path';
import { create, fromBinary } from '@bufbuild/protobuf';
import { float16Values } from '../../base/float16.ts';
import { openRegularFile } from '../../base/regularFile.ts';
import { decoded, fieldsOf, graphOf, withReader, type Field, type Reader } from './fields.ts';
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
  /** Null for types that no supported graph has. */
  readonly type: ElementType | null;
  readonly shape: readonly number[];
  /** The elements of a small constant. */
  readonly values: readonly number[] | null;
  /** Little-endian elements, read on demand; null where they are stored in a form that hardly any exporter uses. */
  readonly data: LazyBytes | null;
}

/** The graph of an ONNX file, without its weights. */
export interface StoredGraph {
  readonly inputs: readonly string[];
  /** In execution order, without constants. */
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
/** A node may contain a constant, such as positional embeddings. */
const MAX_NODE = 1 << 26;
/** Maximum size of a field of a tensor that is not its elements. */
const MAX_DESCRIPTION = 1 << 16;
/** Maximum size of elements that are read at once: numbers, indices, shapes. */
const MAX_INLINE = 128;

/**
 * Reads the nodes of an ONNX file, and the positions of its weights.
 * @throws UserError where it is not an ONNX model, or is truncated
 */
export function readStoredGraph(file: string): Promise<StoredGraph> {
  return withReader(file, async (read) => {
    const inputs: string[] = [];
    const nodes: NodeProto[] = [];
    const constants = new Map<string, StoredConstant>();
    const graph = await graphOf(read);
    for await (const entry of fieldsOf(read, graph.start, graph.end)) {
      if (entry.number === field.graphInput) inputs.push((await decoded(ValueInfoProtoSchema, read, entry)).name);
      if (entry.number === field.graphInitializer) {
        const { name, constant } = await readConstant(read, entry, file);
        constants.set(name, constant);
      }
      if (entry.number !== field.graphNode) continue;
      const node = fromBinary(NodeProtoSchema, await read.description(entry.start, entry.end, MAX_NODE));
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
  for await (const entry of fieldsOf(read, 0, read.size)) {
    if (entry.number !== field.operatorSets) continue;
    const { domain, version } = await decoded(OperatorSetIdProtoSchema, read, entry);
    if (domain === '' || domain === 'ai.onnx') return Number(version);
  }
  return read.damaged();
}

/** Reads the message of a constant without the field of its elements, which is a valid message, too. */
async function readConstant(
  read: Reader,
  { start, end }: Field,
  file: string,
): Promise<{ readonly name: string; readonly constant: StoredConstant }> {
  const parts: Uint8Array[] = [];
  let raw: Field | undefined;
  let isComplete = true;
  for await (const entry of fieldsOf(read, start, end)) {
    if (entry.number === field.rawData && entry.end - entry.start > MAX_INLINE) raw = entry;
    else if (entry.end - entry.from > MAX_DESCRIPTION) isComplete = false;
    else parts.push(await read.description(entry.from, entry.end));
  }
  const tensor = fromBinary(TensorProtoSchema, Buffer.concat(parts));
  const { name } = tensor;
  const location =
    tensor.dataLocation === TensorProto_DataLocation.EXTERNAL
      ? externalLocation(tensor, file)
      : raw && { file, offset: raw.start, byteLength: raw.end - raw.start };
  if (!location)
    return { name, constant: isComplete ? constantOf(tensor) : { ...described(tensor), values: null, data: null } };
  const data = { byteLength: location.byteLength, read: () => readBytes(location) };
  return { name, constant: { ...described(tensor), values: null, data } };
}

function described({ dataType, dims }: TensorProto): Pick<StoredConstant, 'type' | 'shape'> {
  return { type: elementTypeOf(dataType), shape: dims.map(Number) };
}

/** The position of elements in a file. */
interface ElementLocation {
  readonly file: string;
  readonly offset: number;
  readonly byteLength: number;
}

function externalLocation(tensor: TensorProto, file: string): ElementLocation {
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const { type, shape } = described(tensor);
  const defaultLength = type === null ? 0 : elementCount(shape) * elementBytes(type);
  return {
    file: path.join(path.dirname(file), path.basename(entries.get('location') ?? '')),
    offset: Number(entries.get('offset') ?? 0),
    byteLength: Number(entries.get('length') ?? defaultLength),
  };
}

async function readBytes({ file, offset, byteLength }: ElementLocation): Promise<Uint8Array> {
  const bytes = new Uint8Array(byteLength);
  const { handle } = await openRegularFile(file);
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

/** The constant of a tensor in memory. */
function constantOf(tensor: TensorProto): StoredConstant {
  const bytes = tensor.rawData.byteLength > 0 ? new Uint8Array(tensor.rawData) : typedElements(tensor);
  const { type, shape } = described(tensor);
  if (bytes === null) return { type, shape, values: null, data: null };
  const values = type === null || bytes.byteLength > MAX_INLINE ? null : numbersOf(type, bytes);
  return { type, shape, values, data: { byteLength: bytes.byteLength, read: () => Promise.resolve(bytes) } };
}

/** The elements of a tensor without raw bytes. Half precision is stored as bits in integers. */
function typedElements({ dataType, floatData, int64Data, int32Data }: TensorProto): Uint8Array | null {
  const type = elementTypeOf(dataType);
  if (type === 'float32') return bytesOf(Float32Array.from(floatData));
  if (type === 'int64') return bytesOf(BigInt64Array.from(int64Data));
  if (type === 'int32') return bytesOf(Int32Array.from(int32Data));
  return type === 'float16' ? new Uint8Array(Uint16Array.from(int32Data).buffer) : null;
}

/** Converts elements to numbers. */
export function numbersOf(type: ElementType, bytes: Uint8Array): readonly number[] {
  const { buffer } = new Uint8Array(bytes); // a copy, because elements must be aligned
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

/** The tensor of a Constant node, which may also be a plain number. */
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
  return t ?? create(TensorProtoSchema); // other types, such as text, are not used
}
