import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { posixRelative } from '../../base/paths.ts';
import type { ChangedFile } from './embedFiles.ts';
import type { Library } from '../library.ts';
import { nearness, scanImages, type ScanOptions } from '../files/scan.ts';
import {
  inside,
  knownFiles,
  storedFailures,
  type Failure,
  type KnownFile,
  type StoredFailure,
} from '../store/store.ts';

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
  const names = new Set<string>();
  let unchanged = 0;
  const onUnreadable = (file: string, reason: string): void => {
    unreadable.push({ path: file, reason });
  };
  for await (const file of scanImages(library.root, { ...scan, onUnreadable })) {
    names.add(file.path);
    onFound(names.size, file.path);
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
  const removed = await gone(library.root, unseen, { among: scan.among, found: names, unreadable });
  return { found: names.size, unchanged, changed, removed, failures, unreadable };
}

/** What a scan was told to look at, and what it came to. */
interface Scanned {
  readonly among: readonly string[] | undefined;
  readonly found: ReadonlySet<string>;
  readonly unreadable: readonly Failure[];
}

/** Of the files that the scan did not come to, those that it would have come to if they were there. */
async function gone(root: string, unseen: readonly string[], { among, found, unreadable }: Scanned): Promise<string[]> {
  const hidden = nearness(unreadable.map((folder) => folder.path));
  const visible = unseen.filter((file) => !hidden.within(file));
  if (!among) return visible;
  const scanned = nearness(among);
  const removed: string[] = [];
  const realRoot = await realpath(root);
  for (const file of visible.filter((it) => scanned.within(it))) {
    const target = await realpath(path.join(root, file)).catch(() => undefined);
    const relative = target && posixRelative(realRoot, target);
    if (!isBehindLink(file, relative, found)) removed.push(file);
  }
  return removed;
}

/**
 * Whether a file is there but behind a link: a scan of some files follows none, so it says nothing about such a file.
 * @param target where it really is, relative to the root; undefined where it is nowhere
 * @param found what the scan came to. A disk that ignores case still answers to the old name of a file that was renamed from
 * A.png to a.png: where that was found, the old name is no link to it.
 */
export function isBehindLink(file: string, target: string | undefined, found: ReadonlySet<string>): boolean {
  if (target === undefined || target === file) return false;
  return !(found.has(target) && folded(target) === folded(file));
}

/** As disks without case compare names; macOS ignores how accents are composed, too. */
function folded(file: string): string {
  return file.normalize('NFC').toLowerCase();
}
