import type { Dirent, Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isLink, isMissing } from '../../base/fileErrors.ts';
import { pathWithin } from '../../base/paths.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import { IMAGE_GLOBS, isNamedByFormat, unreadExtension } from '../../clip/index.ts';
import { GlobFilter } from './globFilter.ts';
import { GITIGNORE, isIgnored, noRules, rulesAbove, withRulesOf, type IgnoreRules } from './ignoreRules.ts';
import { isImage } from './isImage.ts';
import { PathSet } from './pathSet.ts';

export const DEFAULT_INCLUDE: readonly string[] = IMAGE_GLOBS;

export interface ScanOptions {
  /** Globs of files relative to the root, case-insensitive. Default: the image extensions. */
  readonly include?: readonly string[] | undefined;
  /** Globs of files and folders to exclude, in addition to DEFAULT_EXCLUDE. */
  readonly exclude?: readonly string[] | undefined;
  /** Whether to honour .gitignore files, those above the root included. Default: true. */
  readonly gitignore?: boolean | undefined;
  /** Whether to follow links that lead outside of the root. Default: false. */
  readonly followLinks?: boolean | undefined;
  /** Scans only these files and the files in these folders (relative, with '/'), and follows no links. */
  readonly among?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called for each folder or link that cannot be read; the scan continues. */
  readonly onUnreadable?: ((file: string, reason: string) => void) | undefined;
  /**
   * Called for each link or special file that is not read and may be an image or a folder of images, and, with the
   * default globs, for each picture of a format that AssetLens does not read.
   */
  readonly onUnread?: ((file: string, kind: UnreadKind) => void) | undefined;
}

/**
 * `outside`: a link that leads outside of the root; `special`: a pipe, a socket or a device; `format`: a picture of a
 * format that AssetLens does not read.
 */
export type UnreadKind = 'outside' | 'special' | 'format';

export interface ScannedFile {
  /** Path relative to the root, with '/'. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970, with fraction. */
  readonly mtime: number;
}

/** Returns the filter of the globs of a scan. @throws UserError if a glob is not valid */
export function globFilter({ include, exclude }: Pick<ScanOptions, 'include' | 'exclude'>): GlobFilter {
  return new GlobFilter(include ?? DEFAULT_INCLUDE, exclude ?? []);
}

/**
 * Walks a folder and yields its images, in no particular order. The scan follows links last, and only to files and
 * folders that the walk has not reached, so that loops end. Nothing outside the root is read unless `followLinks` is
 * set. Special files are never opened.
 * @throws UserError if the root is not a readable folder or a glob is not valid; the signal's reason if it aborts
 */
export async function* scanImages(root: string, options: ScanOptions = {}): AsyncGenerator<ScannedFile> {
  const realRoot = await realpath(root).catch((error: unknown) => {
    throw new UserError(`The folder ${root} cannot be read (${messageOf(error)}). Check the path.`);
  });
  yield* new FolderScan(realRoot, options).run();
}

/** A file, link or folder of the scan. */
interface Entry {
  /** Path as it is yielded, relative to the root with '/'; that of a folder is '' or ends in '/'. */
  readonly shown: string;
  /** Absolute path with all links resolved; that of a folder ends in a separator. */
  readonly real: string;
  /** The rules of the .gitignore files that apply to it. */
  readonly rules: IgnoreRules;
}

/** Entries of a folder to process before other work of the thread gets a turn; about a millisecond. */
const SLICE = 256;

class FolderScan {
  readonly #root: string;
  readonly #options: ScanOptions;
  readonly #globs: GlobFilter;
  readonly #among: PathSet | undefined;
  readonly #seenFiles = new Set<string>();
  readonly #seenFolders = new Set<string>();
  readonly #links: Entry[] = [];

  /** @param root absolute path without links */
  constructor(root: string, options: ScanOptions) {
    this.#root = root;
    this.#options = options;
    this.#globs = globFilter(options);
    this.#among = options.among && new PathSet(options.among);
  }

