import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { ChangedFile } from './embedFiles.ts';
import type { Library } from './library.ts';
import { nearness, scanImages, type ScanOptions } from './scan.ts';
import { inside, knownFiles, storedFailures, type Failure, type KnownFile, type StoredFailure } from './store.ts';

/** How a folder differs from its index. */
export interface Comparison {
  readonly found: number;
  readonly unchanged: number;
  /** New files, changed files, and files whose content this model has not seen. */
  readonly changed: readonly ChangedFile[];
  /** Files of the index that are gone, or left out by now. */
  readonly removed: readonly string[];
  /** Images that failed before and have not changed since. */
  readonly failures: readonly Failure[];
  /** Folders and links that could not be read. What the index knows of them stays. */
  readonly unreadable: readonly Failure[];
}

/**
 * Scans the folder and compares sizes and times; no image is opened.
 * @param onFound told how many images were found so far, and of the last one
 */
export async function compareIndex(
  library: Library,
  scan: Omit<ScanOptions, 'onUnreadable'>,
  retryFailed: boolean,
  onFound: (count: number, file: string) => void,
): Promise<Comparison> {
  const known = new Map<string, KnownFile>();
  const failed = new Map<string, StoredFailure>();
  const { database, model } = library[inside];
  for (const below of scan.among?.map((file) => file.replace(/\/+$/, '')) ?? ['']) {
    for await (const page of knownFiles(database, model, below)) for (const file of page) known.set(file.path, file);
    for await (const page of storedFailures(database, model, below)) {
      for (const file of page) failed.set(file.path, file);
    }
  }

  const unreadable: Failure[] = [];
  const changed: ChangedFile[] = [];
  const failures: Failure[] = [];
  let found = 0;
  let unchanged = 0;
  const onUnreadable = (file: string, reason: string): void => {
    unreadable.push({ path: file, reason });
  };
  for await (const file of scanImages(library.root, { ...scan, onUnreadable })) {
    found++;
    onFound(found, file.path);
    const before = known.get(file.path);
    const failure = failed.get(file.path);
    known.delete(file.path);
    failed.delete(file.path);
    if (failure && !retryFailed && failure.size === file.size && failure.mtime === file.mtime) {
      failures.push({ path: file.path, reason: failure.reason });
    } else if (before?.size !== file.size || before.mtime !== file.mtime) {
      changed.push(file);
    } else if (before.embedded) {
      unchanged++;
    } else {
      changed.push({ ...file, hash: before.hash });
    }
  }
  const unseen = [...known.keys(), ...failed.keys()];
  const removed = await gone(library.root, unseen, scan.among, unreadable);
  return { found, unchanged, changed, removed, failures, unreadable };
}

/** Of the files that the scan did not come to, those that it would have come to if they were there. */
async function gone(
  root: string,
  unseen: readonly string[],
  among: readonly string[] | undefined,
  unreadable: readonly Failure[],
): Promise<string[]> {
  const hidden = nearness(unreadable.map((folder) => folder.path));
  const visible = unseen.filter((file) => !hidden.within(file));
  if (!among) return visible;
  const scanned = nearness(among);
  const removed: string[] = [];
  const realRoot = await realpath(root);
  for (const file of visible.filter((it) => scanned.within(it))) {
    // A scan of some files follows no links, so it says nothing about what is behind one.
    const target = await realpath(path.join(root, file)).catch(() => undefined);
    if (target === undefined || target === path.join(realRoot, file)) removed.push(file);
  }
  return removed;
}
