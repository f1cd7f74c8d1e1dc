import { open, type FileHandle } from 'node:fs/promises';
import { fromBinary, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { HumanError } from '../../humanError.ts';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  StringStringEntryProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type ValueInfoProto,
} from './onnx_pb.ts';
import { elementTypeOf, type ElementType } from './tensor.ts';

/** An input or output of a graph. */
export interface GraphTensor {
  readonly name: string;
  /** Null for a type that no graph of CLIP has (text, sequences, bfloat16, …). */
  readonly type: ElementType | null;
  /** Null for a size that is known at run time alone. */
  readonly shape: readonly (number | null)[];
}

/** How a model file speaks to its caller. */
export interface GraphInterface {
  readonly inputs: readonly GraphTensor[];
  readonly outputs: readonly GraphTensor[];
  /** Files beside the model that hold weights, as the model names them. */
  readonly externalFiles: readonly string[];
}

const field = {
  modelGraph: ModelProtoSchema.field.graph.number,
  graphInput: GraphProtoSchema.field.input.number,
  graphOutput: GraphProtoSchema.field.output.number,
  graphInitializer: GraphProtoSchema.field.initializer.number,
  tensorName: TensorProtoSchema.field.name.number,
  tensorExternalData: TensorProtoSchema.field.externalData.number,
};
/** Enough for the heads of several fields; weights between them are passed over unread. */
const WINDOW = 4096;
/** A description of an input, or the name of a weight, is far below this. */
const LARGEST_DESCRIPTION = 1 << 16;

/** Where in a file the content of a protobuf field lies. */
interface Field {
  readonly number: number;
  readonly isMessage: boolean;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads the inputs and outputs of an ONNX file, however large, and nothing of its weights.
 * @throws HumanError where it is no ONNX model or is cut off
 */
export async function readGraphInterface(file: string): Promise<GraphInterface> {
  const handle = await open(file);
  try {
    const damaged = (): never => {
      throw new HumanError(`${file} is no ONNX model, or it is cut off. Download it again.`);
    };
    const read = windowedReader(handle, (await handle.stat()).size, damaged);
    let graph: Field | undefined;
    for await (const one of fieldsOf(read, 0, read.size))
      if (one.number === field.modelGraph && one.isMessage) graph = one;
    return graph ? await readGraph(read, graph) : damaged();
  } finally {
    await handle.close();
  }
}

async function readGraph(read: Reader, graph: Field): Promise<GraphInterface> {
  const inputs: GraphTensor[] = [];
  const outputs: GraphTensor[] = [];
  const constants = new Set<string>();
  const externalFiles = new Set<string>();
  for await (const one of fieldsOf(read, graph.start, graph.end)) {
    if (one.number === field.graphInput) inputs.push(tensorOf(await decoded(ValueInfoProtoSchema, read, one)));
    else if (one.number === field.graphOutput) outputs.push(tensorOf(await decoded(ValueInfoProtoSchema, read, one)));
    else if (one.number === field.graphInitializer) {
      const { name, location } = await describeConstant(read, one);
      constants.add(name);
      if (location !== undefined) externalFiles.add(location);
    }
  }
  // Before IR version 4 a constant is listed as an input, too.
  return { inputs: inputs.filter(({ name }) => !constants.has(name)), outputs, externalFiles: [...externalFiles] };
}

async function decoded<S extends DescMessage>(
  schema: S,
  read: Reader,
  { start, end }: Field,
): Promise<MessageShape<S>> {
  const bytes = await read.description(start, end);
  try {
    return fromBinary(schema, bytes);
  } catch {
    return read.damaged();
  }
}

function tensorOf({ name, type }: ValueInfoProto): GraphTensor {
  if (type?.value.case !== 'tensorType') return { name, type: null, shape: [] };
  const { elemType, shape } = type.value.value;
  const sizes = (shape?.dim ?? []).map(({ value }) =>
    value.case === 'dimValue' && value.value > 0n ? Number(value.value) : null,
  );
  return { name, type: elementTypeOf(elemType), shape: sizes };
}

/** Name and file of a constant, whose elements may lie between the two. */
async function describeConstant(read: Reader, { start, end }: Field): Promise<{ name: string; location?: string }> {
  let name = '';
  let location: string | undefined;
  for await (const one of fieldsOf(read, start, end)) {
    if (one.number === field.tensorName) name = new TextDecoder().decode(await read.description(one.start, one.end));
    if (one.number !== field.tensorExternalData) continue;
    const { key, value } = await decoded(StringStringEntryProtoSchema, read, one);
    if (key === 'location') location = value;
  }
  return { name, ...(location !== undefined && { location }) };
}

interface Reader {
  readonly size: number;
  readonly damaged: () => never;
  /** At least `length` bytes from there on, or all that are left. */
  bytes(at: number, length: number): Promise<Uint8Array>;
  /** A small piece that is wanted whole. */
  description(start: number, end: number): Promise<Uint8Array>;
}

function windowedReader(handle: FileHandle, size: number, damaged: () => never): Reader {
  let window = new Uint8Array(0);
  let from = 0;
  const bytes = async (at: number, length: number): Promise<Uint8Array> => {
    if (at < from || at + length > from + window.byteLength) {
      const wanted = new Uint8Array(Math.min(Math.max(WINDOW, length), size - at));
      const { bytesRead } = await handle.read(wanted, 0, wanted.byteLength, at);
      window = wanted.subarray(0, bytesRead);
      from = at;
    }
    return window.subarray(at - from);
  };
  return {
    size,
    damaged,
    bytes,
    async description(start, end) {
      if (end - start > LARGEST_DESCRIPTION) damaged();
      return (await bytes(start, end - start)).slice(0, end - start);
    },
  };
}

/** The fields of a protobuf message that lies in a file from `start` to `end`. */
async function* fieldsOf(read: Reader, start: number, end: number): AsyncGenerator<Field> {
  const LONGEST_HEAD = 20;
  for (let at = start; at < end;) {
    const one = headOf(await read.bytes(at, Math.min(LONGEST_HEAD, end - at)), at, read);
    if (one.end > end) read.damaged();
    yield one;
    at = one.end;
  }
}

function headOf(bytes: Uint8Array, at: number, read: Reader): Field {
  try {
    const reader = new BinaryReader(bytes);
    const [number, type] = reader.tag();
    if (type === WireType.LengthDelimited) {
      const length = reader.uint32();
      return { number, isMessage: true, start: at + reader.pos, end: at + reader.pos + length };
    }
    reader.skip(type, number);
    return { number, isMessage: false, start: at, end: at + reader.pos };
  } catch {
    return read.damaged();
  }
}
