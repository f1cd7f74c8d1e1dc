import type { Dirent, Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isMissing } from '../../base/fileErrors.ts';
import { pathWithin } from '../../base/paths.ts';
import { messageOf, UserError } from '../../base/userError.ts';
import { IMAGE_EXTENSIONS } from '../../clip/index.ts';
import { GlobFilter } from './globFilter.ts';
import { GITIGNORE, isIgnored, noRules, rulesAbove, withRulesOf, type IgnoreRules } from './ignoreRules.ts';
import { PathSet } from './pathSet.ts';

export const DEFAULT_INCLUDE: readonly string[] = [`**/*.{${IMAGE_EXTENSIONS.join(',')}}`];

export interface ScanOptions {
  /** Globs of files relative to the root, case-insensitive. Default: the image extensions. */
  readonly include?: readonly string[] | undefined;
  /** Globs of files and folders to exclude, in addition to DEFAULT_EXCLUDE. */
  readonly exclude?: readonly string[] | undefined;
  /** Whether to honour .gitignore files, those above the root included. Default: true. */
  readonly gitignore?: boolean | undefined;
  /** Scans only these files and the files in these folders (relative, with '/'), and follows no links. */
  readonly among?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called for each folder or link that cannot be read; the scan continues. */
  readonly onUnreadable?: ((file: string, reason: string) => void) | undefined;
}

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
 * folders inside the root that the walk has not reached; so loops end, and nothing outside the root is read.
 * @throws UserError if the root is not a readable folder or a glob is not valid; the signal's reason if it aborts
 */
export async function* scanImages(root: string, options: ScanOptions = {}): AsyncGenerator<ScannedFile> {
  const realRoot = await realpath(root).catch((error: unknown) => {
    throw new UserError(`The folder ${root} cannot be read (${messageOf(error)}). Check the path.`);
  });
  yield* new FolderScan(realRoot, options).run();
}

/** A file, link or folder of the scan. Both paths are relative with '/'; those of a folder are '' or end in '/'. */
interface Entry {
  /** Path as it is yielded. */
  readonly shown: string;
  /** Path with all links resolved. */
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
    yield* this.#walk({ shown: '', real: '', rules });
    for (const link of this.#links) {
      this.#throwIfAborted();
      try {
        yield* this.#follow(link);
      } catch (error) {
        this.#throwIfAborted();
        // A broken link matters only if its name is the name of an image.
        if (this.#globs.passesFile(link.shown)) this.#reportUnreadable(link.shown, error);
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
        for (const { real } of files) this.#seenFiles.add(real);
        for (const file of await Promise.all(files.map((entry) => this.#stat(entry)))) if (file) yield file;
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
        if (this.#passesFolder(child)) subfolders.push({ shown: `${child.shown}/`, real: `${child.real}/`, rules });
      } else if (entry.isSymbolicLink()) {
        if (this.#passesLink(child)) this.#links.push(child);
      } else if (entry.isFile() && this.#passesFile(child.shown) && !isIgnored(rules, child.shown)) {
        files.push(child);
      }
    }
    return { files, subfolders };
  }

  async *#follow(link: Entry): AsyncGenerator<ScannedFile> {
    const target = await realpath(path.join(this.#root, link.shown));
    const real = pathWithin(this.#root, target);
    if (real === undefined || real === '') return;
    const entry = await stat(target);
    if (entry.isDirectory()) {
      yield* this.#walk({ ...link, shown: `${link.shown}/`, real: `${real}/` });
    } else if (entry.isFile() && !this.#seenFiles.has(real) && this.#passesFile(link.shown)) {
      this.#seenFiles.add(real);
      yield scannedFile(link.shown, entry);
    }
  }

  #passesFile(file: string): boolean {
    return this.#globs.passesFile(file) && (!this.#among || this.#among.contains(file));
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
      return scannedFile(shown, await stat(path.join(this.#root, shown)));
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
