import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { posixRelative } from '../../base/paths.ts';
import { isInExcludedFolder } from '../../library/location/index.ts';
import type { ImageFolder } from '../folders/imageFolder.ts';
import type { ImageFolders } from '../folders/imageFolders.ts';
import { reportErrors, type Log } from '../log.ts';
import { keys, readSettings, SECTION } from '../settings.ts';
import type { Indexer } from './indexer.ts';

/** Events are collected until none has come for this time … */
const QUIET_MILLISECONDS = 500;
/** … but no longer than this time after the first. */
const LONGEST_MILLISECONDS = 5000;
/**
 * Number of paths from which the whole folder is compared, which is cheaper then, for example after a branch switch.
 */
const MANY = 500;
/** Settings that determine which files are indexed. */
const SCAN_SETTINGS = [
  ...[keys.include, keys.exclude, keys.followLinks].map((key) => `${SECTION}.${key}`),
  'files.exclude',
];

/**
 * Keeps the indexes up to date while files are created, changed and deleted. Folders that were indexed before are
 * compared once at the start: an earlier window may have been closed during an update, and files may have changed
 * since.
 */
export class IndexWatcher implements vscode.Disposable {
  readonly #log: Log;
  readonly #folders: ImageFolders;
  readonly #indexer: Indexer;
  readonly #watchers = new Map<ImageFolder, FolderWatcher>();
  readonly #subscriptions: vscode.Disposable;

  constructor(log: Log, folders: ImageFolders, indexer: Indexer) {
    this.#log = log;
    this.#folders = folders;
    this.#indexer = indexer;
    const follow = (): void => void reportErrors(log, () => this.#follow());
    this.#subscriptions = vscode.Disposable.from(
      folders.onDidChange(follow),
      vscode.workspace.onDidChangeConfiguration((event) => {
        this.#refreshAfter(event);
      }),
      // The globs of the workspace and its .gitignore files apply from now on.
      vscode.workspace.onDidGrantWorkspaceTrust(() => {
        for (const folder of this.#watchers.keys()) this.#indexer.refresh(folder);
      }),
    );
    follow();
  }

  dispose(): void {
    this.#subscriptions.dispose();
    for (const watcher of this.#watchers.values()) watcher.dispose();
  }

  /** Starts and stops watchers, so that exactly the indexed folders with the setting keepUpToDate have one. */
  async #follow(): Promise<void> {
    const present = this.#folders.all();
    for (const [folder, watcher] of this.#watchers) {
      if (present.includes(folder) && readSettings(folder.uri).keepUpToDate) continue;
      watcher.dispose();
      this.#watchers.delete(folder);
      this.#indexer.drop(folder);
    }
    for (const folder of present) {
      if (this.#watchers.has(folder) || !readSettings(folder.uri).keepUpToDate || !(await folder.hasIndex())) continue;
      if (this.#watchers.has(folder)) continue; // another call has started it meanwhile
      this.#watchers.set(folder, new FolderWatcher(this.#log, folder, this.#indexer));
      // A run that the user stopped does not restart automatically.
      if (!this.#indexer.wasUpdateStarted(folder)) this.#indexer.refresh(folder);
    }
  }

  #refreshAfter(event: vscode.ConfigurationChangeEvent): void {
    for (const folder of this.#watchers.keys()) {
      if (SCAN_SETTINGS.some((key) => event.affectsConfiguration(key, folder.uri))) this.#indexer.refresh(folder);
    }
  }
}

/** Collects the changes in one folder and schedules their update. */
class FolderWatcher implements vscode.Disposable {
  readonly #log: Log;
  readonly #folder: ImageFolder;
  readonly #indexer: Indexer;
  readonly #subscriptions: vscode.Disposable;
  /** Relative to the folder, with '/'. */
  readonly #changed = new Set<string>();
  #firstTime = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Log, folder: ImageFolder, indexer: Indexer) {
    this.#log = log;
    this.#folder = folder;
    this.#indexer = indexer;
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder.uri, '**/*'));
    const add = (uri: vscode.Uri): void => {
      this.#add(uri);
    };
    this.#subscriptions = vscode.Disposable.from(
      watcher,
      watcher.onDidCreate(add),
      watcher.onDidChange(add),
      watcher.onDidDelete(add),
    );
  }

  dispose(): void {
    this.#subscriptions.dispose();
    clearTimeout(this.#timer);
  }

  #add(uri: vscode.Uri): void {
    const file = posixRelative(this.#folder.uri.fsPath, uri.fsPath);
    if (file === '' || isInExcludedFolder(file)) return;
    const now = Date.now();
    if (this.#changed.size === 0) this.#firstTime = now;
    this.#changed.add(file);
    clearTimeout(this.#timer);
    const wait = Math.max(0, Math.min(QUIET_MILLISECONDS, this.#firstTime + LONGEST_MILLISECONDS - now));
    this.#timer = setTimeout(() => void reportErrors(this.#log, () => this.#flush()), wait);
  }

  async #flush(): Promise<void> {
    const paths = [...this.#changed];
    this.#changed.clear();
    const { hasImageExtension } = await import('../../clip/index.ts');
    const images = paths.filter(hasImageExtension);
    if (images.length >= MANY || paths.some((file) => path.posix.basename(file) === '.gitignore')) {
      this.#indexer.refresh(this.#folder);
      return;
    }
    const relevant = new Set(images);
    for (const file of paths) {
      if (this.#folder.closed.aborted) return;
      if (!relevant.has(file) && (await this.#isImageFolder(file))) relevant.add(file);
    }
    if (relevant.size > 0) this.#indexer.refresh(this.#folder, [...relevant]);
  }

  /** The editor reports a folder without the files that were created or deleted with it. */
  async #isImageFolder(file: string): Promise<boolean> {
    const isFolder = await stat(path.join(this.#folder.uri.fsPath, file)).then(
      (entry) => entry.isDirectory(),
      () => false,
    );
    if (isFolder) return true;
    const { hasImagesBelow } = await import('../../library/index.ts');
    return this.#folder.withLibrary((library) => Promise.resolve(hasImagesBelow(library, file)));
  }
}
