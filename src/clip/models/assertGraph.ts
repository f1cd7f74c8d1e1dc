import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../../base/userError.ts';
import type { ImageInput, TextInput } from '../base/manifest.ts';
import { readGraphInterface } from '../onnx/graphInterface.ts';
import { imageGraphTensors, textGraphTensors } from './graphTensors.ts';

/** uint8 graphs have no statistics, so these values are not compared. */
const NO_STATISTICS = { mean: [0, 0, 0], std: [1, 1, 1] } as const;

/**
 * Checks before the first run that a third-party graph still has the tensors of its manifest: the file may have been
 * replaced since it was installed. Converted graphs all have one interface, which the runtime checks itself.
 * @throws UserError where the tensors differ
 */
export async function assertGraph(folder: string, encoder: ImageInput | TextInput): Promise<void> {
  const { tensors } = encoder;
  if (tensors === undefined) return;
  const file = path.join(folder, encoder.graph);
  const graph = await readGraphInterface(file);
  const outputs = [tensors.output];
  const actual =
    'size' in encoder
      ? imageGraphTensors(graph, outputs, 'mean' in tensors ? tensors : NO_STATISTICS, file).tensors
      : textGraphTensors(graph, outputs, file).tensors;
  if (isDeepStrictEqual(actual, tensors)) return;
  throw new UserError(`${file} does not match its manifest. Install the model again.`);
}
