import type { Value } from '../../onnx/graph.ts';
import { integers } from '../../onnx/tensor.ts';
import { layerNorm } from './layers.ts';
import { below, type Parameter, type Parameters } from './parameters.ts';
import { type Build, matMul, vector, weight } from './precision.ts';
import { type Masks, transformer, type TransformerShape } from './transformerBlock.ts';

export interface TextTransformerConfig extends TransformerShape {
  readonly contextLength: number;
  readonly vocabularySize: number;
  readonly embeddingSize: number;
}

/**
 * CLIP's text transformer (paper, section 2.4): causal attention, and the state at the end token, normalised and
 * projected, is the embedding. The end token is the highest id, so padding after the first end token does not matter,
 * and a batch may be cut to its longest text. ids [N, T] → projection [N, E]
 */
export function encodeText(build: Build, ids: Value, config: TextTransformerConfig, parameters: Parameters): Value {
  const { contextLength, vocabularySize, width, layerNormEpsilon, embeddingSize } = config;
  const { graph } = build;
  const table = weight(build, 'token_table', parameters.take('token_embedding.weight', [vocabularySize, width]));
  const tokens = graph.node('token_embedding', 'Gather', [table, ids], { axis: 0 });
  const firstT = sequencePrefix(build, ids);
  const positions = vector(build, 'position_table', parameters.take('positional_embedding', [contextLength, width]));
  const x = graph.node('embeddings', 'Add', [tokens, firstT('positional_embedding', positions, 0)]);

  const end = graph.node('end_position', 'ArgMax', [ids], { axis: 1, keepdims: 1 }); // [N, 1]
  const mask = firstT('mask_columns', vector(build, 'causal_table', causalTable(contextLength)), 1); // [context, T]
  const masks: Masks = {
    all: firstT('mask', mask, 0),
    pooled: graph.node('mask_at_end', 'Unsqueeze', [
      graph.node('mask_rows_at_end', 'Gather', [mask, end], { axis: 0 }), // [N, 1, T]
      graph.constant('head_axis', integers(1)),
    ]),
  };
  const endIndex = graph.node('end_index', 'Unsqueeze', [end, graph.constant('index_axis', integers(2))]); // [N, 1, 1]
  const endToken = transformer(build, x, below(parameters, 'transformer.'), config, {
    pool: (section, name, states) => section.graph.node(name, 'GatherND', [states, endIndex], { batch_dims: 1 }),
    masks,
  }); // [N, 1, D]
  const pooled = graph.node('pooled', 'Squeeze', [endToken, graph.constant('token_axis', integers(1))]);
  const normed = layerNorm(build, 'ln_final', pooled, parameters, width, layerNormEpsilon);
  return matMul(build, 'text_projection', normed, parameters.take('text_projection', [width, embeddingSize]));
}

/** Returns a function that cuts a table for the longest context to the T of this batch, along an axis. */
function sequencePrefix({ graph }: Build, ids: Value): (name: string, table: Value, axis: number) => Value {
  const start = graph.constant('sequence_start', integers(0));
  const sizes = graph.node('ids_shape', 'Shape', [ids]);
  const length = graph.node('sequence_length', 'Slice', [
    sizes,
    graph.constant('length_from', integers(1)),
    graph.constant('length_to', integers(2)),
  ]);
  return (name, table, axis) =>
    graph.node(name, 'Slice', [table, start, length, graph.constant(`${name}_axis`, integers(axis))]);
}

/** 0 where a token (row) attends to another (column), −∞ where the other comes later. */
function causalTable(length: number): Parameter {
  const read = (): Promise<Float32Array> => {
    const table = new Float32Array(length * length);
    for (let row = 0; row < length; row++) table.fill(-Infinity, row * length + row + 1, (row + 1) * length);
    return Promise.resolve(table);
  };
  return { shape: [length, length], read };
}
