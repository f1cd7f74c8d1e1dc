import { decoded, fieldsOf, graphOf, withReader, type Field, type Reader } from './fields.ts';
import {
  GraphProtoSchema,
  StringStringEntryProtoSchema,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type ValueInfoProto,
} from './onnx_pb.ts';
import { elementTypeOf, type ElementType } from './tensor.ts';

/** An input or output of a graph. */
export interface GraphTensor {
  readonly name: string;
  /** Null for types that no supported graph has (text, sequences, bfloat16, …). */
  readonly type: ElementType | null;
  /** Null for a size that is known at run time only. */
  readonly shape: readonly (number | null)[];
}

/** The inputs and outputs of a model file. */
export interface GraphInterface {
  readonly inputs: readonly GraphTensor[];
  readonly outputs: readonly GraphTensor[];
  /** Weight files beside the model, with their names in the model. */
  readonly externalFiles: readonly string[];
}

const field = {
  graphInput: GraphProtoSchema.field.input.number,
  graphOutput: GraphProtoSchema.field.output.number,
  graphInitializer: GraphProtoSchema.field.initializer.number,
  tensorName: TensorProtoSchema.field.name.number,
  tensorExternalData: TensorProtoSchema.field.externalData.number,
};

/**
 * Reads the inputs and outputs of an ONNX file of any size, without its weights.
 * @throws UserError where it is not an ONNX model, or is truncated
 */
export function readGraphInterface(file: string): Promise<GraphInterface> {
  return withReader(file, async (read) => readGraph(read, await graphOf(read)));
}

async function readGraph(read: Reader, graph: Field): Promise<GraphInterface> {
  const inputs: GraphTensor[] = [];
  const outputs: GraphTensor[] = [];
  const constants = new Set<string>();
  const externalFiles = new Set<string>();
  for await (const entry of fieldsOf(read, graph.start, graph.end)) {
    if (entry.number === field.graphInput) inputs.push(tensorOf(await decoded(ValueInfoProtoSchema, read, entry)));
    if (entry.number === field.graphOutput) outputs.push(tensorOf(await decoded(ValueInfoProtoSchema, read, entry)));
    if (entry.number === field.graphInitializer) {
      const { name, location } = await describeConstant(read, entry);
      constants.add(name);
      if (location !== undefined) externalFiles.add(location);
    }
  }
  // Before IR version 4, constants are also listed as inputs.
  return { inputs: inputs.filter(({ name }) => !constants.has(name)), outputs, externalFiles: [...externalFiles] };
}

function tensorOf({ name, type }: ValueInfoProto): GraphTensor {
  if (type?.value.case !== 'tensorType') return { name, type: null, shape: [] };
  const { elemType, shape } = type.value.value;
  const sizes = (shape?.dim ?? []).map(({ value }) =>
    value.case === 'dimValue' && value.value > 0n ? Number(value.value) : null,
  );
  return { name, type: elementTypeOf(elemType), shape: sizes };
}

/** Name and file of a constant. Its elements may lie between the two and are skipped. */
async function describeConstant(read: Reader, { start, end }: Field): Promise<{ name: string; location?: string }> {
  let name = '';
  let location: string | undefined;
  for await (const entry of fieldsOf(read, start, end)) {
    if (entry.number === field.tensorName) {
      name = new TextDecoder().decode(await read.description(entry.start, entry.end));
    }
    if (entry.number !== field.tensorExternalData) continue;
    const { key, value } = await decoded(StringStringEntryProtoSchema, read, entry);
    if (key === 'location') location = value;
  }
  return { name, ...(location !== undefined && { location }) };
}
