import path from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../../base/userError.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { keys, SECTION } from '../../workspace/settings.ts';
import { installModel } from './addModel.ts';
import { modelItems, type ModelChoice, type ModelItem } from './modelItems.ts';
import { showMessage, ask } from '../../workspace/messages.ts';
import { printableItem } from '../../workspace/shownText.ts';

/**
 * Registers "Choose Model…", which lists, selects, adds and removes models. It uses the network only after a choice.
 */
export function registerChooseModel(services: Services): vscode.Disposable {
  return vscode.commands.registerCommand('assetlens.chooseModel', () =>
    reportErrors(services.log, async () => {
      const choice = await pickModel(services);
      if (choice) await follow(services, choice);
    }),
  );
}

/** Returns the current rows of the list. */
export async function listModels({ models }: Services): Promise<ModelItem[]> {
  const { installedModels, modelsFolder, registeredModels } = await import('../../clip/index.ts');
  const [installed, { name }] = await Promise.all([installedModels(modelsFolder(), models.bundled), models.wanted()]);
  return modelItems({ installed, recommended: registeredModels, inUse: name, bundled: models.bundled.name });
}

async function pickModel(services: Services): Promise<ModelChoice | undefined> {
  const pick = vscode.window.createQuickPick<ModelItem>();
  pick.title = vscode.l10n.t('Choose Model');
  pick.placeholder = vscode.l10n.t('Select the model that AssetLens uses for images');
  pick.matchOnDescription = pick.matchOnDetail = true;
  pick.busy = true;
  const load = (): Promise<void> =>
    reportErrors(services.log, async () => {
      pick.items = (await listModels(services)).map(printableItem);
      pick.busy = false;
    });
  const { promise, resolve } = Promise.withResolvers<ModelChoice | undefined>();
  pick.onDidAccept(() => {
    const [item] = pick.selectedItems;
    if (item?.choice) resolve(item.choice);
  });
  pick.onDidTriggerItemButton(({ item }) => {
    const { removes } = item;
    if (removes !== undefined) void reportErrors(services.log, () => removeModel(services, removes)).then(load);
  });
  pick.onDidHide(() => {
    resolve(undefined);
  });
  const following = services.models.onDidChange(() => void load());
  try {
    pick.show();
    await load();
    return await promise;
  } finally {
    following.dispose();
    pick.dispose();
  }
}

async function follow(services: Services, choice: ModelChoice): Promise<void> {
  switch (choice.kind) {
    case 'use':
      await useModel(services, choice.name);
      return;
    case 'add':
      if (isTrusted()) await add(services, choice.model.id);
      return;
    case 'addFromHub': {
      if (!isTrusted()) return;
      const name = await askRepository();
      if (name !== undefined) await add(services, name);
      return;
    }
    case 'addFromFolder': {
      if (!isTrusted()) return;
      const [folder] =
        (await vscode.window.showOpenDialog({
          title: vscode.l10n.t('Add a Model from a Folder'),
          openLabel: vscode.l10n.t('Add'),
          canSelectFiles: false,
          canSelectFolders: true,
        })) ?? [];
      if (folder) await add(services, folder.fsPath);
    }
  }
}

/** Returns whether the workspace is trusted. If not, it shows a message. */
function isTrusted(): boolean {
  if (vscode.workspace.isTrusted) return true;
  const manage = vscode.l10n.t('Manage Workspace Trust');
  const message = vscode.l10n.t(
    'You can add models only in trusted workspaces. Trust this workspace or open another one.',
  );
  void showMessage('warning', message, manage).then(async (answer) => {
    if (answer === manage) await vscode.commands.executeCommand('workbench.trust.manage');
  });
  return false;
}

async function askRepository(): Promise<string | undefined> {
  const answer = await vscode.window.showInputBox({
    title: vscode.l10n.t('Add a Model from the Hub'),
    prompt: vscode.l10n.t('Enter a repository: owner/name. AssetLens shows its size and licence before the download.'),
    placeHolder: 'laion/CLIP-ViT-B-32-laion2B-s34B-b79K',
    ignoreFocusOut: true,
    // The prompt already explains an empty box.
    validateInput: (text) =>
      text.trim() === '' || repositoryIn(text) !== undefined
        ? undefined
        : vscode.l10n.t('Enter a repository in the form owner/name.'),
  });
  return answer === undefined ? undefined : repositoryIn(answer);
}

/** Returns the name of a repository from a name or the URL of its page; undefined if the text is neither. */
function repositoryIn(text: string): string | undefined {
  return /^(?:https?:\/\/[^/]+\/)?([\w.-]+\/[\w.-]+)\/?$/.exec(text.trim())?.[1];
}

/** Installs a model and selects it. */
async function add(services: Services, what: string): Promise<void> {
  const { installedModels, modelNameOf, modelsFolder, registeredModels } = await import('../../clip/index.ts');
  const name = registeredModels.some(({ id }) => id === what) ? what : modelNameOf(what);
  const isThere = (await installedModels(modelsFolder(), services.models.bundled)).some((model) => model.name === name);
  if (isThere && !(await confirmReplacing(name))) return;
  const added = await installModel(services, what, { replace: isThere }).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    showFailure(services, what, error.message);
  });
  if (added === undefined) return;
  if (isThere) services.models.changed();
  await useModel(services, added);
}

/** Offers to try again, because a failed download can continue. */
function showFailure(services: Services, what: string, why: string): void {
  services.log.warn(why);
  const again = vscode.l10n.t('Try Again');
  void showMessage('error', why, again).then(async (answer) => {
    if (answer === again) await reportErrors(services.log, () => add(services, what));
  });
}

async function confirmReplacing(name: string): Promise<boolean> {
  const replace = vscode.l10n.t('Replace');
  const question = vscode.l10n.t('The model "{0}" is already installed. Do you want to replace it?', name);
  return ask({ severity: 'warning', question, button: replace });
}

/** Writes the setting. Its change event switches the model. */
async function useModel({ models }: Services, name: string): Promise<void> {
  const value = name === models.bundled.name ? undefined : name;
  await vscode.workspace.getConfiguration(SECTION).update(keys.model, value, vscode.ConfigurationTarget.Global);
}

async function removeModel(services: Services, name: string): Promise<void> {
  const remove = vscode.l10n.t('Remove');
  const question = vscode.l10n.t('Do you want to remove the model {0}?', name);
  const detail = vscode.l10n.t('Its embeddings stay in the index. You can use them again if you add the model later.');
  if (!(await ask({ severity: 'warning', question, detail, button: remove }))) return;
  const { modelsFolder, removeModel: removeInstalled } = await import('../../clip/index.ts');
  const { models } = services;
  if ((await models.wanted()).name === name) await useModel(services, models.bundled.name);
  // Waits for a run that the user started, so it may take some time.
  const options = { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Removing {0}', name) };
  await vscode.window.withProgress(options, () =>
    models.without(name, () => removeInstalled(modelsFolder(), name, models.bundled)),
  );
  services.log.info(`${path.join(modelsFolder(), name)} has been removed.`);
}
