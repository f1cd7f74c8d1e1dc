import { type Parameter, type Parameters, transposed } from '../../families/layers/parameters.ts';
import type { VisionTransformerConfig } from '../../families/clip/visionTransformer.ts';
import { numbersOf, type StoredConstant } from '../../onnx/storedGraph.ts';
import { type GraphView, isSame, NotRecognised } from './graphView.ts';
import { type Matrix, matchActivation, matchLayerNorm, matchLinear } from './matchLayers.ts';
import type { TransformerMatch } from './matchTransformer.ts';

/** All that tokenGradient is built of; heads are counted when the dense branch runs. */
export interface GradientMatch {
  readonly config: Omit<VisionTransformerConfig, 'heads'>;
  readonly parameters: Parameters;
}

/**
 * Recognises what is behind the attention of the last block, and finds the weights of it.
 * @throws NotRecognised with what is otherwise, for people
 */
export function matchGradient(match: TransformerMatch): GradientMatch {
  const { graph, attended, mlp, out, finalNorm, projection, width, layers, tokens, embeddingSize } = match;
  const active = matchActivation(graph, mlp.x);
  if (!active) throw new NotRecognised('the activation of its MLP is neither GELU nor QuickGELU');
  const widen = matchLinear(graph, active.h);
  const norm = widen && matchLayerNorm(graph, widen.x);
  if (!widen || !norm || !isSame(graph, norm.x, attended)) throw new NotRecognised('its MLP is not of two layers');
  if (projection.bias !== null) throw new NotRecognised('its projection has a bias');
  if (norm.epsilon !== finalNorm.epsilon) throw new NotRecognised('its normalisations differ');

  const block = `transformer.resblocks.${layers - 1}`;
  const matrices = new Map<string, Matrix>([
    [`${block}.mlp.c_fc.weight`, widen.weights],
    [`${block}.mlp.c_proj.weight`, mlp.weights],
    [`${block}.attn.out_proj.weight`, out.weights],
  ]);
  const vectors = new Map<string, string | null>([
    [`${block}.mlp.c_fc.bias`, widen.bias],
    [`${block}.mlp.c_proj.bias`, mlp.bias],
    [`${block}.ln_2.weight`, norm.gain],
    [`${block}.ln_2.bias`, norm.shift],
    ['ln_post.weight', finalNorm.gain],
    ['ln_post.bias', finalNorm.shift],
  ]);
  const known = new Map<string, Parameter>([
    ['proj', asProduct(projection.weights)],
    ...[...matrices].map(([name, matrix]) => [name, transposed(asProduct(matrix))] as const),
    ...[...vectors].map(([name, value]) => [name, vectorOf(graph, value)] as const),
  ]);
  const side = Math.sqrt(tokens - 1);
  return {
    config: {
      kind: 'visionTransformer',
      ...{ imageSize: side, patchSize: 1, width, layers, embeddingSize }, // of sizes only the number of patches counts
      mlpWidth: widen.weights.outputs,
      activation: active.activation,
      layerNormEpsilon: norm.epsilon,
    },
    parameters: {
      take(name, shape) {
        const parameter = known.get(name);
        if (parameter?.shape.join() !== shape.join())
          throw new NotRecognised(`its ${name} is not [${shape.join(', ')}]`);
        return parameter;
      },
    },
  };
}

/** [inputs, outputs] */
function asProduct({ kept, isKeptTransposed }: Matrix): Parameter {
  const parameter = parameterOf(kept);
  return isKeptTransposed ? transposed(parameter) : parameter;
}

function vectorOf(graph: GraphView, value: string | null): Parameter {
  const constant = value === null ? null : graph.constant(value);
  if (!constant) throw new NotRecognised('a bias or normalisation of its last block is missing');
  return parameterOf(constant);
}

function parameterOf({ type, shape, data }: StoredConstant): Parameter {
  if (!data || (type !== 'float32' && type !== 'float16'))
    throw new NotRecognised('its weights are kept in an uncommon form');
  return {
    shape,
    read: async () => {
      const bytes = await data.read();
      return type === 'float32'
        ? new Float32Array(new Uint8Array(bytes).buffer)
        : Float32Array.from(numbersOf(type, bytes));
    },
  };
}
