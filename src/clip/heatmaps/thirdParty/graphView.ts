import type { NodeProto } from '../../onnx/onnx_pb.ts';
import type { StoredConstant, StoredGraph } from '../../onnx/storedGraph.ts';

/** A graph that is not built as CLIP's vision transformer is, as far as we can tell. */
export class NotRecognised extends Error {}

/** A graph of another maker, read backwards from its outputs. Values are known by their names alone, which say nothing here. */
export interface GraphView {
  readonly operatorSet: number;
  /** Nodes that the output depends on, in the order that they run. */
  readonly nodes: readonly NodeProto[];
  /** The node that puts a value out, past those that hand it on unchanged. */
  maker(value: string): NodeProto | null;
  /** The node that puts a value out, whatever it does. */
  node(value: string): NodeProto | null;
  /** A constant, past nodes that hand it on unchanged. */
  constant(value: string): StoredConstant | null;
  /** The number that a constant of one element is. */
  number(value: string): number | null;
  /** Whether it is made of the pixels, and not of their shape alone. */
  isSeen(value: string): boolean;
}

/** What hands a value on as it is, but for its precision. */
const HANDED_ON = new Set(['Identity', 'Cast', 'Dropout']);
/** What is known without a look at the pixels. */
const OF_SHAPES = new Set(['Shape', 'Size']);

/** @param output name of the embedding */
export function viewGraph({ inputs, nodes, constants, operatorSet }: StoredGraph, output: string): GraphView {
  const makers = new Map(nodes.flatMap((node) => node.output.map((value) => [value, node] as const)));
  const seen = new Set(inputs);
  for (const { opType, input, output: made } of nodes) {
    if (!OF_SHAPES.has(opType) && input.some((value) => seen.has(value))) for (const value of made) seen.add(value);
  }
  const needed = new Set<NodeProto>();
  for (const open = [output]; open.length > 0;) {
    const node = makers.get(open.pop() ?? '');
    if (!node || needed.has(node)) continue;
    needed.add(node);
    open.push(...node.input);
  }
  const original = (value: string): string => {
    const node = makers.get(value);
    return node && HANDED_ON.has(node.opType) ? original(node.input[0] ?? '') : value;
  };
  const constant = (value: string): StoredConstant | null => constants.get(original(value)) ?? null;
  return {
    operatorSet,
    nodes: nodes.filter((node) => needed.has(node)),
    maker: (value) => makers.get(original(value)) ?? null,
    node: (value) => makers.get(value) ?? null,
    constant,
    number(value) {
      const { values } = constant(value) ?? { values: null };
      return values?.length === 1 ? (values[0] ?? null) : null;
    },
    isSeen: (value) => seen.has(value),
  };
}

/** The inputs of a node with two, that which is made of pixels first; null where both are, or neither, or it divides by that. */
export function seenAndOther(
  graph: GraphView,
  { opType, input }: NodeProto,
): readonly [seen: string, other: string] | null {
  const [a = '', b = ''] = input;
  if (input.length !== 2 || graph.isSeen(a) === graph.isSeen(b)) return null;
  if (graph.isSeen(a)) return [a, b];
  return opType === 'Div' || opType === 'Sub' ? null : [b, a];
}

const RESHAPING = new Set(['Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Flatten']);

/** Past what lays elements out otherwise. */
export function pastReshaping(graph: GraphView, value: string): string {
  const node = graph.maker(value);
  return node && RESHAPING.has(node.opType) ? pastReshaping(graph, node.input[0] ?? '') : value;
}

export function isReshaping({ opType }: NodeProto): boolean {
  return RESHAPING.has(opType);
}

export function isHandedOn({ opType }: NodeProto): boolean {
  return HANDED_ON.has(opType);
}

/** Past what takes the first token of all, and what lays elements out otherwise. */
export function pastFirstToken(graph: GraphView, value: string): string {
  const at = pastReshaping(graph, value);
  const node = graph.maker(at);
  return node && takesFirst(graph, node) ? pastFirstToken(graph, node.input[0] ?? '') : at;
}

function takesFirst(graph: GraphView, { opType, input }: NodeProto): boolean {
  const [, first = '', last = ''] = input;
  if (opType === 'Gather') return graph.number(first) === 0;
  return opType === 'Slice' && graph.number(first) === 0 && graph.number(last) === 1;
}

/** Whether two names stand for the same elements. */
export function isSame(graph: GraphView, a: string, b: string): boolean {
  const [one, other] = [pastFirstToken(graph, a), pastFirstToken(graph, b)];
  const [maker, otherMaker] = [graph.maker(one), graph.maker(other)];
  return maker === null || otherMaker === null ? one === other : maker === otherMaker && maker.output.length === 1;
}

/** An attribute that is a whole number. */
export function integerOf({ attribute }: NodeProto, name: string): number | null {
  const found = attribute.find((one) => one.name === name);
  return found ? Number(found.i) : null;
}

export function integersOf({ attribute }: NodeProto, name: string): readonly number[] | null {
  return attribute.find((one) => one.name === name)?.ints.map(Number) ?? null;
}

export function floatOf({ attribute }: NodeProto, name: string): number | null {
  return attribute.find((one) => one.name === name)?.f ?? null;
}
