import type { Precision } from '../../base/manifest.ts';
import { type Graph, GraphBuilder, type Value } from '../../onnx/graph.ts';
import { integers, scalar } from '../../onnx/tensor.ts';
import { activate, type ClipActivation } from '../layers/layers.ts';
import { below, type Parameters, transposed } from '../layers/parameters.ts';
import { type Build, wideVector, wideWeight, within } from '../layers/precision.ts';
import type { VisionTransformerConfig } from './visionTransformer.ts';

/**
 * The gradient of the cosine of an image and a text with respect to the attention of the class token in the last block.
 * Only the class token depends on that attention, so the backward pass consists of a few products of rows, in ordinary
 * nodes. Inputs float32: `attended`, `attention` and `values` from denseTransformer, and `text` [T, E], unit rows.
 * Output `signed` float32 [T, patches]: Σ_heads A·dA, with A the attention and dA the gradient with respect to it,
 * which is the first-order contribution of each patch to the similarity.
 *
 * It computes in float32 in all precisions, because gradients are small.
 * @param parameters those below "visual."
 */
export function tokenGradient(config: VisionTransformerConfig, parameters: Parameters, precision: Precision): Graph {
  const { imageSize, patchSize, width, heads, layers, embeddingSize, mlpWidth, layerNormEpsilon } = config;
  const tokens = (imageSize / patchSize) ** 2 + 1;
  const graph = new GraphBuilder('token_gradient');
  const build: Build = { graph, precision };
  const attended = graph.input('attended', 'float32', [1, width]);
  const attention = graph.input('attention', 'float32', [heads, tokens]);
  const values = graph.input('values', 'float32', [heads, tokens, width / heads]);
  const text = graph.input('text', 'float32', ['T', embeddingSize]);
  const lastBlock = below(parameters, `transformer.resblocks.${layers - 1}.`);
  const matrix = (name: string, inputs: number, outputs: number, from = lastBlock): Value =>
    wideWeight(build, name, transposed(from.take(`${name}.weight`, [outputs, inputs])));
  const bias = (name: string, size: number): Value =>
    wideVector(build, `${name}_bias`, lastBlock.take(`${name}.bias`, [size]));

  // Forward from the state of the class token to its projection.
  const second = normalise(within(build, 'ln_2'), attended, below(lastBlock, 'ln_2.'), width, layerNormEpsilon);
  const widen = matrix('mlp.c_fc', width, mlpWidth);
  const hidden = graph.node('hidden', 'Gemm', [second.output, widen, bias('mlp.c_fc', mlpWidth)]);
  const narrow = matrix('mlp.c_proj', mlpWidth, width);
  const active = activate({ graph: graph.within('activation'), precision: 'fp32' }, hidden, config.activation);
  const out = graph.node('mlp_out', 'Gemm', [active, narrow, bias('mlp.c_proj', width)]);
  const last = normalise(
    within(build, 'ln_post'),
    graph.node('state', 'Add', [attended, out]),
    below(parameters, 'ln_post.'),
    width,
    layerNormEpsilon,
  );
  const projection = wideWeight(build, 'proj', parameters.take('proj', [width, embeddingSize]));
  const projected = graph.node('projected', 'MatMul', [last.output, projection]); // [1, E]

  // Backward from the cosine with each text.
  const back = (name: string, gradient: Value, weights: Value): Value =>
    graph.node(name, 'Gemm', [gradient, weights], { transB: 1 });
  const ofState = last.backward(back('of_projection', gradientOfCosine(build, projected, text), projection)); // [T, D]
  const slope = slopeOf({ graph: graph.within('activation_slope'), precision: 'fp32' }, hidden, config.activation);
  const ofHidden = graph.node('of_hidden', 'Mul', [back('of_active', ofState, narrow), slope]);
  const ofAttended = graph.node('of_attended', 'Add', [
    ofState,
    second.backward(back('of_mlp_input', ofHidden, widen)),
  ]);
  const ofMixed = back('of_mixed', ofAttended, matrix('attn.out_proj', width, width)); // [T, D]

  // With respect to the attention: dA = ⟨of_mixed of the head, values of the head⟩.
  const headShape = graph.constant('head_shape', integers(-1, heads, width / heads));
  const perHead = graph.node(
    'of_mixed_by_head',
    'Transpose',
    [graph.node('of_mixed_split', 'Reshape', [ofMixed, headShape])],
    { perm: [1, 0, 2] },
  ); // [heads, T, d]
  const valueColumns = graph.node('value_columns', 'Transpose', [values], { perm: [0, 2, 1] });
  const ofAttention = graph.node('of_attention', 'MatMul', [perHead, valueColumns]); // [heads, T, tokens]
  const attentionRows = graph.node('attention_rows', 'Unsqueeze', [
    attention,
    graph.constant('text_axis', integers(1)),
  ]);
  const product = graph.node('attention_times_gradient', 'Mul', [attentionRows, ofAttention]);
  const patches = graph.node('patches', 'Slice', [
    product,
    graph.constant('first_patch', integers(1)),
    graph.constant('last_patch', integers(tokens)),
    graph.constant('patch_axis', integers(2)),
  ]);
  const headAxis = graph.constant('head_axis', integers(0));
  const signed = graph.node('head_sum', 'ReduceSum', [patches, headAxis], { keepdims: 0 });
  graph.output('signed', signed, 'float32', ['T', tokens - 1]);
  return graph.finish();
}

