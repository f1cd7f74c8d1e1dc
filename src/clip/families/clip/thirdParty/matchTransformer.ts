import type { NodeProto } from '../../../onnx/onnx_pb.ts';
import type { StoredGraph } from '../../../onnx/storedGraph.ts';
import { NotRecognised } from '../../definition/family.ts';
import {
  type GraphView,
  integersOf,
  isPassThrough,
  isReshaping,
  isSame,
  pastFirstToken,
  pastReshaping,
  pixelsAndOther,
  viewGraph,
} from './graphView.ts';
import { type Linear, matchLayerNorm, matchLinear, type Norm } from './matchLayers.ts';

/** The nodes between two values in execution order: from a projection `from` to `to`. */
export interface Path {
  readonly from: string;
  readonly nodes: readonly NodeProto[];
  readonly to: string;
}

/** The parts of a vision transformer that its dense branch uses. Strings are names of values. */
export interface TransformerMatch {
  readonly graph: GraphView;
  /** The embedding. */
  readonly output: string;
  readonly layers: number;
  readonly width: number;
  readonly embeddingSize: number;
  /** Class token included. */
  readonly tokens: number;
  /** The attention of each block, [.., tokens, tokens] in all but the last. */
  readonly attentions: readonly string[];
  /** The input of the last block. The following fields are values of this block, in order. */
  readonly x: string;
  /** Whether the last block computes queries, and everything after them, for the class token only. */
  readonly hasClassOnly: boolean;
  readonly normed: string;
  readonly query: Path;
  /** The query projection, where hasClassOnly. */
  readonly queryLinear: Linear | null;
  readonly key: Path;
  /** From the product of query and key through the softmax. */
  readonly scores: Path;
  /** [.., tokens, d] */
  readonly values: string;
  readonly out: Linear;
  readonly attended: string;
  /** The output layer of the MLP, which the block adds to `attended`. */
  readonly mlp: Linear;
  readonly state: string;
  readonly finalNorm: Norm;
  readonly projection: Linear;
}

/** Integer products, whose operands are no floats. */
const quantisedOperators =
  /^(MatMulInteger|DynamicQuantize\w*|QLinear\w+|Dequantize\w*|Quantize\w*|MatMulNBits|DynamicQuantizeMatMul)$/;
/** Attention as one node, whose parts cannot be reached. */
const fusedOperators = /Attention$/;

/**
 * Recognises CLIP's vision transformer in a graph by the order of its nodes.
 * @param output name of the embedding
 * @param imageSize pixels a side
 * @throws NotRecognised with the reason, as a clause for the user
 */
export function matchTransformer(stored: StoredGraph, output: string, imageSize: number): TransformerMatch {
  const graph = viewGraph(stored, output);
  const find = (pattern: RegExp): NodeProto | undefined => graph.nodes.find(({ opType }) => pattern.test(opType));
  const quantised = find(quantisedOperators);
  if (quantised) throw new NotRecognised(`it is quantised (${quantised.opType})`);
  const fused = find(fusedOperators);
  if (fused) {
    const domain = fused.domain === '' ? '' : `${fused.domain}.`;
    throw new NotRecognised(`its attention is one node (${domain}${fused.opType})`);
  }
  if (graph.operatorSet < 11) throw new NotRecognised(`its operator set is too old (${graph.operatorSet})`);

  const { projection, finalNorm, state } = matchHead(graph, output);
  const { side: attended, branch: mlp } = matchResidual(graph, state, 'the MLP');
  const { side, branch: out } = matchResidual(graph, attended, 'the attention');
  const x = pastFirstToken(graph, side);
  const attention = matchAttention(graph, out);
  const normed = attention.normed;
  const norm = matchLayerNorm(graph, pastReshaping(graph, normed));
  if (!norm || !isSame(graph, norm.x, x))
    throw new NotRecognised('the attention of its last block does not use the normalised state');

  const attentions = graph.nodes.filter(({ opType }) => opType === 'Softmax').map((node) => node.output[0] ?? '');
  if (attentions.at(-1) !== attention.softmax)
    throw new NotRecognised('its last softmax does not belong to its last block');
  return {
    graph,
    output,
    layers: attentions.length,
    width: out.weights.outputs,
    embeddingSize: projection.weights.outputs,
    tokens: 1 + patchesOf(graph, imageSize),
    attentions,
    x,
    ...attention,
    out,
    attended,
    mlp,
    state,
    finalNorm,
    projection,
  };
}

/** From the embedding back to the output of the last block. */
function matchHead(graph: GraphView, output: string) {
  const node = graph.producer(pastReshaping(graph, output));
  const [x = '', length = ''] = node?.input ?? [];
  const isUnit = node?.opType === 'LpNormalization' || (node?.opType === 'Div' && graph.dependsOnPixels(length));
  const projection = matchLinear(graph, isUnit ? x : output);
  if (!projection) throw new NotRecognised('its embedding is not a linear projection');
  const finalNorm = matchLayerNorm(graph, pastFirstToken(graph, projection.x));
  if (!finalNorm) throw new NotRecognised('no layer normalisation precedes its projection');
  return { projection, finalNorm, state: pastFirstToken(graph, finalNorm.x) };
}

