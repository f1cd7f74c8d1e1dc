import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { UserError } from '../../base/userError.ts';
import type { LabelSet, Library, RecoveredIndex, TaggedImage } from '../../library/index.ts';
import type { Disposable } from '../../base/disposable.ts';
import { fileIn } from './fileIn.ts';
import { createFolderLibraries, type Switching } from './folderLibraries.ts';
import { showWithLog } from '../log.ts';
import type { Models } from '../models/models.ts';
import { shared } from '../../base/shared.ts';
import { readSettings, SECTION } from '../settings.ts';
import { defaultTemplates } from '../tags/defaultTemplates.ts';

/** A workspace folder on the disk, its images, and what they are tagged with. */
export interface ImageFolder {
  readonly name: string;
  readonly uri: vscode.Uri;
  /** Whether somebody had it indexed, in this window or an earlier one. */
  hasIndex(): Promise<boolean>;
  /**
   * Works with the index as it is shown, which is opened at the first use and not closed before the work is over. While another
   * model is indexed, it is that of the model before.
   * @throws UserError where the folder was never indexed: an index is begun by the user alone
   */
  withLibrary<T>(work: (library: Library) => Promise<T>): Promise<T>;
  /** The same with the index of the wanted model, which is begun where there is none. */
  withIndex<T>(work: (library: Library) => Promise<T>): Promise<T>;
  /** What is shown and what is being made, where that is not the same; as it was when it was last looked at. */
  readonly switching: Switching | null;
  /** After models came, went or were chosen. Answers whether another library is shown or made. */
  chooseLibrary(): Promise<boolean>;
  /** After an update of the index. @param isWhole whether it looked at all of the folder. @returns whether another library is shown */
  settle(isWhole: boolean): Promise<boolean>;
  /** Aborted once the folder is no part of the workspace any more. */
  readonly closed: AbortSignal;
  /** The labels of its settings, or the default labels. */
  labelSets(): Promise<readonly LabelSet[]>;
  /** The tags of all its images; computed once, until the index, a tag or a setting changes. */
  tags(): Promise<FolderTags>;
}

export interface FolderTags {
  /** By path. */
  readonly images: readonly TaggedImage[];
  /** By path relative to the folder, with '/'. */
  readonly byPath: ReadonlyMap<string, TaggedImage>;
}

/** A file of one of the folders. */
export interface ImageFile {
  readonly folder: ImageFolder;
  /** Relative to the folder, with '/'. */
  readonly path: string;
}

/** The workspace folders that AssetLens looks at: those on the disk. */
export interface ImageFolders extends Disposable {
  all(): readonly ImageFolder[];
  /** The folder that a file lies in; undefined outside of the workspace. */
  locate(uri: vscode.Uri): ImageFile | undefined;
  /** What a folder holds changed: its index, its tags or its labels. Undefined: any of them, or which folders there are. */
  readonly onDidChange: vscode.Event<ImageFolder | undefined>;
  /** A folder's index was opened. */
  readonly onDidOpen: vscode.Event<ImageFolder>;
  /** Says that what was computed of a folder is stale. */
  changed(folder?: ImageFolder): void;
}

/** Key of the state that remembers, for each index, the id of the model that was shown last. */
const LAST_SHOWN = 'assetlens.shownModel.';
const LABELS = 'models/labels/default.yaml';
/** Share of its threshold from which a label is shown as uncertain. */
const UNCERTAIN_FROM = 0.5;

export function createImageFolders(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  models: Models,
): ImageFolders {
  const onDidChange = new vscode.EventEmitter<ImageFolder | undefined>();
  const onDidOpen = new vscode.EventEmitter<ImageFolder>();
  const folders = new Map<string, OpenFolder>();

  const folderOf = (workspaceFolder: vscode.WorkspaceFolder): OpenFolder => {
    const key = workspaceFolder.uri.toString();
    const known = folders.get(key);
    if (known) return known;
    const folder: OpenFolder = openFolder(context, log, models, workspaceFolder, () => {
      onDidOpen.fire(folder);
    });
    folders.set(key, folder);
    return folder;
  };

  const all = (): OpenFolder[] =>
    (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(folderOf);

  const changed = (folder?: ImageFolder): void => {
    for (const each of all()) if (!folder || each === folder) each.forgetTags();
    onDidChange.fire(folder);
  };

  const closeRemoved = (removed: readonly vscode.WorkspaceFolder[]): void => {
    for (const { uri } of removed) {
      folders.get(uri.toString())?.dispose();
      folders.delete(uri.toString());
    }
  };

  const subscriptions = vscode.Disposable.from(
    onDidChange,
    onDidOpen,
    vscode.workspace.onDidChangeWorkspaceFolders(({ removed }) => {
      closeRemoved(removed);
      changed();
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SECTION)) changed();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      changed(); // its own labels count from now on
    }),
  );

  return {
    all,
    locate(uri) {
      const workspaceFolder = uri.scheme === 'file' ? vscode.workspace.getWorkspaceFolder(uri) : undefined;
      return workspaceFolder && fileIn(folderOf(workspaceFolder), uri);
    },
    onDidChange: onDidChange.event,
    onDidOpen: onDidOpen.event,
    changed,
    dispose() {
      subscriptions.dispose();
      for (const folder of folders.values()) folder.dispose();
    },
  };
}