/**
 * Layer normalisation of one row in steps, and its backward pass: gradients of the output [T, D] → of the input [T, D].
 */
function normalise(
  build: Build,
  x: Value,
  parameters: Parameters,
  width: number,
  epsilon: number,
): { readonly output: Value; readonly backward: (gradient: Value) => Value } {
  const { graph } = build;
  const gain = wideVector(build, 'weight', parameters.take('weight', [width]));
  const shift = wideVector(build, 'bias', parameters.take('bias', [width]));
  const mean = (name: string, value: Value): Value =>
    graph.node(name, 'ReduceMean', [value], { axes: [-1], keepdims: 1 });
  const centred = graph.node('centred', 'Sub', [x, mean('mean', x)]);
  const variance = mean('variance', graph.node('squares', 'Mul', [centred, centred]));
  const bounded = graph.node('variance_bounded', 'Add', [variance, graph.constant('epsilon', scalar(epsilon))]);
  const deviation = graph.node('deviation', 'Sqrt', [bounded]);
  const unit = graph.node('unit', 'Div', [centred, deviation]);
  const output = graph.node('output', 'Add', [graph.node('scaled', 'Mul', [unit, gain]), shift]);
  // (a − mean(a) − x̂·mean(a⊙x̂))/σ with a = γ⊙g
  const backward = (gradient: Value): Value => {
    const a = graph.node('gradient_scaled', 'Mul', [gradient, gain]);
    const along = mean('gradient_along', graph.node('gradient_times_unit', 'Mul', [a, unit]));
    const flat = graph.node('gradient_centred', 'Sub', [a, mean('gradient_mean', a)]);
    const rest = graph.node('gradient_rest', 'Sub', [flat, graph.node('unit_along', 'Mul', [unit, along])]);
    return graph.node('gradient', 'Div', [rest, deviation]);
  };
  return { output, backward };
}

/**
 * The gradient of the cosine of a projection f [1, E] with unit texts t [T, E], with respect to f: (t − s·f̂)/‖f‖, s =
 * t·f̂. [T, E]
 */
function gradientOfCosine({ graph }: Build, f: Value, text: Value): Value {
  const length = graph.node('length', 'ReduceL2', [f], { axes: [-1], keepdims: 1 });
  const unit = graph.node('unit', 'Div', [f, length]);
  const cosines = graph.node('cosines', 'Gemm', [text, unit], { transB: 1 }); // [T, 1]
  const across = graph.node('text_across', 'Sub', [text, graph.node('text_along', 'Mul', [cosines, unit])]);
  return graph.node('of_cosine', 'Div', [across, length]);
}

/** φ'(h). QuickGELU: σ(1.702h)·(1 + 1.702h·(1 − σ(1.702h))); GELU: Φ(h) + h·φ(h). */
function slopeOf({ graph }: Build, h: Value, activation: ClipActivation): Value {
  const constant = (name: string, value: number): Value => graph.constant(name, scalar(value));
  const one = constant('one', 1);
  const times = (name: string, a: Value, b: Value): Value => graph.node(name, 'Mul', [a, b]);
  if (activation === 'quickGelu') {
    const scaled = times('scaled', h, constant('factor', 1.702));
    const gate = graph.node('gate', 'Sigmoid', [scaled]);
    const falling = times('falling', scaled, graph.node('gate_rest', 'Sub', [one, gate]));
    return times('slope', gate, graph.node('gate_growth', 'Add', [one, falling]));
  }
  const erf = graph.node('erf', 'Erf', [times('over_root', h, constant('root', Math.SQRT1_2))]);
  const cumulative = times('cumulative', graph.node('erf_shifted', 'Add', [erf, one]), constant('half', 0.5));
  const exponent = times('exponent', times('square', h, h), constant('minus_half', -0.5));
  const density = times(
    'density',
    graph.node('bell', 'Exp', [exponent]),
    constant('bell_scale', 1 / Math.sqrt(2 * Math.PI)),
  );
  return graph.node('slope', 'Add', [cumulative, times('growth', h, density)]);
}