/** side + branch, where the branch ends in a linear layer. */
function matchResidual(
  graph: GraphView,
  value: string,
  name: string,
): { readonly side: string; readonly branch: Linear } {
  const node = graph.producer(pastFirstToken(graph, value));
  const [a = '', b = ''] = node?.input ?? [];
  if (node?.opType === 'Add' && graph.dependsOnPixels(a) && graph.dependsOnPixels(b)) {
    const [ofA, ofB] = [matchLinear(graph, a), matchLinear(graph, b)];
    if (ofA && !ofB) return { side: b, branch: ofA };
    if (ofB && !ofA) return { side: a, branch: ofB };
  }
  throw new NotRecognised(`its last block does not add ${name} to its state`);
}

/** From the output of the heads back to the normalised state that they are computed from. */
function matchAttention(graph: GraphView, out: Linear) {
  const notRecognised = (): never => {
    throw new NotRecognised('its last block has no attention of softmax(q·kᵀ)·v');
  };
  const mix = graph.producer(pastReshaping(graph, out.x));
  if (mix?.opType !== 'MatMul') return notRecognised();
  const [weights = '', values = ''] = mix.input;
  const scores = pathToScores(graph, weights) ?? notRecognised();
  const [q = '', k = ''] = graph.producer(scores.from)?.input ?? notRecognised();
  const [query, key, value] = [pathToProjection(graph, q), pathToProjection(graph, k), pathToProjection(graph, values)];
  const [queryProjection, keyProjection, valueProjection] = [query, key, value].map(
    ({ from }) => projectionOf(graph, from) ?? notRecognised(),
  );
  if (!queryProjection || !keyProjection || !valueProjection) return notRecognised();
  if (new Set([query.from, key.from, value.from]).size < 3) return notRecognised();
  const normed = keyProjection.x;
  const hasClassOnly = pastFirstToken(graph, queryProjection.x) !== pastReshaping(graph, queryProjection.x);
  if (pastReshaping(graph, valueProjection.x) !== pastReshaping(graph, normed)) return notRecognised();
  if (!isSame(graph, queryProjection.x, normed)) return notRecognised();
  if (hasClassOnly && queryProjection.isPart) return notRecognised();
  const softmax = scores.nodes.find(({ opType }) => opType === 'Softmax')?.output[0] ?? '';
  return {
    query,
    key,
    scores,
    values,
    normed,
    hasClassOnly,
    queryLinear: hasClassOnly ? queryProjection.linear : null,
    softmax,
  };
}

/** From the softmax back to the product, past nodes that replace NaN. */
function pathToScores(graph: GraphView, weights: string): Path | null {
  const nodes: NodeProto[] = [];
  let value = weights;
  for (let hasSoftmax = false; ;) {
    const node = graph.node(value);
    if (!node) return null;
    if (node.opType === 'MatMul') return hasSoftmax ? { from: value, nodes: nodes.toReversed(), to: weights } : null;
    if (node.opType === 'Where' && !hasSoftmax && graph.producer(node.input[0] ?? '')?.opType === 'IsNaN') {
      nodes.length = 0;
      value = node.input[2] ?? '';
      continue;
    }
    const isScale = hasSoftmax && (node.opType === 'Mul' || node.opType === 'Div') && pixelsAndOther(graph, node);
    if (node.opType !== 'Softmax' && !isPassThrough(node) && !isScale) return null;
    hasSoftmax ||= node.opType === 'Softmax';
    nodes.push(node);
    value = isScale ? isScale[0] : (node.input[0] ?? '');
  }
}

/** From an operand of a product back to its projection, past scale and layout. */
function pathToProjection(graph: GraphView, to: string): Path {
  const nodes: NodeProto[] = [];
  let value = to;
  for (;;) {
    const node = graph.node(value);
    const isScale = node && (node.opType === 'Mul' || node.opType === 'Div') && pixelsAndOther(graph, node);
    if (!node || !(isScale || isReshaping(node) || isPassThrough(node)))
      return { from: value, nodes: nodes.toReversed(), to };
    nodes.push(node);
    value = isScale ? isScale[0] : (node.input[0] ?? '');
  }
}

/** The linear layer of a projection, or the joint layer of query, key and value that it is a part of. */
function projectionOf(graph: GraphView, value: string) {
  const linear = matchLinear(graph, value);
  if (linear) return { linear, x: linear.x, isPart: false };
  const node = graph.producer(value);
  const isPart = node && ['Gather', 'Split', 'Slice'].includes(node.opType);
  const joint = isPart ? matchLinear(graph, node.input[0] ?? '') : null;
  return joint && { linear: joint, x: joint.x, isPart: true };
}

/** The number of patches, from the convolution that the transformer begins with. */
function patchesOf(graph: GraphView, imageSize: number): number {
  const [convolution, another] = graph.nodes.filter(({ opType }) => opType === 'Conv');
  const kernel = convolution && graph.constant(convolution.input[1] ?? '')?.shape;
  const [, , side, across] = kernel ?? [];
  if (!convolution || another || side === undefined || side !== across) {
    throw new NotRecognised('its patches do not come from one convolution');
  }
  const strides = integersOf(convolution, 'strides');
  if (strides?.join() !== `${side},${side}` || imageSize % side !== 0) {
    throw new NotRecognised('its patches overlap, or do not fill the image');
  }
  return (imageSize / side) ** 2;
}
