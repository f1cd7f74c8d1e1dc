import { createHash } from 'node:crypto';
import path from 'node:path';
import * as vscode from 'vscode';
import { createInference, openModelFolder, templateSets, type Inference, type Label } from '../clip/index.ts';
import {
  openLibrary,
  parseLabels,
  readLabels,
  updateIndex,
  type Library,
  type UpdateSummary,
} from '../library/index.ts';
import { reportErrors, showWithLog, signalOf } from './log.ts';
import { readSettings } from './settings.ts';

/** Labels as a folder's settings have them. */
export interface FolderLabels {
  readonly labels: readonly Label[];
  readonly templates: readonly string[];
}

/** What the features of the extension share. Nothing is opened or started before the first use. */
export interface Services extends Disposable {
  readonly log: vscode.LogOutputChannel;
  /** The index of a workspace folder as it is, opened at the first use. */
  library(folder: vscode.WorkspaceFolder): Promise<Library>;
  labels(folder: vscode.WorkspaceFolder): Promise<FolderLabels>;
  /** Brings the indexes of all workspace folders up to date, with a cancellable notification. */
  indexWorkspace(): Promise<void>;
  /** An index or the settings changed: what was computed from them is stale. */
  readonly onDidChange: vscode.Event<void>;
}

const MODEL = 'dist/models/assetlens-icons';
const LABELS = 'models/labels/default.yaml';
const HOST = 'dist/inference.js';

export function createServices(context: vscode.ExtensionContext): Services {
  const log = vscode.window.createOutputChannel('AssetLens', { log: true });
  const changed = new vscode.EventEmitter<void>();
  const libraries = new Map<string, Promise<Library>>();
  let inference: Promise<Inference> | undefined;
  let indexing: Promise<void> | undefined;

  const startInference = async (): Promise<Inference> =>
    createInference({
      model: await openModelFolder(context.asAbsolutePath(MODEL)),
      hostScript: context.asAbsolutePath(HOST),
      log: (line) => {
        log.warn(line);
      },
    });

  const open = async (folder: vscode.WorkspaceFolder): Promise<Library> => {
    const storage = context.storageUri ?? context.globalStorageUri;
    const name = createHash('sha256').update(folder.uri.toString()).digest('hex').slice(0, 16);
    const indexFile = path.join(storage.fsPath, `${name}.db`);
    inference ??= once(startInference, () => (inference = undefined));
    return openLibrary({ root: folder.uri.fsPath, indexFile, inference: await inference });
  };

  const library = (folder: vscode.WorkspaceFolder): Promise<Library> => {
    const key = folder.uri.toString();
    const opened = libraries.get(key) ?? once(() => open(folder), () => libraries.delete(key)); // prettier-ignore
    libraries.set(key, opened);
    return opened;
  };

  const labels = async (folder: vscode.WorkspaceFolder): Promise<FolderLabels> => {
    const own = readSettings(folder).labels;
    // The checks of a labels file serve the setting too; an untrusted workspace's own labels are not looked at.
    const file = own
      ? parseLabels(JSON.stringify(own, null, 1), 'the setting assetlens.labels')
      : await readLabels(context.asAbsolutePath(LABELS));
    return { labels: file.labels, templates: file.templates ?? templateSets.icon };
  };

  const indexFolder = async (
    folder: vscode.WorkspaceFolder,
    progress: vscode.Progress<{ message?: string; increment?: number }>,
    signal: AbortSignal,
  ): Promise<UpdateSummary> => {
    const { include, exclude } = readSettings(folder);
    let shown = 0;
    return updateIndex(await library(folder), {
      scan: { include: include.length > 0 ? include : undefined, exclude },
      signal,
      onProgress: ({ phase, done, total }) => {
        if (phase === 'scan' || total === null) {
          progress.report({ message: vscode.l10n.t('{0}: {1} images found', folder.name, done) });
          return;
        }
        const percent = (100 * done) / Math.max(1, total);
        progress.report({
          message: vscode.l10n.t('{0}: {1} of {2} images', folder.name, done, total),
          increment: percent - shown,
        });
        shown = percent;
      },
    });
  };

  const indexFolders = async (
    progress: vscode.Progress<{ message?: string; increment?: number }>,
    signal: AbortSignal,
  ): Promise<void> => {
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      // What is wrong with one folder does not keep the others from being indexed.
      await reportErrors(log, async () => {
        const { found, embedded, failures } = await indexFolder(folder, progress, signal);
        log.info(`${folder.name}: ${found} images, ${embedded} embedded, ${failures.length} left out`);
        for (const { path: file, reason } of failures) log.warn(`${file}: ${reason}`);
        const leftOut = vscode.l10n.t('{0}: {1} of {2} images were left out.', folder.name, failures.length, found);
        if (failures.length > 0) showWithLog(log, 'warning', leftOut);
      });
      changed.fire(); // after a cancellation too: what was indexed is shown
    }
  };

  /** One update at a time: who asks meanwhile waits for the one that runs. */
  const indexWorkspace = (): Promise<void> => {
    indexing ??= Promise.resolve(
      vscode.window.withProgress(
        { location: vscode.ProgressLocation.Notification, title: 'AssetLens', cancellable: true },
        (progress, token) => indexFolders(progress, signalOf(token)),
      ),
    ).finally(() => {
      indexing = undefined;
    });
    return indexing;
  };

  const subscription = vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('assetlens')) changed.fire();
  });

  return {
    log,
    library,
    labels,
    indexWorkspace,
    onDidChange: changed.event,
    [Symbol.dispose]() {
      subscription.dispose();
      changed.dispose();
      log.dispose();
      // The editor does not wait for a disposal; a process whose parent is gone ends by itself.
      for (const opened of libraries.values()) opened.then((l) => l[Symbol.asyncDispose]()).catch(() => undefined);
      inference?.then((i) => i[Symbol.asyncDispose]()).catch(() => undefined);
    },
  };
}

/** Shares the promise of a load; a failed load is forgotten. */
function once<T>(load: () => Promise<T>, forget: () => void): Promise<T> {
  return load().catch((error: unknown) => {
    forget();
    throw error;
  });
}