interface OpenFolder extends ImageFolder {
  forgetTags(): void;
  dispose(): void;
}

function openFolder(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  models: Models,
  { name, uri }: vscode.WorkspaceFolder,
  onDidOpen: () => void,
): OpenFolder {
  // By folder and not by workspace: tags given by hand are there, too, when the folder is opened in another workspace.
  const file = createHash('sha256').update(uri.toString()).digest('hex').slice(0, 16);
  const indexFile = path.join(context.globalStorageUri.fsPath, `${file}.db`);
  const closing = new AbortController();
  const lastShown = `${LAST_SHOWN}${file}`;
  let used = false;

  const libraries = createFolderLibraries({
    models,
    async open({ inference }) {
      used = true;
      const { openLibrary } = await import('../../library/index.ts');
      const open = await openLibrary({ root: uri.fsPath, indexFile, inference });
      if (open.recovered) tellRecovered(log, name, open.recovered);
      return open;
    },
    lastShown: () => context.globalState.get<string>(lastShown),
    noteShown(id) {
      void context.globalState.update(lastShown, id);
    },
    onDidOpen,
  });
  const hasIndex = (): Promise<boolean> =>
    stat(indexFile).then(
      () => true,
      () => false,
    );
  const withIndex = async <T>(work: (library: Library) => Promise<T>): Promise<T> => {
    if (closing.signal.aborted) throw new vscode.CancellationError();
    return libraries.withWanted(work);
  };
  const withLibrary = async <T>(work: (library: Library) => Promise<T>): Promise<T> => {
    if (!used && !(await hasIndex())) {
      throw new UserError(
        vscode.l10n.t('The images of {0} are not indexed yet. Run "AssetLens: Tag Workspace Images" first.', name),
      );
    }
    if (closing.signal.aborted) throw new vscode.CancellationError();
    return libraries.withShown(work);
  };

  const labelSets = async (): Promise<LabelSet[]> => {
    const { checkLabels, readLabels } = await import('../../library/index.ts');
    const { labels } = readSettings(uri);
    // A workspace that is not trusted has no labels of its own: see capabilities in package.json.
    const { sets } =
      labels === null
        ? await readLabels(context.asAbsolutePath(LABELS))
        : checkLabels(settingAsFile(labels), vscode.l10n.t('the setting assetlens.labels'));
    const templates = await defaultTemplates(uri);
    return sets.map((set) => ({ ...set, templates: set.templates ?? templates }));
  };

  const tags = shared(async (): Promise<FolderTags> => {
    const { tagLibrary } = await import('../../library/index.ts');
    const images: TaggedImage[] = [];
    const byPath = new Map<string, TaggedImage>();
    const { threshold } = readSettings(uri);
    const options = { threshold, uncertainFrom: UNCERTAIN_FROM };
    const sets = await labelSets();
    await withLibrary(async (library) => {
      for await (const page of tagLibrary(library, sets, options)) {
        images.push(...page);
        for (const image of page) byPath.set(image.path, image); // a page at a time: all at once would block the editor
      }
    });
    return { images, byPath };
  });

  return {
    name,
    uri,
    hasIndex,
    withLibrary,
    withIndex,
    get switching() {
      return libraries.switching;
    },
    chooseLibrary: libraries.choose,
    settle: libraries.settle,
    closed: closing.signal,
    labelSets,
    tags: () =>
      tags.get().catch((error: unknown) => {
        // What fails because the folder went away meanwhile is no error.
        throw closing.signal.aborted ? new vscode.CancellationError() : error;
      }),
    forgetTags: tags.forget,
    dispose() {
      closing.abort();
      // The editor does not wait for a disposal; SQLite's log brings back what was not written out.
      if (used) void libraries.close();
    },
  };
}

/** The index was damaged and begun anew: said once, with what became of the tags that cannot be computed again. */
function tellRecovered(log: vscode.LogOutputChannel, folder: string, recovered: RecoveredIndex): void {
  const { keptAs, manualTags, complete } = recovered;
  const kept = complete
    ? vscode.l10n.t('All {0} tags given by hand were kept.', manualTags)
    : vscode.l10n.t('{0} tags given by hand could be read and were kept; there may have been more.', manualTags);
  const message = vscode.l10n.t('The index of {0} was damaged and is made anew. {1}', folder, kept);
  log.warn(`${message} ${keptAs}`);
  showWithLog(log, 'warning', message);
}

/** A list of labels, or label sets by name, as the labels file writes them. */
function settingAsFile(labels: unknown): unknown {
  return Array.isArray(labels) ? labels : { sets: labels };
}
