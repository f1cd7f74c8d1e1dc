import readline from 'node:readline/promises';
import { fileSize, megabytes } from '../base/format.ts';
import { UserError } from '../base/userError.ts';
import {
  addModel,
  chosenName,
  chooseModel,
  createInference,
  findModelProblem,
  hubSettings,
  installedModels,
  modelsFolder,
  type ModelProblem,
  openModelFolder,
  registeredModels,
  removeModel,
  type BundledModel,
  type DownloadRequest,
  type InstalledModel,
  type ModelManifest,
} from '../clip/index.ts';
import { print, printJson, report, table } from './output.ts';
import { progressDisplay } from './progress.ts';
import { useProxyOfEnvironment } from './proxy.ts';
import { text } from './text.ts';

interface ModelsOptions {
  readonly bundled: BundledModel;
  readonly json?: boolean;
}

export interface AddModelOptions extends ModelsOptions {
  readonly name?: string;
  readonly revision?: string;
  readonly folder?: string;
  readonly precision?: ModelManifest['precision'];
  readonly force?: boolean;
  readonly yes?: boolean;
  readonly use?: boolean;
  readonly hostScript: string;
  readonly signal: AbortSignal;
}

/** `assetlens models list`: lists the installed models and the recommended ones. */
export async function listModels({ bundled, json }: ModelsOptions): Promise<void> {
  const models = modelsFolder();
  const chosen = (await chosenName(models)) ?? bundled.name;
  const installed = await installedModels(models, bundled);
  const others = registeredModels.filter(({ id }) => !installed.some(({ name }) => name === id));
  if (json) {
    for (const model of installed) await printJson(objectOf(model, chosen));
    for (const { id, repository, revision, licence, megabytes: download, accuracy, goodFor } of others) {
      const common = { name: id, installed: false, repository, revision, licence };
      await printJson({ ...common, megabytes: download, accuracy, goodFor });
    }
    return;
  }
  await print(
    table(
      ['installed', '', 'size', 'licence', 'embedding'],
      installed.map((model) => rowOf(model, chosen)),
    ),
  );
  await print(
    text`\n${table(
      ['recommended', 'download', 'licence', 'ImageNet', 'good for'],
      others.map(({ id, megabytes: download, licence, accuracy, goodFor }) => [
        id,
        fileSize(download * 1e6),
        licence,
        `${accuracy} %`,
        goodFor,
      ]),
    )}`,
  );
  await print(text`\nImageNet: published zero-shot accuracy on ImageNet (1,000 classes).\n`);
}

function rowOf({ name, manifest, bytes }: InstalledModel, chosen: string): string[] {
  const use = name === chosen ? 'default' : '';
  const size = fileSize(bytes);
  if ('problem' in manifest) return [name, use, size, '', manifest.problem];
  const { precision, embeddingSize, licence, image } = manifest;
  return [name, use, size, licence ?? 'not stated', `${embeddingSize} dimensions, ${image.size} px, ${precision}`];
}

function objectOf({ name, folder, manifest, bytes }: InstalledModel, chosen: string) {
  const common = { name, installed: true, default: name === chosen, folder, bytes };
  if ('problem' in manifest) return { ...common, error: manifest.problem };
  const { id, licence, precision, embeddingSize } = manifest;
  return { ...common, id, licence, precision, embeddingSize };
}

/** `assetlens models add`: installs a recommended model, a repository of the hub or a local folder. */
export async function add(source: string, options: AddModelOptions): Promise<void> {
  const { bundled, json } = options;
  useProxyOfEnvironment();
  const models = modelsFolder();
  const { name, model } = await install(source, models, options);
  if (options.use) await chooseModel(models, name, bundled);
  const chosen = (await chosenName(models)) ?? bundled.name;
  const installed = (await installedModels(models, bundled)).find((candidate) => candidate.name === name);
  if (json && installed) {
    await printJson(objectOf(installed, chosen));
    return;
  }
  const { precision, embeddingSize, licence } = model.manifest;
  await print(
    text`${name}: ${embeddingSize} dimensions, ${precision}, ${fileSize(installed?.bytes ?? 0)}, licence ${licence ?? 'not stated'}\n`,
  );
  if (chosen === name) return;
  await print(
    text`Pass --model ${name} to use it once, or run "assetlens models use ${name}" to make it the default.\n`,
  );
}

