import { readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ifUnlocked, withLock } from './hub/lock.ts';

/** Below the folder of models; a dot keeps it out of their list. */
const LOCKS = '.locks';
/** What replaceFolder fills, and what was there before. */
const LEFTOVER = /^(.+)\.partial-[0-9a-f-]{36}(\.old)?$/;

/** Does work on a model's folder that no other window or program works on meanwhile; they wait. */
export function withModelFolder<T>(
  folder: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
  onWait?: () => void,
): Promise<T> {
  return withLock(lockOf(path.dirname(folder), path.basename(folder)), work, signal, onWait);
}

/**
 * Removes what installations have left that were killed. Those that go on hold their lock, and keep what is theirs. A model that was
 * moved aside and never replaced gets its name again.
 */
export async function removeLeftovers(models: string): Promise<void> {
  const names = await readdir(models).catch(() => []);
  for (const name of names) {
    const [, model, isOld] = LEFTOVER.exec(name) ?? [];
    if (model === undefined) continue;
    const target = path.join(models, model);
    await ifUnlocked(lockOf(models, model), async () => {
      if (isOld !== undefined && !(await isThere(target))) await rename(path.join(models, name), target);
      else await rm(path.join(models, name), { recursive: true, force: true });
    }).catch(() => false); // one that cannot be removed now may be next time, and harms nobody
  }
}

function lockOf(models: string, name: string): string {
  return path.join(models, LOCKS, name);
}

function isThere(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    () => false,
  );
}
