import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { posixRelative } from '../../base/paths.ts';
import ignore, { type Ignore } from 'ignore';

/** The .gitignore files that hold in a folder, as one list of rules: the last that matches decides, as in git. */
export interface IgnoreRules {
  readonly rules: Ignore;
  /** Leads from the folder that the rules start from, the top of the repository, to the root: '' or ending in '/'. */
  readonly prefix: string;
}

export const GITIGNORE = '.gitignore';

/**
 * Says whether git would ignore a path. A folder that it would ignore is not walked into, so what is asked is in none.
 * @param file relative to the root, with '/'; a folder ends in '/'
 */
export function isIgnored({ rules, prefix }: IgnoreRules, file: string): boolean {
  return rules.ignores(prefix + file);
}

export function noRules(): IgnoreRules {
  return { rules: newRules(), prefix: '' };
}

/**
 * The rules in a folder that has a .gitignore of its own.
 * @param folder relative to the root, '' or ending in '/'
 */
export async function withRulesOf(outer: IgnoreRules, root: string, folder: string): Promise<IgnoreRules> {
  const patterns = await readPatterns(path.join(root, folder, GITIGNORE), outer.prefix + folder);
  return { rules: newRules().add(outer.rules).add(patterns), prefix: outer.prefix };
}

/** The rules that folders above the root lay down, up to the top of the git repository that it is in. */
export async function rulesAbove(root: string): Promise<IgnoreRules> {
  const folders = await repositoryFolders(root);
  const [top] = folders;
  if (top === undefined) return noRules();
  const prefixOf = (folder: string): string => {
    const relative = posixRelative(top, folder);
    return relative === '' ? '' : `${relative}/`;
  };
  const rules = newRules().add(await readPatterns(path.join(top, '.git/info/exclude'), ''));
  for (const folder of folders) {
    if (folder !== root) rules.add(await readPatterns(path.join(folder, GITIGNORE), prefixOf(folder)));
  }
  const prefix = prefixOf(root);
  // Who opens an ignored folder wants to see what is in it.
  return prefix !== '' && rules.ignores(prefix) ? noRules() : { rules, prefix };
}

function newRules(): Ignore {
  // git compares case where the file system does; its own setting is not ours to read.
  return ignore({ ignorecase: process.platform === 'win32' || process.platform === 'darwin' });
}

/** From the top of the repository down to the root, both included; none outside of a repository. */
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
 * The patterns of a .gitignore, made relative to the top. None where it cannot be read: git goes on without it too.
 * @param folder that the file is in, relative to the top: '' or ending in '/'
 */
async function readPatterns(file: string, folder: string): Promise<{ pattern: string }[]> {
  const content = await readFile(file, 'utf8').catch(() => '');
  const lines = content.replace(/^\uFEFF/, '').split(/\r?\n/);
  const patterns = lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return patterns.map((pattern) => ({ pattern: folder === '' ? pattern : below(folder, pattern) }));
}

// In the folder "a/", "*.gif" becomes that name at any depth below /a/; "/x" and "x/y" become "/a/x" and "/a/x/y".
function below(folder: string, pattern: string): string {
  const negation = pattern.startsWith('!') ? '!' : '';
  const body = pattern.slice(negation.length);
  const isAnchored = body.trimEnd().slice(0, -1).includes('/'); // a slash at the end says folder, and anchors nothing
  const escaped = folder.replace(/[*?[\]\\]/g, '\\$&');
  return `${negation}/${escaped}${isAnchored ? body.replace(/^\//, '') : `**/${body}`}`;
}
