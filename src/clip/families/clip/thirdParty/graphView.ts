import type { NodeProto } from '../../../onnx/onnx_pb.ts';
import type { StoredConstant, StoredGraph } from '../../../onnx/storedGraph.ts';

/** A third-party graph, read backwards from its outputs. Values are identified by name. The names have no meaning. */
export interface GraphView {
  readonly operatorSet: number;
  /** Nodes that the output depends on, in execution order. */
  readonly nodes: readonly NodeProto[];
  /** The node that computes a value. Skips nodes that do not change the value. */
  producer(value: string): NodeProto | null;
  /** The node that outputs a value. */
  node(value: string): NodeProto | null;
  /** The constant behind a value. Skips nodes that do not change the value. */
  constant(value: string): StoredConstant | null;
  /** The value of a constant with one element. */
  number(value: string): number | null;
  /** Whether a value depends on the pixels, and not only on their shape. */
  dependsOnPixels(value: string): boolean;
}

/** Operators that do not change a value, except for its precision. */
const PASS_THROUGH = new Set(['Identity', 'Cast', 'Dropout']);
/** Operators whose output depends only on the shape of the input. */
const SHAPE_OPERATORS = new Set(['Shape', 'Size']);

/** @param output name of the embedding */
export function viewGraph({ inputs, nodes, constants, operatorSet }: StoredGraph, output: string): GraphView {
  const producers = new Map(nodes.flatMap((node) => node.output.map((value) => [value, node] as const)));
  const pixelValues = new Set(inputs);
  for (const { opType, input, output: outputs } of nodes) {
    if (SHAPE_OPERATORS.has(opType) || !input.some((value) => pixelValues.has(value))) continue;
    for (const value of outputs) pixelValues.add(value);
  }
  const needed = new Set<NodeProto>();
  for (const open = [output]; open.length > 0;) {
    const node = producers.get(open.pop() ?? '');
    if (!node || needed.has(node)) continue;
    needed.add(node);
    open.push(...node.input);
  }
  const original = (value: string): string => {
    const node = producers.get(value);
    return node && PASS_THROUGH.has(node.opType) ? original(node.input[0] ?? '') : value;
  };
  const constant = (value: string): StoredConstant | null => constants.get(original(value)) ?? null;
  return {
    operatorSet,
    nodes: nodes.filter((node) => needed.has(node)),
    producer: (value) => producers.get(original(value)) ?? null,
    node: (value) => producers.get(value) ?? null,
    constant,
    number(value) {
      const { values } = constant(value) ?? { values: null };
      return values?.length === 1 ? (values[0] ?? null) : null;
    },
    dependsOnPixels: (value) => pixelValues.has(value),
  };
}

/**
 * The two inputs of a node. The first one depends on the pixels, and the second one does not. Null for other nodes, and
 * where the node divides by the first one or subtracts it.
 */
export function pixelsAndOther(
  graph: GraphView,
  { opType, input }: NodeProto,
): readonly [pixels: string, other: string] | null {
  const [a = '', b = ''] = input;
  if (input.length !== 2 || graph.dependsOnPixels(a) === graph.dependsOnPixels(b)) return null;
  if (graph.dependsOnPixels(a)) return [a, b];
  return opType === 'Div' || opType === 'Sub' ? null : [b, a];
}

const RESHAPING = new Set(['Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Flatten']);

/** The value before nodes that change the layout of its elements. */
export function pastReshaping(graph: GraphView, value: string): string {
  const node = graph.producer(value);
  return node && RESHAPING.has(node.opType) ? pastReshaping(graph, node.input[0] ?? '') : value;
}

export function isReshaping({ opType }: NodeProto): boolean {
  return RESHAPING.has(opType);
}

export function isPassThrough({ opType }: NodeProto): boolean {
  return PASS_THROUGH.has(opType);
}

/** The value before nodes that select the first token or change the layout of elements. */
export function pastFirstToken(graph: GraphView, value: string): string {
  const at = pastReshaping(graph, value);
  const node = graph.producer(at);
  return node && selectsFirst(graph, node) ? pastFirstToken(graph, node.input[0] ?? '') : at;
}

function selectsFirst(graph: GraphView, { opType, input }: NodeProto): boolean {
  const [, first = '', last = ''] = input;
  if (opType === 'Gather') return graph.number(first) === 0;
  return opType === 'Slice' && graph.number(first) === 0 && graph.number(last) === 1;
}

/** Whether two names refer to the same elements. */
export function isSame(graph: GraphView, a: string, b: string): boolean {
  const [first, second] = [pastFirstToken(graph, a), pastFirstToken(graph, b)];
  const [producer, otherProducer] = [graph.producer(first), graph.producer(second)];
  if (producer === null || otherProducer === null) return first === second;
  return producer === otherProducer && producer.output.length === 1;
}

/** The value of an integer attribute. */
export function integerOf({ attribute }: NodeProto, name: string): number | null {
  const found = attribute.find((entry) => entry.name === name);
  return found ? Number(found.i) : null;
}

export function integersOf({ attribute }: NodeProto, name: string): readonly number[] | null {
  return attribute.find((entry) => entry.name === name)?.ints.map(Number) ?? null;
}

export function floatOf({ attribute }: NodeProto, name: string): number | null {
  return attribute.find((entry) => entry.name === name)?.f ?? null;
}
