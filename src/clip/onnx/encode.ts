import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Graph } from './graph.ts';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProtoSchema,
} from './onnx_pb.ts';
import { elementCode, type LazyBytes, type Tensor } from './tensor.ts';

/**
 * Operator set 17 is the first with LayerNormalization; IR version 8 belongs to it. ONNX Runtime reads both since 1.12.
 */
const OPERATOR_SET = 17n;
const IR_VERSION = 8n;

const field = {
  modelGraph: ModelProtoSchema.field.graph.number,
  graphInitializer: GraphProtoSchema.field.initializer.number,
  tensorRawData: TensorProtoSchema.field.rawData.number,
};

/** Returns the position of a constant's elements in an external file; null keeps them in the model file. */
export type Placement = (name: string, value: Tensor) => ExternalData | null;

export interface ExternalData {
  /** File name beside the model. */
  readonly location: string;
  readonly offset: number;
}

/**
 * The bytes of an ONNX model as a sequence of pieces. A protobuf message is the concatenation of its fields, so weights
 * are passed on as they are read, and the model is never in memory as a whole.
 */
export function encodeModel(graph: Graph, placement: Placement = () => null): readonly (Uint8Array | LazyBytes)[] {
  const constants = [...graph.constants].flatMap(([name, value]) =>
    encodeConstant(name, value, placement(name, value)),
  );
  const structure = toBinary(
    GraphProtoSchema,
    create(GraphProtoSchema, {
      name: graph.name,
      input: [...graph.inputs],
      output: [...graph.outputs],
      node: [...graph.nodes],
      valueInfo: [...graph.shapes],
    }),
  );
  const header = toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: IR_VERSION,
      opsetImport: [{ domain: '', version: OPERATOR_SET }],
      producerName: 'AssetLens',
    }),
  );
  const graphBytes = [structure, ...constants];
  return [header, fieldHead(field.modelGraph, byteLength(graphBytes)), ...graphBytes];
}

/**
 * Bytes that extend a model when they are appended to it: protobuf merges concatenated messages, so that the nodes,
 * constants and outputs of this graph are added to the model.
 */
export function fragmentBytes({ nodes, outputs, constants }: Graph): Uint8Array {
  const structure = toBinary(GraphProtoSchema, create(GraphProtoSchema, { node: [...nodes], output: [...outputs] }));
  const parts = [structure, ...[...constants].flatMap(([name, value]) => encodeConstant(name, value, null))].map(
    inMemory,
  );
  const graph = Buffer.concat(parts);
  return Buffer.concat([fieldHead(field.modelGraph, graph.byteLength), graph]);
}

/**
 * The model as one buffer, for graphs whose constants are in memory.
 * @throws Error where a constant has not been read yet
 */
export function modelBytes(graph: Graph): Uint8Array {
  return Buffer.concat(encodeModel(graph).map(inMemory));
}

/** The model as one buffer. Reads constants that are not in memory. */
export async function readModelBytes(graph: Graph): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (const part of encodeModel(graph)) parts.push(part instanceof Uint8Array ? part : await part.read());
  return Buffer.concat(parts);
}

function inMemory(part: Uint8Array | LazyBytes): Uint8Array {
  if (part instanceof Uint8Array) return part;
  throw new Error('A graph has weights that are not in memory; save it to a file instead');
}

function encodeConstant(name: string, value: Tensor, external: ExternalData | null): (Uint8Array | LazyBytes)[] {
  const message: TensorProto = create(TensorProtoSchema, {
    name,
    dims: value.shape.map(BigInt),
    dataType: elementCode(value.type),
  });
  if (external !== null) {
    message.dataLocation = TensorProto_DataLocation.EXTERNAL;
    message.externalData = Object.entries({
      location: external.location,
      offset: String(external.offset),
      length: String(value.data.byteLength),
    }).map(([key, entry]) => ({ $typeName: 'onnx.StringStringEntryProto', key, value: entry }));
    const bytes = toBinary(TensorProtoSchema, message);
    return [fieldHead(field.graphInitializer, bytes.byteLength), bytes];
  }
  const description = toBinary(TensorProtoSchema, message);
  const parts = [description, fieldHead(field.tensorRawData, value.data.byteLength), value.data];
  return [fieldHead(field.graphInitializer, byteLength(parts)), ...parts];
}

/** Tag and length of a length-delimited field (protobuf wire format). */
function fieldHead(number: number, length: number): Uint8Array {
  return new BinaryWriter().tag(number, WireType.LengthDelimited).uint32(length).finish();
}

function byteLength(parts: readonly { readonly byteLength: number }[]): number {
  return parts.reduce((sum, part) => sum + part.byteLength, 0);
}
