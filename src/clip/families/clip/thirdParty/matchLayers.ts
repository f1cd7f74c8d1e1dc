import type { NodeProto } from '../../../onnx/onnx_pb.ts';
import type { StoredConstant } from '../../../onnx/storedGraph.ts';
import type { ClipActivation } from '../../layers/layers.ts';
import { floatOf, type GraphView, integerOf, integersOf, pastReshaping, pixelsAndOther } from './graphView.ts';

/** A weight matrix of a product. */
export interface Matrix {
  /** Name of the value that the product takes. */
  readonly value: string;
  /** Whether the product takes it as [outputs, inputs]. */
  readonly isTransposed: boolean;
  readonly inputs: number;
  readonly outputs: number;
  readonly constant: StoredConstant;
  /** Whether the file stores it as [outputs, inputs]. */
  readonly isStoredTransposed: boolean;
}

/** x·W + b */
export interface Linear {
  readonly x: string;
  readonly weights: Matrix;
  readonly bias: string | null;
}

export interface Norm {
  readonly x: string;
  readonly gain: string;
  readonly shift: string;
  readonly epsilon: number;
}

/** The linear layer that computes a value, as MatMul with or without Add, or as Gemm; changes of layout are ignored. */
export function matchLinear(graph: GraphView, value: string): Linear | null {
  const node = graph.producer(pastReshaping(graph, value));
  if (node?.opType !== 'Add') return node && productOf(graph, node);
  const parts = pixelsAndOther(graph, node);
  if (!parts) return null;
  const product = graph.producer(pastReshaping(graph, parts[0]));
  const linear = product && productOf(graph, product);
  return linear?.bias === null && graph.constant(parts[1]) ? { ...linear, bias: parts[1] } : null;
}

function productOf(graph: GraphView, node: NodeProto): Linear | null {
  const [x = '', w = '', bias = ''] = node.input;
  if (!graph.dependsOnPixels(x) || graph.dependsOnPixels(w)) return null;
  if (node.opType === 'MatMul') {
    const weights = matrixOf(graph, w, false);
    return weights && { x, weights, bias: null };
  }
  const isPlain = node.opType === 'Gemm' && (floatOf(node, 'alpha') ?? 1) === 1 && (floatOf(node, 'beta') ?? 1) === 1;
  if (!isPlain || integerOf(node, 'transA') === 1) return null;
  const weights = matrixOf(graph, w, integerOf(node, 'transB') === 1);
  return weights && { x, weights, bias: bias === '' ? null : bias };
}

function matrixOf(graph: GraphView, value: string, isTransposed: boolean): Matrix | null {
  const constant = graph.constant(value);
  if (constant) return matrixAs(constant, value, isTransposed, isTransposed);
  const node = graph.producer(value);
  if (node?.opType !== 'Transpose' || (integersOf(node, 'perm') ?? [1, 0]).join() !== '1,0') return null;
  const transposed = graph.constant(node.input[0] ?? '');
  return transposed && matrixAs(transposed, value, isTransposed, !isTransposed);
}

function matrixAs(
  constant: StoredConstant,
  value: string,
  isTransposed: boolean,
  isStoredTransposed: boolean,
): Matrix | null {
  const [rows, columns] = constant.shape;
  if (rows === undefined || columns === undefined || constant.shape.length !== 2) return null;
  const [inputs, outputs] = isStoredTransposed ? [columns, rows] : [rows, columns];
  return { value, isTransposed, inputs, outputs, constant, isStoredTransposed };
}

/** Layer normalisation over the last axis, as one node or as several. */
export function matchLayerNorm(graph: GraphView, value: string): Norm | null {
  const node = graph.producer(value);
  if (node?.opType === 'LayerNormalization') {
    const [x = '', gain = '', shift = ''] = node.input;
    return shift === '' ? null : { x, gain, shift, epsilon: floatOf(node, 'epsilon') ?? 1e-5 };
  }
  const sum = node?.opType === 'Add' ? pixelsAndOther(graph, node) : null;
  const product = sum && graph.producer(sum[0]);
  const scaled = product?.opType === 'Mul' ? pixelsAndOther(graph, product) : null;
  const quotient = scaled && graph.producer(scaled[0]);
  if (!sum || !scaled || quotient?.opType !== 'Div') return null;
  const [centred = '', deviation = ''] = quotient.input;
  const x = centredOf(graph, centred);
  const epsilon = epsilonOf(graph, deviation, centred);
  return x === null || epsilon === null ? null : { x, gain: scaled[1], shift: sum[1], epsilon };
}

