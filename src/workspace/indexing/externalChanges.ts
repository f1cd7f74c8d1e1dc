import type * as vscode from 'vscode';
import { messageOf } from '../../base/userError.ts';
import type { ImageFolder } from '../folders/imageFolder.ts';
import type { ImageFolders } from '../folders/imageFolders.ts';
import { Backoff } from './backoff.ts';
import type { Indexer } from './indexer.ts';
import type { Log } from '../log.ts';

/** A check reads one row of each open index or the state of a file, so frequent checks are cheap. */
const POLL_MILLISECONDS = 2000;
/** Checks without a change after which a folder counts as quiet, so that its next change is shown at once. */
const QUIET_CHECKS = 3;

/**
 * Refreshes views after another process changes an index: the command line or another editor indexes images or changes
 * manual tags. While changes continue, the interval between refreshes increases.
 */
export class ExternalChanges implements vscode.Disposable {
  readonly #log: Log;
  readonly #folders: ImageFolders;
  readonly #indexer: Indexer;
  readonly #changing = new WeakMap<ImageFolder, ChangingFolder>();
  #timer: NodeJS.Timeout;
  #isDisposed = false;
  #lastProblem = '';

  constructor(log: Log, folders: ImageFolders, indexer: Indexer) {
    this.#log = log;
    this.#folders = folders;
    this.#indexer = indexer;
    this.#timer = this.#schedule();
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
  }

  #schedule(): NodeJS.Timeout {
    return setTimeout(() => void this.#checkAll(), POLL_MILLISECONDS);
  }

  async #checkAll(): Promise<void> {
    for (const folder of this.#folders.all()) {
      try {
        if (!this.#isUpdating(folder)) await this.#check(folder);
      } catch (error) {
        this.#logProblem(`${folder.name}: ${messageOf(error)}`);
      }
    }
    if (!this.#isDisposed) this.#timer = this.#schedule();
  }

  async #check(folder: ImageFolder): Promise<void> {
    const changing = this.#changing.get(folder) ?? new ChangingFolder();
    this.#changing.set(folder, changing);
    if (!changing.isRefreshDue(await folder.checkForChanges()) || this.#isUpdating(folder)) return;
    await folder.settle(false);
    this.#folders.changed(folder);
  }

  /** The indexer itself refreshes the views of a folder that it updates, unless it waits for another process. */
  #isUpdating(folder: ImageFolder): boolean {
    const { state } = this.#indexer;
    return state.kind === 'indexing' && state.folder === folder && state.progress?.phase !== 'wait';
  }

  /** Logs a persistent problem only once. */
  #logProblem(problem: string): void {
    if (problem !== this.#lastProblem) this.#log.warn(problem);
    this.#lastProblem = problem;
  }
}

/** Decides when the views of a folder are refreshed. */
class ChangingFolder {
  #hasChanged = false;
  #quietChecks = 0;
  #backoff = new Backoff(0);

  /** @param isChanged whether the last check has found a change */
  isRefreshDue(isChanged: boolean): boolean {
    this.#quietChecks = isChanged ? 0 : this.#quietChecks + 1;
    if (this.#quietChecks >= QUIET_CHECKS) this.#backoff = new Backoff(0);
    this.#hasChanged ||= isChanged;
    if (!this.#hasChanged || !this.#backoff.tryRun()) return false;
    this.#hasChanged = false;
    return true;
  }
}
