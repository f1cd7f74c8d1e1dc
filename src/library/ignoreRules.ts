import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';

/** The rules of one .gitignore. They apply below its own folder, which may lie above the scanned root. */
interface Layer {
  readonly rules: Ignore;
  /** Makes a path relative to the root one that is relative to the folder of the rules. */
  relative(file: string): string;
}

/** The .gitignore files that hold in a folder, outermost first. */
export type IgnoreRules = readonly Layer[];

export const GITIGNORE = '.gitignore';

/**
 * Says whether git would ignore a path: the innermost file with an opinion decides.
 * @param file relative to the root, with '/'; a folder ends in '/'
 */
export function isIgnored(rules: IgnoreRules, file: string): boolean {
  for (let i = rules.length - 1; i >= 0; i--) {
    const layer = rules[i];
    const verdict = layer?.rules.test(layer.relative(file));
    if (verdict?.ignored) return true;
    if (verdict?.unignored) return false;
  }
  return false;
}

/**
 * The rules in a folder that has a .gitignore of its own.
 * @param folder relative to the root, '' or ending in '/'
 */
export async function withRulesOf(outer: IgnoreRules, root: string, folder: string): Promise<IgnoreRules> {
  const rules = await readRules(path.join(root, folder, GITIGNORE));
  return rules ? [...outer, { rules, relative: (file) => file.slice(folder.length) }] : outer;
}

/** The rules that folders above the root lay down, up to the top of the git repository that it is in. */
export async function rulesAbove(root: string): Promise<IgnoreRules> {
  const folders = await repositoryFolders(root);
  const [top] = folders;
  if (top === undefined) return [];
  const layers: Layer[] = [];
  const add = async (folder: string, file: string): Promise<void> => {
    const rules = await readRules(path.join(folder, file));
    if (!rules) return;
    const below = path.relative(folder, root).split(path.sep).join('/');
    layers.push({ rules, relative: below === '' ? (it) => it : (it) => `${below}/${it}` });
  };
  await add(top, '.git/info/exclude');
  for (const folder of folders) if (folder !== root) await add(folder, GITIGNORE);
  // Who opens an ignored folder wants to see what is in it.
  return layers.filter((layer) => layer.relative('') === '' || !layer.rules.test(layer.relative('')).ignored);
}

/** From the top of the repository down to the root, both included; none outside of a repository. */
async function repositoryFolders(root: string): Promise<string[]> {
  const folders: string[] = [];
  for (let folder = root; ; folder = path.dirname(folder)) {
    folders.unshift(folder);
    if (await exists(path.join(folder, '.git'))) return folders;
    if (folder === path.dirname(folder)) return [];
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** None where there is no such file or it cannot be read: git goes on without it too. */
async function readRules(file: string): Promise<Ignore | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  // git compares case where the file system does; its own setting is not ours to read.
  const ignorecase = process.platform === 'win32' || process.platform === 'darwin';
  return ignore({ ignorecase }).add(text.replace(/^\uFEFF/, ''));
}
