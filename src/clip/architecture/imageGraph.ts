import { type Graph, GraphBuilder, type Value } from '../onnx/graph.ts';
import { l2Normalise, normalisePixels, type PixelStatistics } from './layers.ts';
import type { Build, Precision } from './precision.ts';

/**
 * How a graph speaks to its caller.
 * - `assetlens`: `pixels` uint8 [N, S, S, 3] or `input_ids` int64 [N, T] → `embedding` float32 [N, E], unit rows.
 * - `transformersJs`: `pixel_values` float32 [N, 3, S, S], already normalised, → `image_embeds`, or `input_ids` → `text_embeds`,
 *   float32 [N, E] as the projection gives them.
 */
export type Interface = 'assetlens' | 'transformersJs';

export interface GraphOptions {
  readonly precision: Precision;
  readonly interface: Interface;
}

export interface ImageGraphOptions extends GraphOptions {
  readonly statistics: PixelStatistics;
}

/** The frame of an image encoder: `encode` turns normalised float32 [N, 3, S, S] into a projection [N, E]. */
export function imageGraph(
  size: number,
  embeddingSize: number,
  options: ImageGraphOptions,
  encode: (build: Build, image: Value) => Value,
): Graph {
  const graph = new GraphBuilder('image_encoder');
  const build: Build = { graph, precision: options.precision };
  if (options.interface === 'transformersJs') {
    const image = graph.input('pixel_values', 'float32', ['N', 3, size, size]);
    graph.output('image_embeds', encode(build, image), 'float32', ['N', embeddingSize]);
  } else {
    const pixels = graph.input('pixels', 'uint8', ['N', size, size, 3]);
    const projection = encode(build, normalisePixels(build, pixels, options.statistics));
    graph.output('embedding', l2Normalise(build, projection), 'float32', ['N', embeddingSize]);
  }
  return graph.finish();
}
