import { create } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from './onnx_pb.ts';
import { type Dimension, elementCode, type ElementType, type Tensor } from './tensor.ts';

/** A named tensor of a graph: an input, a constant or an output of a node. */
export interface Value {
  readonly name: string;
}

/** Numbers are ONNX INT(S). Floats have a separate type because 1 and 1.0 are the same number in JavaScript. */
export type Attribute = number | string | readonly number[] | { readonly float: number };

/** A finished graph, ready to be encoded. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
  readonly nodes: readonly NodeProto[];
  readonly constants: ReadonlyMap<string, Tensor>;
  /** The declared shapes of outputs of nodes. */
  readonly shapes: readonly ValueInfoProto[];
}

interface Parts {
  readonly inputs: ValueInfoProto[];
  readonly outputs: ValueInfoProto[];
  readonly nodes: NodeProto[];
  readonly constants: Map<string, Tensor>;
  readonly shapes: ValueInfoProto[];
  readonly names: Set<string>;
}

/**
 * Collects the nodes of a graph in execution order. Names are paths such as `transformer/block.3/attention/softmax`, so
 * that a graph in a viewer has the structure of the paper; `within` returns the same graph with a longer path.
 */
export class GraphBuilder {
  readonly #name: string;
  readonly #path: string;
  readonly #parts: Parts;

  constructor(
    name: string,
    path = '',
    parts: Parts = { inputs: [], outputs: [], nodes: [], constants: new Map(), shapes: [], names: new Set() },
  ) {
    this.#name = name;
    this.#path = path;
    this.#parts = parts;
  }

  within(section: string): GraphBuilder {
    return new GraphBuilder(this.#name, `${this.#path}${section}/`, this.#parts);
  }

  input(name: string, type: ElementType, shape: readonly Dimension[]): Value {
    this.#claim(name);
    this.#parts.inputs.push(valueInfo(name, type, shape));
    return { name };
  }

  constant(name: string, value: Tensor): Value {
    const full = this.#claim(this.#path + name);
    this.#parts.constants.set(full, value);
    return { name: full };
  }

  /** Adds a node with one output, which has the node's name. `null` omits an optional input. */
  node(
    name: string,
    operator: string,
    inputs: readonly (Value | null)[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): Value {
    return this.nodes(name, operator, inputs, attributes, [''])[0];
  }

  /** Adds a node with several outputs, named `<node><suffix>`. */
  nodes<const Suffixes extends readonly string[]>(
    name: string,
    operator: string,
    inputs: readonly (Value | null)[],
    attributes: Readonly<Record<string, Attribute>>,
    suffixes: Suffixes,
  ): { readonly [Index in keyof Suffixes]: Value } {
    const full = this.#path + name;
    const outputs = suffixes.map((suffix) => ({ name: this.#claim(full + suffix) }));
    this.#parts.nodes.push(
      create(NodeProtoSchema, {
        name: full,
        opType: operator,
        input: inputs.map((value) => value?.name ?? ''),
        output: outputs.map((value) => value.name),
        attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
      }),
    );
    // map() keeps the length of a tuple, but TypeScript does not infer that.
    return outputs as unknown as { readonly [Index in keyof Suffixes]: Value };
  }

  /** Copies a node of another graph under a new name. Only its first output is used. */
  copy(name: string, node: NodeProto): Value {
    const full = this.#claim(this.#path + name);
    this.#parts.nodes.push(
      create(NodeProtoSchema, { ...node, name: full, output: [full], docString: '', metadataProps: [] }),
    );
    return { name: full };
  }

  /** Declares the shape of a node's output, where the runtime cannot infer that unknown sizes are equal. */
  declare(value: Value, type: ElementType, shape: readonly Dimension[]): void {
    this.#parts.shapes.push(valueInfo(value.name, type, shape));
  }

  /** Declares an output of the graph, with its public name. */
  output(name: string, value: Value, type: ElementType, shape: readonly Dimension[]): void {
    this.#claim(name);
    this.#parts.nodes.push(create(NodeProtoSchema, { name, opType: 'Identity', input: [value.name], output: [name] }));
    this.#parts.outputs.push(valueInfo(name, type, shape));
  }

  finish(): Graph {
    const { inputs, outputs, nodes, constants, shapes } = this.#parts;
    return { name: this.#name, inputs, outputs, nodes, constants, shapes };
  }

  #claim(name: string): string {
    if (this.#parts.names.has(name)) throw new Error(`Two values named "${name}" in graph "${this.#name}"`);
    this.#parts.names.add(name);
    return name;
  }
}

function attribute(name: string, value: Attribute): AttributeProto {
  const type = AttributeProto_AttributeType;
  if (typeof value === 'number') return create(AttributeProtoSchema, { name, type: type.INT, i: BigInt(value) });
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, { name, type: type.STRING, s: new TextEncoder().encode(value) });
  }
  if ('float' in value) return create(AttributeProtoSchema, { name, type: type.FLOAT, f: value.float });
  return create(AttributeProtoSchema, { name, type: type.INTS, ints: value.map(BigInt) });
}

/** The declaration of an input, an output or another value of a graph. */
export function valueInfo(name: string, type: ElementType, shape: readonly Dimension[]): ValueInfoProto {
  const dim = shape.map((size) => ({
    value:
      typeof size === 'number'
        ? ({ case: 'dimValue', value: BigInt(size) } as const)
        : ({ case: 'dimParam', value: size } as const),
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: { value: { case: 'tensorType', value: { elemType: elementCode(type), shape: { dim } } } },
  });
}
