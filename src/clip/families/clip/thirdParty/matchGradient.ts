import { numbersOf, type StoredConstant } from '../../../onnx/storedGraph.ts';
import { NotRecognised } from '../../definition/family.ts';
import { type Parameter, type Parameters, transposed } from '../../layers/parameters.ts';
import type { VisionTransformerConfig } from '../visionTransformer.ts';
import { type GraphView, isSame } from './graphView.ts';
import { type Matrix, matchActivation, matchLayerNorm, matchLinear } from './matchLayers.ts';
import type { TransformerMatch } from './matchTransformer.ts';

/** The arguments of tokenGradient, without the number of heads, which is known when the dense branch runs. */
export interface GradientMatch {
  readonly config: Omit<VisionTransformerConfig, 'heads'>;
  readonly parameters: Parameters;
}

/**
 * Recognises the layers after the attention of the last block, and finds their weights.
 * @throws NotRecognised with the reason, as a clause for the user
 */
export function matchGradient(match: TransformerMatch): GradientMatch {
  const { graph, attended, mlp, out, finalNorm, projection, width, layers, tokens, embeddingSize } = match;
  const active = matchActivation(graph, mlp.x);
  if (!active) throw new NotRecognised('the activation of its MLP is neither GELU nor QuickGELU');
  const widen = matchLinear(graph, active.h);
  const norm = widen && matchLayerNorm(graph, widen.x);
  if (!widen || !norm || !isSame(graph, norm.x, attended)) throw new NotRecognised('its MLP does not have two layers');
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
  const parameters = new Map<string, Parameter>([
    ['proj', asProduct(projection.weights)],
    ...[...matrices].map(([name, matrix]) => [name, transposed(asProduct(matrix))] as const),
    ...[...vectors].map(([name, value]) => [name, vectorOf(graph, value)] as const),
  ]);
  const side = Math.sqrt(tokens - 1);
  return {
    config: {
      kind: 'visionTransformer',
      ...{ imageSize: side, patchSize: 1, width, layers, embeddingSize }, // only the number of patches matters
      mlpWidth: widen.weights.outputs,
      activation: active.activation,
      layerNormEpsilon: norm.epsilon,
    },
    parameters: {
      take(name, shape) {
        const parameter = parameters.get(name);
        if (parameter?.shape.join() !== shape.join())
          throw new NotRecognised(`its ${name} is not [${shape.join(', ')}]`);
        return parameter;
      },
    },
  };
}

/** [inputs, outputs] */
function asProduct({ constant, isStoredTransposed }: Matrix): Parameter {
  const parameter = parameterOf(constant);
  return isStoredTransposed ? transposed(parameter) : parameter;
}

function vectorOf(graph: GraphView, value: string | null): Parameter {
  const constant = value === null ? null : graph.constant(value);
  if (!constant) throw new NotRecognised('a bias or normalisation of its last block is missing');
  return parameterOf(constant);
}

function parameterOf({ type, shape, data }: StoredConstant): Parameter {
  if (!data || (type !== 'float32' && type !== 'float16'))
    throw new NotRecognised('its weights are stored in an unsupported form');
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