  async *run(): AsyncGenerator<ScannedFile> {
    const rules = this.#options.gitignore === false ? noRules() : await rulesAbove(this.#root, this.#onUnusableRules);
    yield* this.#walk({ shown: '', real: folderPath(this.#root), rules });
    for (const link of this.#links) {
      this.#throwIfAborted();
      try {
        yield* this.#follow(link);
      } catch (error) {
        this.#throwIfAborted();
        // A broken link matters only if its name is the name of an image.
        if (this.#globs.passesFile(link.shown)) this.#options.onUnreadable?.(link.shown, linkTrouble(error));
      }
    }
  }

  async *#walk(start: Entry): AsyncGenerator<ScannedFile> {
    const folders = [start];
    for (let folder = folders.pop(); folder; folder = folders.pop()) {
      this.#throwIfAborted();
      if (this.#seenFolders.has(folder.real)) continue;
      this.#seenFolders.add(folder.real);
      const entries = await this.#readFolder(folder);
      const rules = await this.#rulesIn(folder, entries);
      for (let i = 0; i < entries.length; i += SLICE) {
        this.#throwIfAborted();
        if (i > 0) await nextTurn();
        const { files, subfolders } = this.#sort(entries.slice(i, i + SLICE), { ...folder, rules });
        folders.push(...subfolders);
        const unseen = files.filter(({ real }) => !this.#seenFiles.has(real));
        for (const { real } of unseen) this.#seenFiles.add(real);
        for (const file of await Promise.all(unseen.map((entry) => this.#stat(entry)))) if (file) yield file;
      }
    }
  }

  /** Returns the files and folders that pass the filters, and keeps the links for later. */
  #sort(entries: readonly Dirent[], { shown, real, rules }: Entry): { files: Entry[]; subfolders: Entry[] } {
    const files: Entry[] = [];
    const subfolders: Entry[] = [];
    for (const entry of entries) {
      const child = { shown: shown + entry.name, real: real + entry.name, rules };
      if (entry.isDirectory()) {
        if (this.#passesFolder(child))
          subfolders.push({ shown: `${child.shown}/`, real: folderPath(child.real), rules });
      } else if (entry.isSymbolicLink()) {
        if (this.#passesLink(child)) this.#links.push(child);
      } else if (this.#passesFile(child.shown) && !isIgnored(rules, child.shown)) {
        if (entry.isFile()) files.push(child);
        else this.#options.onUnread?.(child.shown, 'special');
      } else if (entry.isFile() && this.#isUnreadFormat(child)) {
        this.#options.onUnread?.(child.shown, 'format');
      }
    }
    return { files, subfolders };
  }

  async *#follow(link: Entry): AsyncGenerator<ScannedFile> {
    const target = await realpath(path.join(this.#root, link.shown));
    const entry = await stat(target);
    const isFolder = entry.isDirectory();
    if (!isFolder && !this.#passesFile(link.shown)) return;
    if (this.#options.followLinks !== true && pathWithin(this.#root, target) === undefined) {
      this.#options.onUnread?.(link.shown, 'outside');
    } else if (isFolder) {
      yield* this.#walk({ ...link, shown: `${link.shown}/`, real: folderPath(target) });
    } else if (!entry.isFile()) {
      this.#options.onUnread?.(link.shown, 'special');
    } else if (!this.#seenFiles.has(target)) {
      this.#seenFiles.add(target);
      if (isNamedByFormat(link.shown) && !(await isImage(target))) return;
      yield scannedFile(link.shown, entry);
    }
  }

  #passesFile(file: string): boolean {
    return this.#globs.passesFile(file) && (!this.#among || this.#among.contains(file));
  }

  #isUnreadFormat({ shown, rules }: Entry): boolean {
    if (this.#options.include || unreadExtension(shown) === undefined) return false;
    return this.#globs.passesLink(shown) && (this.#among?.contains(shown) ?? true) && !isIgnored(rules, shown);
  }

  #passesFolder({ shown, rules }: Entry): boolean {
    const among = this.#among;
    if (among && !among.contains(shown) && !among.hasMemberIn(shown)) return false;
    return this.#globs.passesFolder(shown) && !isIgnored(rules, `${shown}/`);
  }

  #passesLink({ shown, rules }: Entry): boolean {
    return !this.#among && this.#globs.passesLink(shown) && !isIgnored(rules, shown);
  }

  async #readFolder({ shown }: Entry): Promise<Dirent[]> {
    try {
      return await readdir(path.join(this.#root, shown), { withFileTypes: true });
    } catch (error) {
      if (shown === '') {
        throw new UserError(`The folder ${this.#root} cannot be read (${messageOf(error)}). Check the path.`);
      }
      this.#reportUnreadable(shown.slice(0, -1), error);
      return [];
    }
  }

  async #rulesIn({ shown, rules }: Entry, entries: readonly Dirent[]): Promise<IgnoreRules> {
    if (this.#options.gitignore === false || !entries.some(({ name }) => name === GITIGNORE)) return rules;
    return withRulesOf(rules, this.#root, shown, this.#onUnusableRules);
  }

  async #stat({ shown }: Entry): Promise<ScannedFile | undefined> {
    try {
      const file = path.join(this.#root, shown);
      const entry = await stat(file);
      if (!entry.isFile()) return undefined; // it was replaced after the folder was read
      return isNamedByFormat(shown) && !(await isImage(file)) ? undefined : scannedFile(shown, entry);
    } catch (error) {
      // A missing file was deleted after the folder was read, unless its name is not UTF-8 and cannot be passed back.
      if (!isMissing(error) || shown.includes('\uFFFD')) this.#reportUnreadable(shown, error);
      return undefined;
    }
  }

  readonly #onUnusableRules = (file: string, error: unknown): void => {
    this.#reportUnreadable(file, error);
  };

  #reportUnreadable(file: string, error: unknown): void {
    this.#options.onUnreadable?.(file, messageOf(error));
  }

  #throwIfAborted(): void {
    this.#options.signal?.throwIfAborted();
  }
}

function scannedFile(file: string, { size, mtimeMs }: Stats): ScannedFile {
  return { path: file, size, mtime: mtimeMs };
}

function folderPath(absolute: string): string {
  return absolute.endsWith(path.sep) ? absolute : absolute + path.sep;
}

/** Returns why a link cannot be followed, in words for users. */
function linkTrouble(error: unknown): string {
  if (isMissing(error)) return 'is a link to a file that does not exist';
  return isLink(error) ? 'is a link that leads back to itself' : messageOf(error);
}
