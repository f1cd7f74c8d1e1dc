import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { posixRelative } from '../../base/paths.ts';
import type { ImageFolder, ImageFolders } from '../folders/imageFolders.ts';
import type { Indexer } from './indexer.ts';
import { reportErrors } from '../log.ts';
import { keys, readSettings, SECTION } from '../settings.ts';

/** Events are collected until none came for this long … */
const QUIET_MILLISECONDS = 500;
/** … but no longer than this after the first. */
const LONGEST_MILLISECONDS = 5000;
/** From so many paths on (another branch was checked out), the whole folder is compared: that costs less. */
const MANY = 500;
/** Settings that say which files are looked at. */
const SCANNED_BY = [`${SECTION}.${keys.include}`, `${SECTION}.${keys.exclude}`, 'files.exclude'];
/** Folders whose files are no assets; the scan leaves them out, too. */
const NEVER = /(^|\/)(\.git|node_modules|\.assetlens)(\/|$)/;

/**
 * Keeps the indexes true while files come, change and go. Folders that were indexed before are compared once at the start: an
 * earlier window may have been closed in the middle, and files may have changed since.
 */
export function watchFolders(log: vscode.LogOutputChannel, folders: ImageFolders, indexer: Indexer): vscode.Disposable {
  const watchers = new Map<ImageFolder, vscode.Disposable>();

  /** A folder is watched from its first indexing on. */
  const follow = async (): Promise<void> => {
    const present = folders.all();
    for (const [folder, watcher] of watchers) {
      if (present.includes(folder) && readSettings(folder.uri).keepUpToDate) continue;
      watcher.dispose();
      watchers.delete(folder);
      indexer.drop(folder);
    }
    for (const folder of present) {
      if (watchers.has(folder) || !readSettings(folder.uri).keepUpToDate || !(await folder.hasIndex())) continue;
      if (watchers.has(folder)) continue; // another event was faster
      watchers.set(folder, watch(log, folder, indexer));
      // An earlier window may have been closed in the middle. In this one, a run that the user stopped stays stopped.
      if (!indexer.wasLookedAt(folder)) indexer.refresh(folder);
    }
  };

  const followNow = (): void => void reportErrors(log, follow);
  const subscriptions = vscode.Disposable.from(
    folders.onDidChange(followNow),
    vscode.workspace.onDidChangeConfiguration((event) => {
      for (const folder of watchers.keys()) {
        if (SCANNED_BY.some((key) => event.affectsConfiguration(key, folder.uri))) indexer.refresh(folder);
      }
    }),
  );
  followNow();
  return new vscode.Disposable(() => {
    subscriptions.dispose();
    for (const watcher of watchers.values()) watcher.dispose();
  });
}

function watch(log: vscode.LogOutputChannel, folder: ImageFolder, indexer: Indexer): vscode.Disposable {
  const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder.uri, '**/*'));
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let first = 0;

  const flush = async (): Promise<void> => {
    const paths = [...changed];
    changed.clear();
    const { hasImageExtension } = await import('../../clip/index.ts');
    const { hasImagesBelow } = await import('../../library/index.ts');
    const images = paths.filter(hasImageExtension);
    if (images.length >= MANY || paths.some((it) => path.posix.basename(it) === '.gitignore')) {
      indexer.refresh(folder);
      return;
    }
    // The rest may be folders, which are told of without the files that came or went with them. Most are files of other kinds.
    const relevant = new Set(images);
    for (const it of paths) {
      if (folder.closed.aborted) return;
      if (relevant.has(it)) continue;
      const isKnown = (): Promise<boolean> =>
        folder.withLibrary((library) => Promise.resolve(hasImagesBelow(library, it)));
      if ((await isFolder(folder, it)) || (await isKnown())) relevant.add(it);
    }
    if (relevant.size > 0) indexer.refresh(folder, [...relevant]);
  };

  const add = (uri: vscode.Uri): void => {
    const relative = posixRelative(folder.uri.fsPath, uri.fsPath);
    if (relative === '' || NEVER.test(relative)) return;
    const now = Date.now();
    if (changed.size === 0) first = now;
    changed.add(relative);
    clearTimeout(timer);
    const wait = Math.max(0, Math.min(QUIET_MILLISECONDS, first + LONGEST_MILLISECONDS - now));
    timer = setTimeout(() => void reportErrors(log, flush), wait);
  };

  return vscode.Disposable.from(
    watcher,
    watcher.onDidCreate(add),
    watcher.onDidChange(add),
    watcher.onDidDelete(add),
    new vscode.Disposable(() => {
      clearTimeout(timer);
    }),
  );
}

/** A new folder is told of alone, without the files that came with it. */
async function isFolder(folder: ImageFolder, relative: string): Promise<boolean> {
  return stat(path.join(folder.uri.fsPath, relative)).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}
