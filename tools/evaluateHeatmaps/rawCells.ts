import path from 'node:path';
import { cellsAsTokens, l2Normalise, linear, normalisePixels } from '../../src/clip/families/layers/layers.ts';
import { convolutions, DOWNSAMPLING } from '../../src/clip/families/clip/modifiedResNet.ts';
import { below } from '../../src/clip/families/layers/parameters.ts';
import { intoEncoder, outOfEncoder, within, type Build } from '../../src/clip/families/layers/precision.ts';
import type { Precision } from '../../src/clip/base/manifest.ts';
import { readJson } from '../../src/clip/base/readJson.ts';
import { parseOpenClipConfig } from '../../src/clip/families/clip/openClipConfig.ts';
import type { Checkpoint } from '../../src/clip/checkpoint/checkpoint.ts';
import { GraphBuilder, type Graph } from '../../src/clip/onnx/graph.ts';
import { UserError } from '../../src/base/userError.ts';

/**
 * The simplest heatmap as a baseline: the value and output projections of the attention pool, applied to each cell of
 * the last stage. The graph has the interface of a dense branch, so the rest of the pipeline is the shipped one. Its
 * embedding is the mean of the cells.
 * @throws UserError where the encoder is not a ResNet of open_clip
 */
export async function rawCells(
  { folder, parameters, preprocessing }: Checkpoint,
  precision: Precision,
): Promise<Graph> {
  const configFile = path.join(folder, 'open_clip_config.json');
  const { vision } = parseOpenClipConfig(await readJson(configFile), configFile);
  if (vision.kind !== 'modifiedResNet') {
    throw new UserError('Raw cells exist only for ResNets. Pass a checkpoint with a ResNet.');
  }
  const { imageSize, width: stem, embeddingSize } = vision;
  const visual = below(parameters, 'visual.');
  const pool = below(visual, 'attnpool.');
  const width = stem * DOWNSAMPLING;
  const cells = Math.floor(imageSize / DOWNSAMPLING) ** 2;
  const graph = new GraphBuilder('raw_cells');
  const build: Build = { graph, precision };
  const pixels = graph.input('pixels', 'uint8', [1, imageSize, imageSize, 3]);
  const image = intoEncoder(build, 'image', normalisePixels(build, pixels, preprocessing.statistics));
  const tokens = cellsAsTokens(within(build, 'tokens'), convolutions(build, image, vision, visual), width, cells);
  const project = (name: string, x: typeof tokens, outputs: number): typeof tokens =>
    linear(build, name, x, pool.take(`${name}.weight`, [outputs, width]), pool.take(`${name}.bias`, [outputs]));
  const projected = outOfEncoder(
    build,
    'projected',
    project('c_proj', project('v_proj', tokens, width), embeddingSize),
  );
  const rows = l2Normalise(within(build, 'rows'), projected);
  graph.output('cells', rows, 'float32', [1, cells, embeddingSize]);
  graph.output('shares', graph.node('shares_as_rows', 'Identity', [projected]), 'float32', [1, cells, embeddingSize]);
  const mean = graph.node('mean', 'ReduceMean', [projected], { axes: [1], keepdims: 0 });
  graph.output('embedding', l2Normalise(within(build, 'whole'), mean), 'float32', [1, embeddingSize]);
  return graph.finish();
}
