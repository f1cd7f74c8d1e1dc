import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import envPaths from 'env-paths';
import * as z from 'zod';
import { UserError, messageOf } from '../../base/userError.ts';
import { MANIFEST_FILE, openModelFolder, type ModelManifest } from '../base/manifest.ts';

/** A model in the folder of the user's models. */
export interface InstalledModel {
  readonly name: string;
  readonly folder: string;
  /** The manifest, or the reason why the model cannot be used. */
  readonly manifest: ModelManifest | { readonly problem: string };
  readonly bytes: number;
}

/** The bundled model. The user chooses it like an installed model. */
export interface BundledModel {
  readonly name: string;
  readonly folder: string;
}

const CHOICE = 'default.json';
const NAME = /^\w[\w.-]*$/;
const choiceSchema = z.object({ model: z.string() });

/** The folder of the user's models: ASSETLENS_MODELS, or a folder in the system's folder for application data. */
export function modelsFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const configured = environment['ASSETLENS_MODELS']?.trim();
  return configured ? path.resolve(configured) : path.join(envPaths('assetlens', { suffix: '' }).data, 'models');
}

/** A valid model name from a file name or the name of a repository. */
export function modelNameOf(text: string): string {
  const name = path.posix
    .basename(text.replaceAll('\\', '/'))
    .replace(/[^\w.-]+/g, '-')
    .replace(/^[^\w]+/, '');
  return name === '' ? 'model' : name;
}

/**
 * The folder of a model, which may not exist.
 * @throws UserError where the name is not valid
 */
export function modelFolderOf(models: string, name: string, bundled: BundledModel): string {
  if (name === bundled.name)
    throw new UserError(
      `The model "${name}" comes with AssetLens. You cannot replace or remove it. To add a model, choose another name with --name.`,
    );
  if (NAME.test(name) && name !== CHOICE) return path.join(models, name);
  throw new UserError(`"${name}" is not a valid model name. Use only letters, digits, ".", "-" and "_".`);
}

/** The bundled model and all installed models, by name, including those that cannot be used. */
export async function installedModels(models: string, bundled: BundledModel): Promise<InstalledModel[]> {
  return Promise.all([bundled, ...(await modelFoldersIn(models))].map(describeModel));
}

async function modelFoldersIn(models: string): Promise<BundledModel[]> {
  const entries = await readdir(models, { withFileTypes: true }).catch(() => []);
  // Temporary folders of installations have ".partial-" in their name; the folder of locks has no valid model name.
  const folders = entries.filter(
    (entry) => entry.isDirectory() && NAME.test(entry.name) && !entry.name.includes('.partial-'),
  );
  const names = folders.map(({ name }) => name);
  return names.sort().map((name) => ({ name, folder: path.join(models, name) }));
}

async function describeModel({ name, folder }: BundledModel): Promise<InstalledModel> {
  const manifest = await openModelFolder(folder).then(
    (model) => model.manifest,
    (error: unknown) => ({ problem: messageOf(error) }),
  );
  return { name, folder, manifest, bytes: await bytesBelow(folder) };
}

/** @throws UserError where no such model is installed */
export async function removeModel(models: string, name: string, bundled: BundledModel): Promise<void> {
  const folder = modelFolderOf(models, name, bundled);
  await assertInstalled(models, name);
  if ((await chosenName(models)) === name) await chooseModel(models, bundled.name, bundled);
  await rm(folder, { recursive: true });
}

/**
 * Chooses the model that is used by default.
 * @throws UserError where no such model is installed
 */
export async function chooseModel(models: string, name: string, bundled: BundledModel): Promise<void> {
  if (name !== bundled.name) await assertInstalled(models, name);
  await mkdir(models, { recursive: true });
  const temporary = path.join(models, `${CHOICE}.${randomUUID()}`);
  await writeFile(temporary, `${JSON.stringify({ model: name })}\n`);
  await rename(temporary, path.join(models, CHOICE));
}

/** The name of the chosen model; null where the user chose none. */
export async function chosenName(models: string): Promise<string | null> {
  const file = path.join(models, CHOICE);
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  try {
    return choiceSchema.parse(JSON.parse(text)).model;
  } catch (error) {
    throw new UserError(
      `${file} is damaged (${messageOf(error)}). Choose a model again with "assetlens models use <name>".`,
    );
  }
}

/**
 * The folder of a named model, or of the chosen model.
 * @param named name of an installed model, or otherwise a model folder; "./name" is always a folder
 * @throws UserError where the chosen model is no longer installed
 */
export async function findModel(named: string | undefined, models: string, bundled: BundledModel): Promise<string> {
  const name = named ?? (await chosenName(models)) ?? bundled.name;
  if (name === bundled.name) return bundled.folder;
  if (await isInstalled(models, name)) return path.join(models, name);
  if (named !== undefined) return named;
  throw new UserError(
    `The default model "${name}" is no longer installed in ${models}. Choose another model with "assetlens models use <name>".`,
  );
}

async function assertInstalled(models: string, name: string): Promise<void> {
  if (await isInstalled(models, name)) return;
  throw new UserError(`No model named "${name}" is installed. "assetlens models list" shows the installed models.`);
}

async function isInstalled(models: string, name: string): Promise<boolean> {
  if (!NAME.test(name)) return false;
  return stat(path.join(models, name, MANIFEST_FILE)).then(
    () => true,
    () => false,
  );
}

async function bytesBelow(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) sum += (await stat(path.join(entry.parentPath, entry.name))).size;
  }
  return sum;
}
