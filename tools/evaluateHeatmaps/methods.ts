import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { convertCheckpoint, createInference, openModelFolder, type Inference } from '../../src/clip/index.ts';
import { openCheckpoint } from '../../src/clip/checkpoint/checkpoint.ts';
import { MANIFEST_FILE, type ModelManifest } from '../../src/clip/base/manifest.ts';
import { saveModel } from '../../src/clip/onnx/save.ts';
import { randomCheckpoint } from './randomWeights.ts';
import { rawCells } from './rawCells.ts';

/**
 * The shipped model and the models it is compared with. All use the same inference process and the same background
 * prompts.
 */
export interface Methods extends AsyncDisposable {
  readonly shipped: Inference;
  /** Null where the shipped model uses windows of drawings itself. */
  readonly windows: Inference | null;
  readonly raw: Inference;
  /** Opens encoders with random weights. There are several, because a single one may prefer objects by chance. */
  readonly random: readonly (() => Promise<Inference>)[];
}

const DRAWS = 8;

export async function openMethods(modelFolder: string, checkpointFolder: string, hostScript: string): Promise<Methods> {
  await using cleanup = new AsyncDisposableStack();
  const model = await openModelFolder(modelFolder);
  const { precision } = model.manifest;
  const temporary = await mkdtemp(path.join(tmpdir(), 'assetlens-heatmaps-'));
  cleanup.defer(() => rm(temporary, { recursive: true, force: true }));
  const open = async (folder: string): Promise<Inference> =>
    cleanup.use(createInference({ model: await openModelFolder(folder), hostScript }));
  const variant = async (name: string, dense: ModelManifest['dense']): Promise<string> => {
    const folder = path.join(temporary, name);
    await cp(modelFolder, folder, { recursive: true });
    const manifest = { ...model.manifest, dense }; // JSON omits an undefined value
    await writeFile(path.join(folder, MANIFEST_FILE), JSON.stringify(manifest));
    return folder;
  };

  const shipped = await open(modelFolder);
  const windows = model.manifest.dense?.onlyPhotos === false ? await open(await variant('windows', undefined)) : null;
  const rawFolder = await variant('raw', { graph: 'raw.onnx', gradient: null, onlyPhotos: false });
  await saveModel(await rawCells(await openCheckpoint(checkpointFolder), precision), path.join(rawFolder, 'raw.onnx'));
  const raw = await open(rawFolder);
  const random = Array.from({ length: DRAWS }, (_, draw) => async (): Promise<Inference> => {
    const [checkpoint, folder] = [path.join(temporary, `checkpoint${draw}`), path.join(temporary, `random${draw}`)];
    await randomCheckpoint(checkpointFolder, checkpoint, draw);
    return createInference({ model: await convertCheckpoint(checkpoint, folder, { precision }), hostScript });
  });
  const kept = cleanup.move();
  return { shipped, windows, raw, random, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
