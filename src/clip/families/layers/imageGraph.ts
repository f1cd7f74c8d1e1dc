import { type Graph, GraphBuilder, type Value } from '../../onnx/graph.ts';
import { l2Normalise, normalisePixels, softened, type PixelStatistics } from './layers.ts';
import { type Build, intoEncoder, outOfEncoder, type Precision } from './precision.ts';

/**
 * How a graph speaks to its caller.
 * - `assetlens`: `pixels` uint8 [N, S, S, 3] or `input_ids` int64 [N, T] → `embedding` float32 [N, E], unit rows.
 * - `transformersJs`: `pixel_values` float32 [N, 3, S, S], already normalised, → `image_embeds`, or `input_ids` → `text_embeds`,
 *   float32 [N, E] as the projection gives them; of SigLIP both are called `pooler_output`.
 */
export type Interface = 'assetlens' | 'transformersJs';

export interface GraphOptions {
  readonly precision: Precision;
  readonly interface: Interface;
}

export interface ImageGraphOptions extends GraphOptions {
  readonly statistics: PixelStatistics;
}

/** The frame of an image encoder: `encode` turns normalised pixels [N, 3, S, S] into a projection [N, E]. */
export function imageGraph(
  size: number,
  embeddingSize: number,
  options: ImageGraphOptions,
  encode: (build: Build, image: Value) => Value,
  thirdPartyName: 'image_embeds' | 'pooler_output' = 'image_embeds',
): Graph {
  const graph = new GraphBuilder('image_encoder');
  const build: Build = { graph, precision: options.precision };
  const isOurs = options.interface === 'assetlens';
  const image = isOurs
    ? normalisePixels(build, graph.input('pixels', 'uint8', ['N', size, size, 3]), options.statistics)
    : softened(build, graph.input('pixel_values', 'float32', ['N', 3, size, size]), options.statistics);
  const projection = encode(build, intoEncoder(build, 'image', image));
  addEmbeddingOutput(build, projection, embeddingSize, isOurs ? 'embedding' : thirdPartyName);
  return graph.finish();
}

/** Declares the projection [N, E] as the graph's output, as unit rows under our own name and as it is under any other. */
export function addEmbeddingOutput(
  build: Build,
  projection: Value,
  embeddingSize: number,
  name: 'embedding' | 'image_embeds' | 'text_embeds' | 'pooler_output',
): void {
  const wide = outOfEncoder(build, 'projection', projection);
  const rows = name === 'embedding' ? l2Normalise(build, wide) : wide;
  build.graph.output(name, rows, 'float32', ['N', embeddingSize]);
}
