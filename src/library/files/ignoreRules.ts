import { stat } from 'node:fs/promises';
import path from 'node:path';
import { isMissing } from '../../base/fileErrors.ts';
import { posixRelative } from '../../base/paths.ts';
import { readRegularText } from '../../base/regularFile.ts';
import { UserError } from '../../base/userError.ts';
import { Automaton } from './globs/automaton.ts';
import { parseIgnoreFile, type IgnoreRule } from './globs/parseIgnoreFile.ts';
import { parentFolders } from './pathSet.ts';

/**
 * The rules of the .gitignore files that apply to a folder, in a chain from the folder to the top of the repository.
 * The last rule that matches decides; a file in an inner folder takes precedence, as in Git.
 */
export interface IgnoreRules {
  /** Path from the top of the repository to the root of the scan: '' or ending in '/'. */
  readonly prefix: string;
  readonly innermost: RuleFile | undefined;
}

/** The rules of one file. */
interface RuleFile {
  /** The file whose rules apply if none of this file does. */
  readonly outer: RuleFile | undefined;
  /** The folder of the file, relative to the top: '' or ending in '/'. */
  readonly folder: string;
  readonly forFiles: Ruling;
  readonly forFolders: Ruling;
}

/** Returns whether a path is ignored; undefined if no rule matches. */
type Ruling = (file: string) => boolean | undefined;

export const GITIGNORE = '.gitignore';
/** Most bytes of a .gitignore. */
const LARGEST = 1_000_000;

/**
 * Tells whether Git ignores a path. The caller does not enter ignored folders, so no parent folder is ignored.
 * @param file path relative to the root, with '/'; a folder ends in '/'
 */
export function isIgnored({ prefix, innermost }: IgnoreRules, file: string): boolean {
  const isFolder = file.endsWith('/');
  const full = prefix + (isFolder ? file.slice(0, -1) : file);
  for (let rules = innermost; rules; rules = rules.outer) {
    const below = full.slice(rules.folder.length);
    const isMatch = isFolder ? rules.forFolders(below) : rules.forFiles(below);
    if (isMatch !== undefined) return isMatch;
  }
  return false;
}

export function noRules(): IgnoreRules {
  return { prefix: '', innermost: undefined };
}

/** Called for each file whose rules cannot be used. The path is relative to the root of the scan, with '/'. */
export type OnUnusable = (file: string, error: unknown) => void;

/**
 * Adds the rules of a folder's .gitignore to those of the folders above it.
 * @param folder path relative to the root: '' or ending in '/'
 */
export async function withRulesOf(
  outer: IgnoreRules,
  root: string,
  folder: string,
  onUnusable: OnUnusable,
): Promise<IgnoreRules> {
  const file = path.join(root, folder, GITIGNORE);
  const innermost = await withFile(outer.innermost, file, outer.prefix + folder, (error) => {
    onUnusable(folder + GITIGNORE, error);
  });
  return { ...outer, innermost };
}

/** Reads the rules of the folders above the root, up to the top of its Git repository. */
export async function rulesAbove(root: string, onUnusable: OnUnusable): Promise<IgnoreRules> {
  const folders = await repositoryFolders(root);
  const [top] = folders;
  if (top === undefined) return noRules();
  const prefixOf = (folder: string): string => (folder === top ? '' : `${posixRelative(top, folder)}/`);
  let innermost: RuleFile | undefined;
  const add = async (file: string, folder: string): Promise<void> => {
    innermost = await withFile(innermost, file, folder, (error) => {
      onUnusable(posixRelative(root, file), error);
    });
  };
  await add(path.join(top, '.git/info/exclude'), '');
  for (const folder of folders) if (folder !== root) await add(path.join(folder, GITIGNORE), prefixOf(folder));
  const prefix = prefixOf(root);
  const rules = { prefix: '', innermost };
  const isInIgnored = [...parentFolders(prefix)].some((folder) => isIgnored(rules, `${folder}/`));
  // A user who opens an ignored folder wants to see the images in it.
  return isInIgnored ? noRules() : { prefix, innermost };
}

/** Returns the folders from the top of the repository to the root, both included; none outside a repository. */
async function repositoryFolders(root: string): Promise<string[]> {
  const folders: string[] = [];
  for (let folder = root; ; folder = path.dirname(folder)) {
    folders.unshift(folder);
    const isTop = await stat(path.join(folder, '.git')).then(
      () => true,
      () => false,
    );
    if (isTop) return folders;
    if (folder === path.dirname(folder)) return [];
  }
}

/** Adds the rules of a file. A missing file has none, and a link is not followed, as in Git. */
async function withFile(
  outer: RuleFile | undefined,
  file: string,
  folder: string,
  onUnusable: (error: unknown) => void,
): Promise<RuleFile | undefined> {
  try {
    const rules = parseIgnoreFile(await readRegularText(file, LARGEST, { followLinks: false }));
    if (rules.length === 0) return outer;
    return { outer, folder, forFolders: ruling(rules), forFiles: ruling(rules.filter((rule) => !rule.foldersOnly)) };
  } catch (error) {
    if (error instanceof UserError || !isMissing(error)) onUnusable(error);
    return outer;
  }
}

function ruling(rules: readonly IgnoreRule[]): Ruling {
  // Git is case-sensitive where the file system is. Its setting core.ignorecase is not read.
  const ignoreCase = process.platform === 'win32' || process.platform === 'darwin';
  const automaton = new Automaton(
    rules.map(({ pattern }) => pattern),
    { ignoreCase },
  );
  return (file) => {
    const rule = rules[automaton.lastMatch(file)];
    return rule && !rule.negated;
  };
}
