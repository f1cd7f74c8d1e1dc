import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import picomatch from 'picomatch';
import { isMissing } from '../../base/fileErrors.ts';
import { pathWithin } from '../../base/paths.ts';
import { IMAGE_EXTENSIONS, UserError, messageOf } from '../../clip/index.ts';
import { GITIGNORE, isIgnored, noRules, rulesAbove, withRulesOf, type IgnoreRules } from './ignoreRules.ts';
import { globTrouble } from './safeGlob.ts';

export const DEFAULT_INCLUDE: readonly string[] = [`**/*.{${IMAGE_EXTENSIONS.join(',')}}`];
export const DEFAULT_EXCLUDE: readonly string[] = ['**/.git/**', '**/node_modules/**', '**/.assetlens/**'];

export interface ScanOptions {
  /** Globs of files relative to the root; without case. Default: the image extensions. */
  readonly include?: readonly string[] | undefined;
  /** Globs of files and folders to leave out, besides DEFAULT_EXCLUDE. */
  readonly exclude?: readonly string[] | undefined;
  /** Whether .gitignore files are honoured, those above the root included. Default: true. */
  readonly gitignore?: boolean | undefined;
  /** Only these files, and what is in these folders (relative, with '/'). Links are not followed then. */
  readonly among?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of each folder or link that cannot be read; the scan goes on. */
  readonly onUnreadable?: ((file: string, reason: string) => void) | undefined;
}

export interface ScannedFile {
  /** Relative to the root, with '/'. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970, with fraction. */
  readonly mtime: number;
}

/** A folder to read. `real` is where it is when links are resolved; both are relative, '' or ending in '/'. */
interface Folder {
  readonly shown: string;
  readonly real: string;
  readonly rules: IgnoreRules;
}

/** Entries looked at before other work of this thread gets its turn; about a millisecond. */
const SLICE = 256;

/**
 * Walks a folder and yields its images, in no particular order. Links are followed last, to files and folders inside the
 * root that the walk did not come to by itself; so loops end, and nothing outside of the root is touched.
 * @throws UserError where the root is not a readable folder or a glob could take forever; the signal's reason when aborted
 */
export async function* scanImages(root: string, options: ScanOptions = {}): AsyncGenerator<ScannedFile> {
  const realRoot = await realpath(root).catch((error: unknown) => {
    throw new UserError(`The folder ${root} cannot be read (${messageOf(error)}). Check the path.`);
  });
  const wanted = filterOf(options);
  const unreadable = (file: string, error: unknown): void => options.onUnreadable?.(file, messageOf(error));
  const seenFiles = new Set<string>();
  const seenFolders = new Set<string>();
  const links: Folder[] = [];

  async function* walk(start: Folder): AsyncGenerator<ScannedFile> {
    const folders = [start];
    for (let folder = folders.pop(); folder; folder = folders.pop()) {
      options.signal?.throwIfAborted();
      if (seenFolders.has(folder.real)) continue;
      seenFolders.add(folder.real);
      const entries = await readFolder(realRoot, folder, unreadable);
      const hasRules = options.gitignore !== false && entries.some((entry) => entry.name === GITIGNORE);
      const rules = hasRules ? await withRulesOf(folder.rules, realRoot, folder.shown) : folder.rules;
      for (let i = 0; i < entries.length; i += SLICE) {
        options.signal?.throwIfAborted();
        if (i > 0) await nextTurn();
        const files: Folder[] = [];
        for (const entry of entries.slice(i, i + SLICE)) {
          const child = { shown: folder.shown + entry.name, real: folder.real + entry.name, rules };
          if (entry.isDirectory()) {
            if (!wanted.folder(child.shown) || isIgnored(rules, `${child.shown}/`)) continue;
            folders.push({ shown: `${child.shown}/`, real: `${child.real}/`, rules });
          } else if (entry.isSymbolicLink()) {
            if (!options.among && wanted.link(child.shown) && !isIgnored(rules, child.shown)) links.push(child);
          } else if (entry.isFile() && wanted.file(child.shown) && !isIgnored(rules, child.shown)) {
            files.push(child);
          }
        }
        for (const { real } of files) seenFiles.add(real);
        for (const file of await statAll(realRoot, files, unreadable)) yield file;
      }
    }
  }

  async function* follow(link: Folder): AsyncGenerator<ScannedFile> {
    const target = await realpath(path.join(realRoot, link.shown));
    const real = pathWithin(realRoot, target);
    if (real === undefined || real === '') return;
    const entry = await stat(target);
    if (entry.isDirectory()) {
      yield* walk({ ...link, shown: `${link.shown}/`, real: `${real}/` });
    } else if (entry.isFile() && !seenFiles.has(real) && wanted.file(link.shown)) {
      seenFiles.add(real);
      yield { path: link.shown, size: entry.size, mtime: entry.mtimeMs };
    }
  }

  const above = options.gitignore === false ? noRules() : await rulesAbove(realRoot);
  yield* walk({ shown: '', real: '', rules: above });
  for (const link of links) {
    options.signal?.throwIfAborted();
    try {
      yield* follow(link);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (wanted.file(link.shown)) unreadable(link.shown, error); // any other broken link is no image that is missed
    }
  }
}

