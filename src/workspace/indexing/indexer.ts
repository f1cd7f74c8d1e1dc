import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { messageOf } from '../../base/userError.ts';
import type { UpdateProgress, UpdateSummary } from '../../library/index.ts';
import type { ImageFolder } from '../folders/imageFolder.ts';
import type { ImageFolders } from '../folders/imageFolders.ts';
import { reportErrors, signalOf, type Log } from '../log.ts';
import { FolderUpdater, type UpdatePaths } from './folderUpdater.ts';
import { describeProgress } from './progressText.ts';
import { messageText } from '../shownText.ts';

/** The current activity of the indexer. */
export type IndexerState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'indexing'; readonly folder: ImageFolder; readonly progress: UpdateProgress | null };

/** Brings the indexes of the workspace folders up to date, one at a time. */
export interface Indexer extends Disposable {
  readonly state: IndexerState;
  readonly onDidChangeState: vscode.Event<IndexerState>;
  /**
   * Updates all folders, with a cancellable notification, because the user has asked for it.
   * @returns whether all folders are up to date: no update was cancelled or failed
   */
  run(options?: { readonly retryFailed?: boolean }): Promise<boolean>;
  /** Cancels all updates, also those that wait. The next run continues from there. */
  stop(): void;
  /**
   * Tells whether an update of this folder was started in this window. A stopped update restarts only if the user
   * starts it.
   */
  wasUpdateStarted(folder: ImageFolder): boolean;
  /** Cancels the updates of a folder in the background. */
  drop(folder: ImageFolder): void;
  /**
   * Schedules an update in the background.
   * @param paths changed files and folders, relative to the folder with '/'; without them, the whole folder is compared
   */
  refresh(folder: ImageFolder, paths?: readonly string[]): void;
}

/** An update in progress. */
interface Running<Result = void> {
  readonly done: Promise<Result>;
  readonly controller: AbortController;
}

type NotificationProgress = vscode.Progress<{ message?: string; increment?: number }>;

export class WorkspaceIndexer implements Indexer {
  readonly #log: Log;
  readonly #folders: ImageFolders;
  readonly #updater: FolderUpdater;
  readonly #changedState = new vscode.EventEmitter<IndexerState>();
  readonly #pending = new Map<ImageFolder, UpdatePaths>();
  #state: IndexerState = { kind: 'idle' };
  #background: Running | undefined;
  /** The run that the user started. */
  #run: (Running<boolean> & { readonly retryFailed: boolean }) | undefined;
  #isDisposed = false;
  readonly onDidChangeState = this.#changedState.event;

  constructor(log: Log, folders: ImageFolders) {
    this.#log = log;
    this.#folders = folders;
    this.#updater = new FolderUpdater(log, folders);
  }

  get state(): IndexerState {
    return this.#state;
  }

  async run({ retryFailed = false }: { readonly retryFailed?: boolean } = {}): Promise<boolean> {
    if (this.#run) {
      // One run at a time. A call waits for the current run, and starts another one only if that does less.
      const isEnough = this.#run.retryFailed || !retryFailed;
      const isComplete = await this.#run.done;
      return isEnough ? isComplete : this.run({ retryFailed });
    }
    const controller = new AbortController();
    const done = this.#runWithNotification(controller.signal, retryFailed).finally(() => {
      this.#run = undefined;
      this.#startBackground();
    });
    this.#run = { done, controller, retryFailed };
    return done;
  }

  stop(): void {
    this.#pending.clear();
    this.#background?.controller.abort();
    this.#run?.controller.abort();
  }

  wasUpdateStarted(folder: ImageFolder): boolean {
    return this.#updater.wasStarted(folder);
  }

  drop(folder: ImageFolder): void {
    this.#pending.delete(folder);
    if (this.#state.kind === 'indexing' && this.#state.folder === folder) this.#background?.controller.abort();
  }

  refresh(folder: ImageFolder, paths?: readonly string[]): void {
    if (folder.closed.aborted) return;
    const before = this.#pending.get(folder);
    this.#pending.set(folder, paths && before !== null ? new Set([...(before ?? []), ...paths]) : null);
    this.#startBackground();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#background?.controller.abort();
    this.#run?.controller.abort();
    this.#changedState.dispose();
  }

  #setState(state: IndexerState): void {
    this.#state = state;
    if (!this.#isDisposed) this.#changedState.fire(state);
  }

  async #runWithNotification(stopped: AbortSignal, retryFailed: boolean): Promise<boolean> {
    const options = { location: vscode.ProgressLocation.Notification, title: 'AssetLens', cancellable: true };
    return vscode.window.withProgress(options, (progress, token) =>
      this.#updateAll(progress, AbortSignal.any([signalOf(token), stopped]), retryFailed),
    );
  }

  async #updateAll(notification: NotificationProgress, signal: AbortSignal, retryFailed: boolean): Promise<boolean> {
    this.#background?.controller.abort();
    await this.#background?.done;
    let isComplete = true;
    for (const folder of this.#folders.all()) {
      if (signal.aborted) return false;
      this.#pending.delete(folder); // the whole folder is compared now
      const subscription = this.#showProgress(notification);
      try {
        isComplete = (await this.#updateInRun(folder, signal, retryFailed)) && isComplete;
      } finally {
        subscription.dispose();
      }
    }
    return isComplete;
  }

  /** Reports an error, so that the other folders are indexed even if one folder fails. */
  async #updateInRun(folder: ImageFolder, signal: AbortSignal, retryFailed: boolean): Promise<boolean> {
    let isComplete = false;
    await reportErrors(this.#log, async () => {
      isComplete = !(await this.#update(folder, null, signal, retryFailed)).cancelled;
    });
    return isComplete;
  }

  /** Shows the progress of one folder in the notification until it is disposed. */
  #showProgress(notification: NotificationProgress): vscode.Disposable {
    let shown = 0;
    return this.onDidChangeState((state) => {
      if (state.kind === 'idle') return;
      const { message, percent } = describeProgress(state);
      notification.report({ message: messageText(message), increment: Math.max(0, percent - shown) });
      shown = percent;
    });
  }

  #startBackground(): void {
    if (this.#background || this.#run || this.#isDisposed || this.#pending.size === 0) return;
    const controller = new AbortController();
    const done = this.#updatePending(controller.signal).finally(() => {
      this.#background = undefined;
      this.#startBackground(); // for updates that were scheduled meanwhile
    });
    this.#background = { done, controller };
  }

  async #updatePending(signal: AbortSignal): Promise<void> {
    for (let next = firstEntry(this.#pending); next; next = firstEntry(this.#pending)) {
      const [folder, paths] = next;
      this.#pending.delete(folder);
      // Errors in the background go to the log only.
      await this.#update(folder, paths, signal, false).catch((error: unknown) => {
        this.#log.warn(`${folder.name}: ${messageOf(error)}`);
      });
      if (signal.aborted) return;
    }
  }

  async #update(
    folder: ImageFolder,
    paths: UpdatePaths,
    signal: AbortSignal,
    retryFailed: boolean,
  ): Promise<UpdateSummary> {
    const onProgress = (progress: UpdateProgress | null): void => {
      this.#setState({ kind: 'indexing', folder, progress });
    };
    onProgress(null);
    try {
      return await this.#updater.update(folder, { paths, retryFailed, signal, onProgress });
    } finally {
      this.#setState({ kind: 'idle' });
    }
  }
}

function firstEntry<K, V>(map: ReadonlyMap<K, V>): [K, V] | undefined {
  return map.entries().next().value;
}
