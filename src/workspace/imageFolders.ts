import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Inference } from '../clip/index.ts';
import { HumanError } from '../humanError.ts';
import type { LabelSet, Library, RecoveredIndex, TaggedImage } from '../library/index.ts';
import type { Disposed } from './disposed.ts';
import { fileIn } from './fileIn.ts';
import { showWithLog } from './log.ts';
import { shared } from './shared.ts';
import { readSettings, SECTION } from './settings.ts';

/** A workspace folder on the disk, its images, and what they are tagged with. */
export interface ImageFolder {
  readonly name: string;
  readonly uri: vscode.Uri;
  /** Whether somebody had it indexed, in this window or an earlier one. */
  hasIndex(): Promise<boolean>;
  /**
   * The index as it is, opened at the first use.
   * @throws HumanError where the folder was never indexed: an index is begun by the user alone
   */
  library(): Promise<Library>;
  /** Works on the index, which is begun where there is none; the folder is not closed before the work is over. */
  withIndex<T>(work: (library: Library) => Promise<T>): Promise<T>;
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
export interface ImageFolders extends Disposed {
  all(): readonly ImageFolder[];
  /** The folder that a file lies in; undefined outside of the workspace. */
  locate(uri: vscode.Uri): ImageFile | undefined;
  /** What a folder holds changed: its index, its tags or its labels. Undefined: any of them, or which folders there are. */
  readonly onDidChange: vscode.Event<ImageFolder | undefined>;
  /** Says that what was computed of a folder is stale. */
  changed(folder?: ImageFolder): void;
}

const LABELS = 'models/labels/default.yaml';
/** Labels from half of their threshold on are shown as uncertain. */
const GUESS_FROM = 0.5;

export function createImageFolders(
  context: vscode.ExtensionContext,
  log: vscode.LogOutputChannel,
  inference: () => Promise<Inference>,
): ImageFolders {
  const onDidChange = new vscode.EventEmitter<ImageFolder | undefined>();
  const folders = new Map<string, OpenFolder>();

  const folderOf = (workspaceFolder: vscode.WorkspaceFolder): OpenFolder => {
    const key = workspaceFolder.uri.toString();
    const known = folders.get(key) ?? openFolder(context, log, inference, workspaceFolder);
    folders.set(key, known);
    return known;
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
  inference: () => Promise<Inference>,
  { name, uri }: vscode.WorkspaceFolder,
): OpenFolder {
  // By folder and not by workspace: tags given by hand are there, too, when the folder is opened in another workspace.
  const file = createHash('sha256').update(uri.toString()).digest('hex').slice(0, 16);
  const indexFile = path.join(context.globalStorageUri.fsPath, `${file}.db`);
  const closing = new AbortController();
  const work = new Set<Promise<unknown>>();
  let used = false;

  const index = shared(async () => {
    used = true;
    const { openLibrary } = await import('../library/index.ts');
    const open = await openLibrary({ root: uri.fsPath, indexFile, inference: await inference() });
    if (open.recovered) tellRecovered(log, name, open.recovered);
    return open;
  });
  const hasIndex = (): Promise<boolean> =>
    stat(indexFile).then(
      () => true,
      () => false,
    );
  const opened = (): Promise<Library> => {
    if (closing.signal.aborted) throw new vscode.CancellationError();
    return index.get();
  };
  const library = async (): Promise<Library> => {
    if (used || (await hasIndex())) return opened();
    throw new HumanError(
      vscode.l10n.t('The images of {0} are not indexed yet. Run "AssetLens: Tag Workspace Images" first.', name),
    );
  };
  const withIndex = async <T>(use: (library: Library) => Promise<T>): Promise<T> => {
    const using = opened().then(use);
    work.add(using);
    try {
      return await using;
    } finally {
      work.delete(using);
    }
  };

  const labelSets = async (): Promise<LabelSet[]> => {
    const { checkLabels, readLabels } = await import('../library/index.ts');
    const { isTemplateSet, templateSets } = await import('../clip/index.ts');
    const { labels, templates } = readSettings(uri);
    // A workspace that is not trusted has no labels of its own: see capabilities in package.json.
    const { sets } =
      labels === null
        ? await readLabels(context.asAbsolutePath(LABELS))
        : checkLabels(settingAsFile(labels), vscode.l10n.t('the setting assetlens.labels'));
    const list = typeof templates === 'string' ? (isTemplateSet(templates) ? templateSets[templates] : []) : templates;
    const standard = list.length > 0 ? list : templateSets.icon;
    return sets.map((set) => ({ ...set, templates: set.templates ?? standard }));
  };

  const tags = shared(async (): Promise<FolderTags> => {
    const { tagLibrary } = await import('../library/index.ts');
    const images: TaggedImage[] = [];
    const byPath = new Map<string, TaggedImage>();
    const { threshold } = readSettings(uri);
    const options = { threshold, guessFrom: GUESS_FROM };
    for await (const page of tagLibrary(await library(), await labelSets(), options)) {
      images.push(...page);
      for (const image of page) byPath.set(image.path, image); // a page at a time: all at once would block the editor
    }
    return { images, byPath };
  });

  const close = async (): Promise<void> => {
    await Promise.allSettled(work);
    await index.get().then(
      (open) => open[Symbol.asyncDispose](),
      () => undefined, // it was never open
    );
  };

  return {
    name,
    uri,
    hasIndex,
    library,
    withIndex,
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
      if (used) void close();
    },
  };
}

/** The index was damaged and begun anew: said once, with what became of the tags that cannot be computed again. */
function tellRecovered(log: vscode.LogOutputChannel, folder: string, recovered: RecoveredIndex): void {
  const { keptAs, handTags, complete } = recovered;
  const kept = complete
    ? vscode.l10n.t('All {0} tags given by hand were kept.', handTags)
    : vscode.l10n.t('{0} tags given by hand could be read and were kept; there may have been more.', handTags);
  const message = vscode.l10n.t('The index of {0} was damaged and is made anew. {1}', folder, kept);
  log.warn(`${message} ${keptAs}`);
  showWithLog(log, 'warning', message);
}

/** A list of labels, or label sets by name, as the labels file writes them. */
function settingAsFile(labels: unknown): unknown {
  return Array.isArray(labels) ? labels : { sets: labels };
}