async function readFolder(
  root: string,
  folder: Folder,
  unreadable: (file: string, error: unknown) => void,
): Promise<Dirent[]> {
  try {
    return await readdir(path.join(root, folder.shown), { withFileTypes: true });
  } catch (error) {
    if (folder.shown === '') {
      throw new UserError(`The folder ${root} cannot be read (${messageOf(error)}). Check the path.`);
    }
    unreadable(folder.shown.slice(0, -1), error);
    return [];
  }
}

async function statAll(
  root: string,
  files: readonly Folder[],
  unreadable: (file: string, error: unknown) => void,
): Promise<ScannedFile[]> {
  const found = await Promise.all(
    files.map(async ({ shown }) => {
      try {
        const { size, mtimeMs } = await stat(path.join(root, shown));
        return { path: shown, size, mtime: mtimeMs };
      } catch (error) {
        // Deleted since the folder was read, unless its name is none that can be asked for (not UTF-8).
        if (!isMissing(error) || shown.includes('\uFFFD')) unreadable(shown, error);
        return undefined;
      }
    }),
  );
  return found.filter((file) => file !== undefined);
}

interface Filter {
  file(file: string): boolean;
  folder(folder: string): boolean;
  link(link: string): boolean;
}

function filterOf({ include, exclude = [], among }: ScanOptions): Filter {
  for (const glob of [...(include ?? []), ...exclude]) {
    const trouble = globTrouble(glob);
    if (trouble !== undefined) throw new UserError(trouble);
  }
  // The flag s: the name of a folder may have a line break in it.
  const included = picomatch([...(include ?? DEFAULT_INCLUDE)], { dot: true, flags: 'is', windows: false });
  const excluded = picomatch([...DEFAULT_EXCLUDE, ...exclude], { dot: true, flags: 's', windows: false });
  const near = among && nearness(among);
  return {
    file: (file) => included(file) && !excluded(file) && (!near || near.within(file)),
    folder: (folder) =>
      !excluded(folder) && !excluded(`${folder}/`) && (!near || near.within(folder) || near.above(folder)),
    link: (link) => !excluded(link),
  };
}

/** Says what is one of some files and folders or in one, and what folders lie above one. */
export function nearness(among: readonly string[]): { within(file: string): boolean; above(folder: string): boolean } {
  const trimmed = among.map((file) => file.replace(/\/+$/, ''));
  const targets = new Set(trimmed);
  const ancestors = new Set(trimmed.flatMap(prefixes));
  return {
    within: (file) => targets.has('') || targets.has(file) || prefixes(file).some((prefix) => targets.has(prefix)),
    above: (folder) => ancestors.has(folder),
  };
}

/** The folders that a path is in: "a", "a/b" of "a/b/c". */
function prefixes(file: string): string[] {
  const found: string[] = [];
  for (let slash = file.indexOf('/'); slash >= 0; slash = file.indexOf('/', slash + 1))
    found.push(file.slice(0, slash));
  return found;
}
