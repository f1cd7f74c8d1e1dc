import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../../base/userError.ts';
import { readGraphInterface } from '../onnx/graphInterface.ts';
import { imageGraphTensors, textGraphTensors } from './graphTensors.ts';
import type { ImageInput, TextInput } from '../base/manifest.ts';

/** What a uint8 graph is not given, and so does not matter. */
const NO_STATISTICS = { mean: [0, 0, 0], std: [1, 1, 1] } as const;

/**
 * Checks that a graph of another maker is run as it wants to be, before its first run: the file may have been replaced since it
 * was installed. Graphs of our own have one interface, which the runtime checks itself.
 * @throws UserError where the manifest says otherwise
 */
export async function assertGraph(folder: string, encoder: ImageInput | TextInput): Promise<void> {
  const { tensors } = encoder;
  if (tensors === undefined) return;
  const file = path.join(folder, encoder.graph);
  const graph = await readGraphInterface(file);
  const found =
    'size' in encoder
      ? imageGraphTensors(graph, 'mean' in tensors ? tensors : NO_STATISTICS, file).tensors
      : textGraphTensors(graph, file).tensors;
  if (isDeepStrictEqual(found, tensors)) return;
  throw new UserError(`${file} is not the graph that the manifest beside it describes. Install the model again.`);
}
