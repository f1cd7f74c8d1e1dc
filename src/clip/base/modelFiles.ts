import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { isMissing } from '../../base/fileErrors.ts';
import { pathWithin } from '../../base/paths.ts';
import { UserError } from '../../base/userError.ts';

/**
 * Tells whether a name in a description of a model is the relative path of a file below its folder, on every system:
 * not absolute, without "..", and with "/" only.
 */
export function isNameInFolder(name: string): boolean {
  return name.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && !/[\\:\0]/.test(part));
}

/**
 * Checks files that a description of a model names. Files that do not exist are not checked; whoever reads them reports
 * that. The messages quote neither the names nor the targets, because strangers may have written them.
 * @param names relative to the folder, see isNameInFolder
 * @throws UserError where a file is outside the folder, also behind a link, or is not a regular file
 */
export async function assertFilesInFolder(folder: string, names: readonly string[]): Promise<void> {
  const refused = (problem: string): UserError =>
    new UserError(`The model in ${folder} ${problem}. Do not use this model, or install it again.`);
  const root = await realpath(folder);
  for (const name of names) {
    if (!isNameInFolder(name)) throw refused('names a file outside its folder');
    const target = await realpath(path.join(folder, name)).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (target === undefined) continue;
    if (pathWithin(root, target) === undefined) throw refused('has a link that leads out of its folder');
    if (!(await stat(target)).isFile()) throw refused('names something that is not a file');
  }
}
