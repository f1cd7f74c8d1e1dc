import type { Checkpoint } from '../../src/clip/checkpoint/checkpoint.ts';
import type { Precision } from '../../src/clip/base/manifest.ts';
import { softened } from '../../src/clip/families/layers/layers.ts';
import { intoEncoder, outOfEncoder, type Build } from '../../src/clip/families/layers/precision.ts';
import { GraphBuilder, type Graph, type Value } from '../../src/clip/onnx/graph.ts';

/**
 * Both encoders of a checkpoint with the interface of transformers.js: `pixel_values` float32 [N, 3, S, S], already
 * normalised, → `image_embeds`, or `input_ids` int64 [N, T] → `text_embeds`, float32 [N, E], not normalised.
 */
export function transformersJsGraphs(
  { architecture, parameters, preprocessing }: Checkpoint,
  precision: Precision,
): { visual: Graph; textual: Graph } {
  const { imageSize, embeddingSize } = architecture;
  const begin = (name: string): Build => ({ graph: new GraphBuilder(name), precision });
  const finish = (build: Build, name: string, projection: Value): Graph => {
    build.graph.output(name, outOfEncoder(build, 'projection', projection), 'float32', ['N', embeddingSize]);
    return build.graph.finish();
  };

  const visual = begin('image_encoder');
  const pixels = visual.graph.input('pixel_values', 'float32', ['N', 3, imageSize, imageSize]);
  const image = intoEncoder(visual, 'image', softened(visual, pixels, preprocessing.statistics));
  const textual = begin('text_encoder');
  const ids = textual.graph.input('input_ids', 'int64', ['N', 'T']);
  return {
    visual: finish(visual, 'image_embeds', architecture.encodeImage(visual, image, parameters)),
    textual: finish(textual, 'text_embeds', architecture.encodeText(textual, ids, parameters)),
  };
}
