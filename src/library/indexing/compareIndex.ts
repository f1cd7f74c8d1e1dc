import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { fileOfImage } from '../../base/imagePath.ts';
import { posixRelative } from '../../base/paths.ts';
import { PathSet } from '../files/pathSet.ts';
import { globFilter, scanImages, type ScanOptions, type UnreadKind } from '../files/scan.ts';
import type { Library } from '../library.ts';
import { imagesOfSheet, knownSheets, type KnownSheet } from '../store/sheets.ts';
import {
  inside,
  knownFiles,
  storedFailures,
  type Failure,
  type FileState,
  type KnownFile,
  type StoredFailure,
} from '../store/store.ts';
import { unreadExtension, type UnreadFormat } from '../../clip/index.ts';
import type { ChangedFile } from './hashFiles.ts';

/** The differences between a folder and its index. */
export interface Comparison {
  readonly found: number;
  readonly unchanged: number;
  /** New files, changed files, files whose blob this model has not embedded, and files to verify. */
  readonly changed: readonly ChangedFile[];
  /** Files of the index that are gone or excluded. */
  readonly removed: readonly string[];
  /** Images that failed before and have not changed since. */
  readonly failures: readonly Failure[];
  /** Folders and links that could not be read. The index keeps their files. */
  readonly unreadable: readonly Failure[];
  readonly unread: UnreadFiles;
}

/** Links and files that were not read, because of what they are. Paths are relative to the root. */
export interface UnreadFiles {
  /** Links that lead outside of the folder. */
  readonly outside: readonly string[];
  /** Pipes, sockets and devices. */
  readonly special: readonly string[];
  /** Pictures of formats that AssetLens does not read, the most common format first. */
  readonly formats: readonly UnreadFormat[];
}

export interface CompareOptions {
  readonly scan: Omit<ScanOptions, 'onUnreadable' | 'onUnread'>;
  /** Whether files of the same size and time count as changed until their content is compared. */
  readonly verify: boolean;
  /** Whether images that failed before and have not changed count as changed. */
  readonly retryFailed: boolean;
  /** Whether files that the globs exclude stay in the index. */
  readonly keepExcluded: boolean;
}

const AMBIGUOUS_NAME = 'has a name that cannot be told from a symbol of a sheet (name.svg#symbol): rename the file';

/**
 * Scans the folder and compares sizes and times with the index. It opens no image.
 * @param onFound receives the number of images found so far and the path of the last one
 */
export async function compareIndex(
  library: Library,
  options: CompareOptions,
  onFound: (count: number, file: string) => void,
): Promise<Comparison> {
  const { scan, retryFailed, verify } = options;
  const { known, failed, sheets } = await readKnown(library, scan.among ?? ['']);
  const unreadable: Failure[] = [];
  const changed: ChangedFile[] = [];
  const failures: Failure[] = [];
  const found = new Set<string>();
  /** Sheets that changed. */
  const toList = new Set<string>();
  /** Sheets whose images are known. The images of other files stay until the files are listed. */
  const expanded = new Set<string>();
  let unchanged = 0;
  let images = 0;
  const compare = (file: FileState & { readonly hash?: string }): void => {
    images++;
    const before = known.get(file.path);
    const failure = failed.get(file.path);
    known.delete(file.path);
    failed.delete(file.path);
    if (failure && !retryFailed && failure.mtime === file.mtime && failure.size === file.size) {
      failures.push({ path: file.path, reason: failure.reason });
    } else if (!before || !isCurrent(before, file) || toList.has(file.path)) {
      changed.push(file);
    } else if (verify) {
      changed.push({ ...file, expected: before.embedded ? before.hash : undefined });
    } else if (before.embedded) {
      unchanged++;
    } else {
      changed.push({ ...file, hash: before.hash });
    }
  };
  const onUnreadable = (file: string, reason: string): void => {
    unreadable.push({ path: file, reason });
  };
  const links: Record<Exclude<UnreadKind, 'format'>, string[]> = { outside: [], special: [] };
  const formats = new Map<string, number>();
  const onUnread = (file: string, kind: UnreadKind): void => {
    if (kind !== 'format') {
      links[kind].push(file);
      return;
    }
    const extension = unreadExtension(file) ?? '';
    formats.set(extension, (formats.get(extension) ?? 0) + 1);
  };
  for await (const file of scanImages(library.root, { ...scan, onUnreadable, onUnread })) {
    if (fileOfImage(file.path) !== file.path) {
      failures.push({ path: file.path, reason: AMBIGUOUS_NAME });
      images++;
      continue;
    }
    found.add(file.path);
    const sheet = sheets.get(file.path);
    sheets.delete(file.path);
    if (sheet && isCurrent(sheet, file) && !verify && (!sheet.isImage || known.get(file.path)?.embedded)) {
      expanded.add(file.path);
      for (const image of imagesOfSheet(sheet)) compare(image);
      const problem = failed.get(file.path);
      if (problem) failures.push({ path: file.path, reason: problem.reason });
      failed.delete(file.path);
    } else {
      if (sheet) toList.add(file.path);
      compare(file);
    }
    onFound(images, file.path);
  }
  const missed = [...known.keys(), ...failed.keys()].filter((name) => {
    const file = fileOfImage(name);
    return file === name || !found.has(file) || expanded.has(file);
  });
  const files = new Set(missed.map(fileOfImage));
  missed.push(...[...sheets.keys()].filter((file) => !files.has(file)));
  const removed = await removedFiles(library.root, missed, options, { found, unreadable });
  const unread = { ...links, formats: mostCommonFirst(formats) };
  return { found: images, unchanged, changed, removed, failures, unreadable, unread };
}

