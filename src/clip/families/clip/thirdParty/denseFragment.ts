import { create } from '@bufbuild/protobuf';
import { type Graph, GraphBuilder, type Value } from '../../../onnx/graph.ts';
import { type NodeProto, NodeProtoSchema } from '../../../onnx/onnx_pb.ts';
import { elementCode, integers, scalar } from '../../../onnx/tensor.ts';
import { THIRD_PARTY_PREFIX } from '../../definition/family.ts';
import { DENSE_MIXTURE, isMiddle } from '../denseTransformer.ts';
import type { Linear, Norm } from './matchLayers.ts';
import type { Path, TransformerMatch } from './matchTransformer.ts';

/** The first operator set in which axes of a reduction are an input. */
const AXES_AS_INPUT = 18;

/** A graph under construction that refers to values of another graph. */
interface Build {
  readonly graph: GraphBuilder;
  readonly operatorSet: number;
}

/**
 * Nodes and outputs that turn a third-party graph into the dense branch of its encoder when they are appended to it.
 * The branch takes one image and computes in float32 from the last block on, whatever the precision of the graph. The
 * outputs are those of denseTransformer, with THIRD_PARTY_PREFIX: `cells`, `lengths`, `attended`, `attention`,
 * `values`, and `embedding`. The embedding is computed together with the cells, so that a comparison with the graph's
 * own embedding verifies them.
 *
 * For queries against queries, the nodes between the projection of the keys and the scores are copied and applied to
 * the queries. So the code does not depend on the scale and the layout of the graph.
 */
export function denseFragment(match: TransformerMatch): Graph {
  const { width, embeddingSize, tokens } = match;
  const graph = new GraphBuilder('', THIRD_PARTY_PREFIX);
  const build: Build = { graph, operatorSet: match.graph.operatorSet };
  const output = (name: string, value: Value, shape: readonly (number | string)[]): void => {
    graph.output(THIRD_PARTY_PREFIX + name, value, 'float32', shape);
  };
  const attentionOf = (name: string, value: string, queries: number): Value =>
    reshaped(build, name, wide(build, `${name}_wide`, value), -1, queries, tokens);

  const stateRows = (name: string, value: string): Value =>
    reshaped(build, name, wide(build, `${name}_wide`, value), -1, width);
  const entering = stateRows('entering', match.x); // [tokens, D]
  const patches = rows(build, 'entering_patches', entering, 1, tokens);
  output('lengths', reshaped(build, 'lengths_row', lengths(build, 'length', patches), 1, tokens - 1), [1, tokens - 1]);
  output('attended', rows(build, 'attended_class', stateRows('attended_rows', match.attended), 0, 1), [1, width]);
  const queries = match.hasClassOnly ? 1 : tokens;
  const last = attentionOf('last_attention', match.attentions.at(-1) ?? '', queries);
  const classAttention = slice(build, 'class_attention', last, 1, 0, 1);
  output('attention', reshaped(build, 'attention_rows', classAttention, -1, tokens), ['H', tokens]);
  const values = headsOf(build, 'values_by_head', match.values, tokens);
  output('values', values, ['H', tokens, 'd']);

  const middle = match.attentions.flatMap((value, index) =>
    isMiddle(index + 1, match.layers) && index + 1 < match.layers
      ? [attentionOf(`attention_${index}`, value, tokens)]
      : [],
  );
  const self = reshaped(build, 'own_attention', selfAttention(build, match), -1, tokens, tokens);
  const mixed = graph.node('mixed', 'MatMul', [mixture(build, self, middle), values]); // [H, tokens, d]
  const together = graph.node('mixed_tokens', 'Transpose', [mixed], { perm: [1, 0, 2] });
  const out = linear(build, 'out', reshaped(build, 'mixed_rows', together, tokens, width), match.out);

  const classState = rows(build, 'class_state', stateRows('state_rows', match.state), 0, 1);
  const all = graph.node('states', 'Concat', [classState, rows(build, 'out_patches', out, 1, tokens)], { axis: 0 });
  const projected = linear(build, 'projection', layerNorm(build, 'norm', all, match.finalNorm), match.projection);
  const bound = graph.constant('smallest_length', scalar(1e-12));
  const length = graph.node('projected_bound', 'Max', [lengths(build, 'projected_length', projected), bound]);
  const unit = graph.node('unit', 'Div', [projected, length]);
  output('embedding', rows(build, 'unit_class', unit, 0, 1), [1, embeddingSize]);
  const cells = reshaped(
    build,
    'cell_rows',
    rows(build, 'unit_patches', unit, 1, tokens),
    1,
    tokens - 1,
    embeddingSize,
  );
  output('cells', cells, [1, tokens - 1, embeddingSize]);
  return graph.finish();
}

/** softmax(s·q·qᵀ) with the scale s of the graph, in float32. */
function selfAttention(build: Build, { query, queryLinear, key, scores, normed }: TransformerMatch): Value {
  const { graph } = build;
  let from = query.from;
  let q = query.to;
  if (queryLinear) {
    const product = graph.node('q_product', 'MatMul', [{ name: normed }, { name: queryLinear.weights.value }]);
    const { bias } = queryLinear;
    from = (bias === null ? product : graph.node('q', 'Add', [product, { name: bias }])).name;
    q = copyPath(build, 'q', query, from);
  }
  const k = copyPath(build, 'q_as_k', key, from);
  const product = graph.node('q_times_q', 'MatMul', [{ name: q }, { name: k }]);
  return wide(build, 'self_attention', copyPath(build, 'self', scores, product.name));
}

