import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { isMissing } from '../../base/fileErrors.ts';
import { UserError, messageOf } from '../../base/userError.ts';

/** An earlier result, which is known by its files. */
export interface EarlierResult {
  /** All that it may hold. */
  readonly files: ReadonlySet<string>;
  /** The one of them that it always holds. */
  readonly marker: string;
  readonly mayBeReplaced: boolean;
}

/**
 * Fills a folder beside `folder` and renames it into place when it is whole, so that a half-written one never has that name.
 * @throws UserError where `folder` is not replaceable, or cannot be written.
 */
export async function replaceFolder(
  folder: string,
  earlier: EarlierResult,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  const target = path.resolve(folder);
  await assertReplaceable(target, earlier);
  const temporary = await makeTemporary(target);
  try {
    await fill(temporary);
    await swap(temporary, target);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/**
 * A folder that is empty or not there may be filled, an earlier result replaced where that is allowed, and nothing else.
 * @throws UserError where it holds what must not be lost
 */
export async function assertReplaceable(
  folder: string,
  { files, marker, mayBeReplaced }: EarlierResult,
): Promise<void> {
  const target = path.resolve(folder);
  const existing: string[] = await readdir(target).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw new UserError(`${target} cannot be written: ${messageOf(error)}.`);
  });
  if (existing.length === 0) return;
  const foreign = existing.includes(marker) ? existing.find((name) => !files.has(name)) : existing[0];
  if (foreign !== undefined) {
    throw new UserError(`${target} holds other files (${foreign}), which would be lost. Give a new or empty folder.`);
  }
  if (mayBeReplaced) return;
  throw new UserError(`${target} holds a model already. Pass --force to replace it, or give another folder.`);
}

/** On the same file system as the target, because a rename does not cross one. */
async function makeTemporary(target: string): Promise<string> {
  // Not mkdtemp, whose folders only their owner may read.
  const temporary = `${target}.partial-${randomUUID()}`;
  try {
    await mkdir(temporary, { recursive: true });
    return temporary;
  } catch (error) {
    throw new UserError(`${target} cannot be written: ${messageOf(error)}.`);
  }
}

async function swap(whole: string, target: string): Promise<void> {
  const old = `${whole}.old`;
  const hadOld = await rename(target, old).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
  await rename(whole, target).catch(async (error: unknown) => {
    if (hadOld) await rename(old, target);
    throw error;
  });
  if (hadOld) await rm(old, { recursive: true, force: true });
}