function isCurrent(known: FileState, { size, mtime }: FileState): boolean {
  return known.size === size && known.mtime === mtime;
}

function mostCommonFirst(formats: ReadonlyMap<string, number>): UnreadFormat[] {
  const counted = [...formats].map(([extension, files]) => ({ extension, files }));
  return counted.sort((a, b) => b.files - a.files || (a.extension < b.extension ? -1 : 1));
}

interface KnownFiles {
  readonly known: Map<string, KnownFile>;
  readonly failed: Map<string, StoredFailure>;
  readonly sheets: Map<string, KnownSheet>;
}

/** Reads the files and failures of the index below some paths; '' stands for the root. */
async function readKnown(library: Library, among: readonly string[]): Promise<KnownFiles> {
  const { database, model } = library[inside];
  const known = new Map<string, KnownFile>();
  const failed = new Map<string, StoredFailure>();
  const sheets = new Map<string, KnownSheet>();
  for (const below of among.map((file) => file.replace(/\/+$/, ''))) {
    for await (const page of knownFiles(database, model, below)) for (const file of page) known.set(file.path, file);
    for await (const page of storedFailures(database, model, below)) {
      for (const file of page) failed.set(file.path, file);
    }
    for await (const page of knownSheets(database, below)) for (const sheet of page) sheets.set(sheet.path, sheet);
  }
  return { known, failed, sheets };
}

interface ScanResult {
  readonly found: ReadonlySet<string>;
  readonly unreadable: readonly Failure[];
}

/** Returns the files that the scan did not find although it would have found them if they existed. */
async function removedFiles(
  root: string,
  missed: readonly string[],
  { scan, keepExcluded }: CompareOptions,
  { found, unreadable }: ScanResult,
): Promise<string[]> {
  const hidden = new PathSet(unreadable.map((folder) => folder.path));
  const globs = globFilter(scan);
  const expected = missed.filter((name) => {
    const file = fileOfImage(name);
    return !hidden.contains(file) && (!keepExcluded || globs.reaches(file));
  });
  if (!scan.among) return expected;
  const scanned = new PathSet(scan.among);
  const removed: string[] = [];
  const realRoot = await realpath(root);
  for (const name of expected) {
    const file = fileOfImage(name);
    if (!scanned.contains(file)) continue;
    const target = await realpath(path.join(root, file)).catch(() => undefined);
    if (!isBehindLink(file, target && posixRelative(realRoot, target), found)) removed.push(name);
  }
  return removed;
}

/**
 * Tells whether a file exists behind a link. A scan of some paths follows no links, so it cannot tell whether such a
 * file is gone.
 * @param target real path of the file, relative to the root; undefined if it does not exist
 * @param found the files that the scan found. A case-insensitive disk resolves the old name of a file that was renamed
 * from A.png to a.png. If the scan found the new name, the old name is not a link to it.
 */
export function isBehindLink(file: string, target: string | undefined, found: ReadonlySet<string>): boolean {
  if (target === undefined || target === file) return false;
  return !(found.has(target) && folded(target) === folded(file));
}

/** Folds a name as case-insensitive disks do when they compare; macOS also ignores how accents are composed. */
function folded(file: string): string {
  return file.normalize('NFC').toLowerCase();
}
