import path from 'node:path';
import type { Precision } from '../../src/clip/base/manifest.ts';
import { readJson } from '../../src/clip/base/readJson.ts';
import type { Checkpoint } from '../../src/clip/checkpoint/checkpoint.ts';
import { hasBranches, parseConfig } from '../../src/clip/families/efficientnet/config.ts';
import { DOWNSAMPLING, efficientNetLite, FEATURES } from '../../src/clip/families/efficientnet/efficientNetLite.ts';
import { projected, reduced } from '../../src/clip/families/efficientnet/encodeImage.ts';
import { cellsAsTokens, l2Normalise, normalisePixels } from '../../src/clip/families/layers/layers.ts';
import { below } from '../../src/clip/families/layers/parameters.ts';
import { intoEncoder, outOfEncoder, within, type Build } from '../../src/clip/families/layers/precision.ts';
import { GraphBuilder, type Graph, type Value } from '../../src/clip/onnx/graph.ts';
import { integers } from '../../src/clip/onnx/tensor.ts';
import { UserError } from '../../src/base/userError.ts';

/**
 * The simplest heatmap as a baseline: the projection of the branch for drawings, applied to each cell of its last
 * stage. The graph has the interface of a dense branch, so the rest of the pipeline is the shipped one. Its embedding
 * is the mean of the cells, without kinds.
 * @throws UserError where the encoder has no branches of EfficientNet-Lite
 */
export async function rawCells(
  { folder, parameters, preprocessing }: Checkpoint,
  precision: Precision,
): Promise<Graph> {
  const configFile = path.join(folder, 'open_clip_config.json');
  const json = await readJson(configFile);
  if (!hasBranches((json as { readonly model_cfg?: unknown }).model_cfg)) {
    throw new UserError(
      'Raw cells exist only for branches of EfficientNet-Lite. Pass a checkpoint of the bundled model.',
    );
  }
  const { vision } = parseConfig(json, configFile);
  const { imageSize, kinds, embeddingSize } = vision;
  const drawings = below(parameters, 'visual.drawings.');
  const cells = Math.floor(imageSize / vision.reduction / DOWNSAMPLING) ** 2;
  const graph = new GraphBuilder('raw_cells');
  const build: Build = { graph, precision };
  const pixels = graph.input('pixels', 'uint8', [1, imageSize, imageSize, 3]);
  const image = intoEncoder(build, 'image', normalisePixels(build, pixels, preprocessing.statistics));
  const features = efficientNetLite(build, reduced(build, image, vision), vision, drawings);
  const tokens = cellsAsTokens(within(build, 'tokens'), features, FEATURES, cells);
  const vectors = outOfEncoder(build, 'wide', projected(build, tokens, vision, drawings));
  const padded = (name: string, x: Value): Value =>
    graph.node(name, 'Pad', [x, graph.constant(`${name}_columns`, integers(...pads(kinds)))]);
  const shares = padded('with_kinds', vectors);
  const dimensions = embeddingSize + kinds;
  graph.output('cells', l2Normalise(within(build, 'rows'), shares), 'float32', [1, cells, dimensions]);
  graph.output('shares', graph.node('shares_as_rows', 'Identity', [shares]), 'float32', [1, cells, dimensions]);
  const mean = graph.node('mean', 'ReduceMean', [shares], { axes: [1], keepdims: 0 });
  graph.output('embedding', l2Normalise(within(build, 'whole'), mean), 'float32', [1, dimensions]);
  return graph.finish();
}

/** Adds zeros for the kinds to the end of the last of three axes. */
function pads(kinds: number): readonly [number, number, number, number, number, number] {
  return [0, 0, 0, 0, 0, kinds];
}
