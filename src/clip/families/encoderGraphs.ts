import { type Graph, GraphBuilder, type Value } from '../onnx/graph.ts';
import type { Architecture, GraphOptions, ImageGraphOptions } from './definition/family.ts';
import { l2Normalise, normalisePixels } from './layers/layers.ts';
import type { Parameters } from './layers/parameters.ts';
import { type Build, intoEncoder, outOfEncoder } from './layers/precision.ts';

/**
 * Both encoders of a checkpoint as graphs. `pixels` uint8 [N, S, S, 3] or `input_ids` int64 [N, T] → `embedding`
 * float32 [N, E], unit rows. All families have this interface.
 */
export function encoderGraphs(
  architecture: Architecture,
  parameters: Parameters,
  options: ImageGraphOptions,
): { readonly visual: Graph; readonly textual: Graph } {
  return {
    visual: imageGraph(architecture, parameters, options),
    textual: textGraph(architecture, parameters, options),
  };
}

function imageGraph(architecture: Architecture, parameters: Parameters, options: ImageGraphOptions): Graph {
  const { imageSize } = architecture;
  const graph = new GraphBuilder('image_encoder');
  const build: Build = { graph, precision: options.precision };
  const pixels = graph.input('pixels', 'uint8', ['N', imageSize, imageSize, 3]);
  const image = intoEncoder(build, 'image', normalisePixels(build, pixels, options.statistics));
  addEmbedding(build, architecture, architecture.encodeImage(build, image, parameters));
  return graph.finish();
}

function textGraph(architecture: Architecture, parameters: Parameters, options: GraphOptions): Graph {
  const { hasFixedTextLength, contextLength } = architecture;
  const graph = new GraphBuilder('text_encoder');
  const build: Build = { graph, precision: options.precision };
  const ids = graph.input('input_ids', 'int64', ['N', hasFixedTextLength ? contextLength : 'T']);
  addEmbedding(build, architecture, architecture.encodeText(build, ids, parameters));
  return graph.finish();
}

/** Declares the unit rows of a projection [N, E] as the graph's output. */
function addEmbedding(build: Build, { embeddingSize }: Architecture, projection: Value): void {
  const rows = l2Normalise(build, outOfEncoder(build, 'projection', projection));
  build.graph.output('embedding', rows, 'float32', ['N', embeddingSize]);
}