/** x of x − mean(x) */
function centredOf(graph: GraphView, value: string): string | null {
  const node = graph.producer(value);
  const [x = '', mean = ''] = node?.input ?? [];
  const meanNode = graph.producer(mean);
  const isMean = meanNode?.opType === 'ReduceMean' && graph.producer(meanNode.input[0] ?? '') === graph.producer(x);
  return node?.opType === 'Sub' && isMean ? x : null;
}

/** ε of √(mean(c²) + ε) */
function epsilonOf(graph: GraphView, value: string, centred: string): number | null {
  const root = graph.producer(value);
  const sum = root?.opType === 'Sqrt' ? graph.producer(root.input[0] ?? '') : null;
  const parts = sum?.opType === 'Add' ? pixelsAndOther(graph, sum) : null;
  const mean = parts && graph.producer(parts[0]);
  const square = mean?.opType === 'ReduceMean' ? graph.producer(mean.input[0] ?? '') : null;
  const isSquare =
    (square?.opType === 'Pow' && graph.number(square.input[1] ?? '') === 2) ||
    (square?.opType === 'Mul' && square.input[0] === square.input[1]);
  const isOfCentred = square && graph.producer(square.input[0] ?? '') === graph.producer(centred);
  return parts && isSquare && isOfCentred ? graph.number(parts[1]) : null;
}

/** QuickGELU or exact GELU, as one node or as several: h·σ(1.702h), h·½(1 + erf(h/√2)). */
export function matchActivation(
  graph: GraphView,
  value: string,
): { readonly h: string; readonly activation: ClipActivation } | null {
  const node = graph.producer(value);
  if (node?.opType === 'Gelu') {
    const isExact = node.attribute.every(
      ({ name, s }) => name !== 'approximate' || new TextDecoder().decode(s) === 'none',
    );
    return isExact ? { h: node.input[0] ?? '', activation: 'gelu' } : null;
  }
  const factors = factorsOf(graph, value);
  const numbers = factors.flatMap((factor) => graph.number(factor) ?? []);
  const [first = '', second = '', ...more] = factors.filter((factor) => graph.dependsOnPixels(factor));
  if (more.length > 0 || second === '') return null;
  for (const [h, gate] of [
    [first, second],
    [second, first],
  ] as const) {
    if (numbers.length === 0 && isNear(quickGateOf(graph, gate, h), 1.702)) return { h, activation: 'quickGelu' };
    if (numbers.length === 1 && isNear(numbers[0], 0.5) && isErrorGate(graph, gate, h))
      return { h, activation: 'gelu' };
  }
  return null;
}

function factorsOf(graph: GraphView, value: string): readonly string[] {
  const node = graph.producer(value);
  return node?.opType === 'Mul' ? node.input.flatMap((factor) => factorsOf(graph, factor)) : [value];
}

/** a of σ(a·h) */
function quickGateOf(graph: GraphView, value: string, h: string): number | null {
  const node = graph.producer(value);
  const scaled = node?.opType === 'Sigmoid' ? graph.producer(node.input[0] ?? '') : null;
  const parts = scaled?.opType === 'Mul' ? pixelsAndOther(graph, scaled) : null;
  return parts && graph.producer(parts[0]) === graph.producer(h) ? graph.number(parts[1]) : null;
}

/** Whether it is 1 + erf(h/√2). */
function isErrorGate(graph: GraphView, value: string, h: string): boolean {
  const node = graph.producer(value);
  const parts = node?.opType === 'Add' ? pixelsAndOther(graph, node) : null;
  const erf = parts && graph.number(parts[1]) === 1 ? graph.producer(parts[0]) : null;
  const scaled = erf?.opType === 'Erf' ? graph.producer(erf.input[0] ?? '') : null;
  const factors = scaled && pixelsAndOther(graph, scaled);
  if (!factors || graph.producer(factors[0]) !== graph.producer(h)) return false;
  return isNear(graph.number(factors[1]), scaled.opType === 'Div' ? Math.SQRT2 : Math.SQRT1_2);
}

/** Whether a number has a value within half precision. */
function isNear(value: number | null | undefined, wanted: number): boolean {
  return Math.abs((value ?? NaN) - wanted) < 1e-3;
}