/** Downloads, builds and checks a model, with progress on standard error. */
async function install(source: string, models: string, options: AddModelOptions): ReturnType<typeof addModel> {
  const { bundled, hostScript, signal, force = false, yes = false } = options;
  const hub = hubSettings();
  using downloading = progressDisplay('Downloading');
  using building = progressDisplay('Building');
  return await addModel(source, {
    ...{ hub, models, bundled, signal, replace: force },
    name: options.name,
    revision: options.revision,
    folder: options.folder,
    precision: options.precision,
    confirm: async (request) => yes || (await consent(request, hub.cacheFolder, signal)),
    check: (temporary) => tryModel(temporary, hostScript, signal),
    onDownload({ doneBytes, totalBytes, file, waiting }) {
      const note = waiting ? `MB ${file}: another process is downloading it` : `MB ${file}`;
      downloading.update({ done: megabytes(doneBytes), total: megabytes(totalBytes), note });
    },
    onBuild(fraction) {
      downloading[Symbol.dispose]();
      building.update({ done: Math.floor(100 * fraction), total: 100, note: '%' });
    },
  });
}

/** `assetlens models remove`: removes an installed model. */
export async function remove(name: string, { bundled }: ModelsOptions): Promise<void> {
  const models = modelsFolder();
  const wasChosen = (await chosenName(models)) === name;
  await removeModel(models, name, bundled);
  await print(text`Removed ${name}.${wasChosen ? ` ${bundled.name} is now the default model.` : ''}\n`);
}

/** `assetlens models use`: makes a model the default. */
export async function use(name: string, { bundled }: ModelsOptions): Promise<void> {
  await chooseModel(modelsFolder(), name, bundled);
  await print(text`${name} is now the default model.\n`);
}

/** Asks the user on the terminal. @throws UserError if standard input is not a terminal */
async function consent(request: DownloadRequest, cacheFolder: string, signal: AbortSignal): Promise<boolean> {
  const { repository, commit, bytes, licence } = request;
  const offer = `${repository} (commit ${commit.slice(0, 7)}): ${fileSize(bytes)} to download, licence ${licence ?? 'not stated'}`;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new UserError(`${offer}. Pass --yes to accept.`);
  }
  report(text`${offer}\nThe files go to ${cacheFolder}, the cache that all Hugging Face tools share.\n`);
  const terminal = readline.createInterface({ input: process.stdin, output: process.stderr });
  // While readline reads from the terminal, Ctrl-C reaches it instead of the process.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return /^\s*y(es)?\s*$/i.test(await terminal.question('Download it? [y/N] ', { signal }));
  } finally {
    terminal.close();
  }
}

/** Embeds a text and an image in a separate process. @throws UserError if the model does not work */
async function tryModel(folder: string, hostScript: string, signal: AbortSignal): Promise<void> {
  await using inference = createInference({ model: await openModelFolder(folder), hostScript });
  const problem = await findModelProblem(inference, signal);
  if (!problem) return;
  throw new UserError(
    `The model does not work on this machine: ${reasonOf(problem)}. It was not installed. Run "assetlens doctor" to check the machine, or choose another model.`,
  );
}

function reasonOf(problem: ModelProblem): string {
  switch (problem.kind) {
    case 'failed':
      return problem.reason;
    case 'invalid':
      return 'its embeddings contain invalid numbers, or only zeros';
    case 'constant':
      return 'its embeddings of different images or texts are all the same';
  }
}
