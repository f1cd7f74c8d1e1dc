import { readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ifUnlocked, withLock } from './hub/lock.ts';

/** Subfolder of the models folder. The dot keeps it out of the list of models. */
const LOCKS = '.locks';
/** Temporary folders of replaceFolder: the new model, and with `.old` the previous one. */
const LEFTOVER = /^(.+)\.partial-[0-9a-f-]{36}(\.old)?$/;

/** Runs work on a model's folder while all other windows and processes wait. */
export function withModelFolder<T>(
  folder: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
  onWait?: () => void,
): Promise<T> {
  return withLock(lockOf(path.dirname(folder), path.basename(folder)), work, signal, onWait);
}

/**
 * Removes temporary folders of installations that were killed. Running installations hold a lock and keep theirs. A
 * model that was moved aside but not replaced gets its name back.
 */
export async function removeLeftovers(models: string): Promise<void> {
  const names = await readdir(models).catch(() => []);
  for (const name of names) {
    const [, model, isOld] = LEFTOVER.exec(name) ?? [];
    if (model === undefined) continue;
    const target = path.join(models, model);
    await ifUnlocked(lockOf(models, model), async () => {
      if (isOld !== undefined && !(await exists(target))) await rename(path.join(models, name), target);
      else await rm(path.join(models, name), { recursive: true, force: true });
    }).catch(() => false); // the next call can remove it, and until then it does no harm
  }
}

function lockOf(models: string, name: string): string {
  return path.join(models, LOCKS, name);
}

function exists(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    () => false,
  );
}
