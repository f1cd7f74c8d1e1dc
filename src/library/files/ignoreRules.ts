import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { posixRelative } from '../../base/paths.ts';

/**
 * The rules of the .gitignore files that apply to a folder, in one list: the last rule that matches decides, as in Git.
 */
export interface IgnoreRules {
  readonly rules: Ignore;
  /** Path from the top of the repository, which the rules are relative to, to the root: '' or ending in '/'. */
  readonly prefix: string;
}

export const GITIGNORE = '.gitignore';

/**
 * Tells whether Git ignores a path. The caller does not enter ignored folders, so no parent folder is ignored.
 * @param file path relative to the root, with '/'; a folder ends in '/'
 */
export function isIgnored({ rules, prefix }: IgnoreRules, file: string): boolean {
  return rules.ignores(prefix + file);
}

export function noRules(): IgnoreRules {
  return { rules: newRules(), prefix: '' };
}

/**
 * Adds the rules of a folder's .gitignore to those of the folders above it.
 * @param folder path relative to the root: '' or ending in '/'
 */
export async function withRulesOf(outer: IgnoreRules, root: string, folder: string): Promise<IgnoreRules> {
  const patterns = await readPatterns(path.join(root, folder, GITIGNORE), outer.prefix + folder);
  return { rules: newRules().add(outer.rules).add(patterns), prefix: outer.prefix };
}

/** Reads the rules of the folders above the root, up to the top of its Git repository. */
export async function rulesAbove(root: string): Promise<IgnoreRules> {
  const folders = await repositoryFolders(root);
  const [top] = folders;
  if (top === undefined) return noRules();
  const prefixOf = (folder: string): string => (folder === top ? '' : `${posixRelative(top, folder)}/`);
  const rules = newRules().add(await readPatterns(path.join(top, '.git/info/exclude'), ''));
  for (const folder of folders) {
    if (folder !== root) rules.add(await readPatterns(path.join(folder, GITIGNORE), prefixOf(folder)));
  }
  const prefix = prefixOf(root);
  // A user who opens an ignored folder wants to see the images in it.
  return prefix !== '' && rules.ignores(prefix) ? noRules() : { rules, prefix };
}

function newRules(): Ignore {
  // Git is case-sensitive where the file system is. Its setting core.ignorecase is not read.
  return ignore({ ignorecase: process.platform === 'win32' || process.platform === 'darwin' });
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

/**
 * Reads the patterns of a .gitignore and makes them relative to the top. A file that cannot be read has none, as in
 * Git.
 * @param folder folder of the file, relative to the top: '' or ending in '/'
 */
async function readPatterns(file: string, folder: string): Promise<{ pattern: string }[]> {
  const content = await readFile(file, 'utf8').catch(() => '');
  const lines = content.replace(/^\uFEFF/, '').split(/\r?\n/);
  const patterns = lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return patterns.map((pattern) => ({ pattern: folder === '' ? pattern : relativeToTop(folder, pattern) }));
}

// In the folder "a/", "*.gif" matches at any depth below /a/; "/x" and "x/y" become "/a/x" and "/a/x/y".
function relativeToTop(folder: string, pattern: string): string {
  const negation = pattern.startsWith('!') ? '!' : '';
  const body = pattern.slice(negation.length);
  const isAnchored = body.trimEnd().slice(0, -1).includes('/'); // a slash at the end marks a folder and anchors nothing
  const escaped = folder.replace(/[*?[\]\\]/g, '\\$&');
  return `${negation}/${escaped}${isAnchored ? body.replace(/^\//, '') : `**/${body}`}`;
}
