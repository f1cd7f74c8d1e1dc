import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../../base/userError.ts';
import type { ImageInput, TextInput } from '../base/manifest.ts';
import { assertFilesInFolder, isNameInFolder } from '../base/modelFiles.ts';
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

/**
 * Checks before a graph is loaded that its weights are in the folder of the model. The graph may name other files.
 * @param graph name of its file, relative to the folder
 * @throws UserError where a file is outside the folder, also behind a link, or is not a regular file
 */
export async function assertWeightFiles(folder: string, graph: string): Promise<void> {
  const { externalFiles } = await readGraphInterface(path.join(folder, graph));
  const parent = path.posix.dirname(graph);
  // The prefix must not hide that a name is absolute.
  await assertFilesInFolder(
    folder,
    externalFiles.map((name) => (isNameInFolder(name) ? path.posix.join(parent, name) : name)),
  );
}
