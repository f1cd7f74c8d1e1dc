import { readdir } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { UserError } from '../../base/userError.ts';
import { MANIFEST_FILE, openModelFolder, type ModelFolder, type Precision } from '../base/manifest.ts';
import { readJson } from '../base/readJson.ts';
import { convertCheckpoint } from '../checkpoint/convert.ts';
import { replaceFolder } from '../checkpoint/replaceFolder.ts';
import type { Score } from '../families/index.ts';
import { assertDiskSpace } from './hub/diskSpace.ts';
import { installGraphs } from './installGraphs.ts';
import { detectLayout, type CheckpointLayout, type Layout, type LayoutOptions } from './layouts.ts';
import { placeFile, sizeOfFiles } from './placeFile.ts';
import type { ModelSource } from './source.ts';

export interface InstallOptions extends LayoutOptions {
  /** Name in the user interface and in the id of the embedding space. */
  readonly name: string;
  /** Whether an existing model may be replaced. */
  readonly replace: boolean;
  /** Tests the model before it gets its name. An error ends the installation. */
  readonly check?: ((folder: string) => Promise<void>) | undefined;
  /** How cosines become logits, for models whose graphs and files do not contain it. */
  readonly score?: Score | undefined;
  /** Progress of building the model, from 0 to 1, without the download. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** As fast as fp32 on the CPU, which converts it when it loads the model, and half as large. */
const CHECKPOINT_PRECISION: Precision = 'fp16';
const shardedIndex = z.object({ weight_map: z.record(z.string(), z.string()) });

/**
 * Installs a model from a folder or a repository of the hub, in any known layout, as a model folder. The folder gets
 * its name when the model is complete and has been tested.
 * @throws UserError where the source has no model that can be used, or the folder has one that must not be replaced;
 * the signal's reason
 */
export async function installModel(
  source: ModelSource,
  outFolder: string,
  options: InstallOptions,
): Promise<ModelFolder> {
  const layout = detectLayout(source.files, source.label, options);
  // A model folder may contain any files of earlier versions.
  const existing = new Set(await readdir(outFolder).catch(() => []));
  const earlier = { files: existing, marker: MANIFEST_FILE, mayBeReplaced: options.replace };
  await replaceFolder(outFolder, earlier, async (temporary) => {
    await build(layout, source, temporary, options);
    await options.check?.(temporary);
    options.signal?.throwIfAborted();
  });
  return openModelFolder(outFolder);
}

async function build(layout: Layout, source: ModelSource, out: string, options: InstallOptions): Promise<void> {
  switch (layout.kind) {
    case 'checkpoint':
      await installCheckpoint(layout, source, out, options);
      return;
    case 'assetlens': {
      const root = await source.fetch(layout.files);
      await assertSpaceFor(out, root, layout.files);
      for (const name of layout.files) {
        await placeFile(path.join(root, name), path.join(out, path.relative(layout.folder, name)), source.isImmutable);
      }
      await openModelFolder(out);
      return;
    }
    case 'immich':
    case 'open_clip':
    case 'transformers.js':
      await installGraphs(layout, source, out, options);
  }
}

async function installCheckpoint(
  layout: CheckpointLayout,
  source: ModelSource,
  out: string,
  { name, precision = CHECKPOINT_PRECISION, onProgress, signal }: InstallOptions,
): Promise<void> {
  const { settings, weights, isSharded, folder } = layout;
  if (!settings.some((file) => file.endsWith('tokenizer.json'))) {
    throw new UserError(
      `${source.label} has no tokenizer.json. Checkpoints with the vocabulary of OpenAI can use the tokenizer.json of openai/clip-vit-base-patch32: copy it and the weights into one folder, and add that folder.`,
    );
  }
  const files = [...settings, weights, ...(isSharded ? await shardsOf(layout, source) : [])];
  const root = await source.fetch(files);
  await assertSpaceFor(out, root, files);
  await convertCheckpoint(path.join(root, folder), out, {
    precision,
    name,
    licence: source.licence,
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
}

async function shardsOf({ weights, folder }: CheckpointLayout, source: ModelSource): Promise<string[]> {
  const file = path.join(await source.fetch([weights]), weights);
  const parsed = shardedIndex.safeParse(await readJson(file));
  if (!parsed.success) throw new UserError(`${file} does not list the files of the weights. Download it again.`);
  const names = [...new Set(Object.values(parsed.data.weight_map))].map((name) =>
    folder === '' ? name : `${folder}/${name}`,
  );
  const missing = names.find((name) => !source.files.includes(name));
  if (missing !== undefined)
    throw new UserError(
      `${source.label} does not have ${missing}, which contains some of its weights. Download the checkpoint again, or use another one.`,
    );
  return names;
}

/**
 * Graphs are about as large as the files they are made from; in full precision, a checkpoint in half precision takes
 * twice as much.
 */
async function assertSpaceFor(out: string, root: string, files: readonly string[]): Promise<void> {
  await assertDiskSpace(out, await sizeOfFiles(root, files), 'set ASSETLENS_MODELS to a folder on another disk');
}