/**
 * Copies the nodes of a path and applies them to another value.
 * @returns the name of the result
 */
function copyPath(build: Build, name: string, { from, nodes }: Path, start: string): string {
  let [old, value] = [from, start];
  nodes.forEach((node, index) => {
    const copy = build.graph.copy(`${name}_${index}`, renamed(node, old, value));
    [old, value] = [node.output[0] ?? '', copy.name];
  });
  return value;
}

function renamed(node: NodeProto, old: string, value: string): NodeProto {
  return create(NodeProtoSchema, { ...node, input: node.input.map((name) => (name === old ? value : name)) });
}

/** A mixture of the attention of the last block with the mean attention of the middle blocks, over blocks and heads. */
function mixture(build: Build, self: Value, middle: readonly Value[]): Value {
  if (middle.length === 0) return self;
  const { graph } = build;
  const all = graph.node('middle_attentions', 'Concat', middle, { axis: 0 });
  const mean = reduced(build, 'middle_attention', 'ReduceMean', all, 0);
  const weighted = (name: string, value: Value, share: number): Value =>
    graph.node(name, 'Mul', [value, graph.constant(`${name}_share`, scalar(share))]);
  const parts = [weighted('own_part', self, 1 - DENSE_MIXTURE), weighted('middle_part', mean, DENSE_MIXTURE)];
  return graph.node('mixed_attention', 'Add', parts);
}

/** x [n, inputs] */
function linear(build: Build, name: string, x: Value, { weights, bias }: Linear): Value {
  const { graph } = build;
  const w = wide(build, `${name}_weights`, weights.value);
  const product = graph.node(`${name}_product`, 'Gemm', [x, w], { transB: weights.isTransposed ? 1 : 0 });
  return bias === null ? product : graph.node(name, 'Add', [product, wide(build, `${name}_bias`, bias)]);
}

function layerNorm(build: Build, name: string, x: Value, { gain, shift, epsilon }: Norm): Value {
  const { graph } = build;
  const mean = (suffix: string, value: Value): Value => reduced(build, `${name}_${suffix}`, 'ReduceMean', value, -1);
  const centred = graph.node(`${name}_centred`, 'Sub', [x, mean('mean', x)]);
  const variance = mean('variance', graph.node(`${name}_squares`, 'Mul', [centred, centred]));
  const bounded = graph.node(`${name}_bounded`, 'Add', [variance, graph.constant(`${name}_epsilon`, scalar(epsilon))]);
  const unit = graph.node(`${name}_unit`, 'Div', [centred, graph.node(`${name}_deviation`, 'Sqrt', [bounded])]);
  const scaled = graph.node(`${name}_scaled`, 'Mul', [unit, wide(build, `${name}_gain`, gain)]);
  return graph.node(name, 'Add', [scaled, wide(build, `${name}_shift`, shift)]);
}

/** [.., tokens, d] → [H, tokens, d]; H and d are known at run time only. */
function headsOf(build: Build, name: string, value: string, tokens: number): Value {
  const { graph } = build;
  const shape = graph.node(`${name}_shape`, 'Shape', [{ name: value }]);
  const last = slice(build, `${name}_last`, shape, 0, -1, Number.MAX_SAFE_INTEGER);
  const wanted = graph.node(`${name}_wanted`, 'Concat', [graph.constant(`${name}_first`, integers(-1, tokens)), last], {
    axis: 0,
  });
  return graph.node(name, 'Reshape', [wide(build, `${name}_wide`, value), wanted]);
}

function wide({ graph }: Build, name: string, value: string): Value {
  return graph.node(name, 'Cast', [{ name: value }], { to: elementCode('float32') });
}

function reshaped({ graph }: Build, name: string, value: Value, ...shape: readonly number[]): Value {
  return graph.node(name, 'Reshape', [value, graph.constant(`${name}_shape`, integers(...shape))]);
}

function rows(build: Build, name: string, value: Value, from: number, to: number): Value {
  return slice(build, name, value, 0, from, to);
}

function slice({ graph }: Build, name: string, value: Value, axis: number, from: number, to: number): Value {
  const bounds = (
    [
      ['from', from],
      ['to', to],
      ['axis', axis],
    ] as const
  ).map(([which, at]) => graph.constant(`${name}_${which}`, integers(at)));
  return graph.node(name, 'Slice', [value, ...bounds]);
}

/** [n, ..] → [n, 1] */
function lengths(build: Build, name: string, value: Value): Value {
  return reduced(build, name, 'ReduceL2', value, -1);
}

function reduced({ graph, operatorSet }: Build, name: string, operator: string, value: Value, axis: number): Value {
  if (operatorSet < AXES_AS_INPUT) return graph.node(name, operator, [value], { axes: [axis], keepdims: 1 });
  return graph.node(name, operator, [value, graph.constant(`${name}_axis`, integers(axis))], { keepdims: 1 });
}
