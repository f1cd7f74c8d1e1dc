import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { isMissing } from '../../base/fileErrors.ts';
import { UserError, messageOf } from '../../base/userError.ts';

/** An earlier result, identified by its files. */
export interface EarlierResult {
  /** All files that it may contain. */
  readonly files: ReadonlySet<string>;
  /** The file that it always contains. */
  readonly marker: string;
  readonly mayBeReplaced: boolean;
}

/**
 * Fills a temporary folder beside `folder` and renames it when it is complete, so that an incomplete folder never has
 * that name.
 * @throws UserError where `folder` must not be replaced, or cannot be written
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
 * Checks that a folder is missing or empty, or contains an earlier result that may be replaced.
 * @throws UserError where it contains anything else
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
  const otherFile = existing.includes(marker) ? existing.find((name) => !files.has(name)) : existing[0];
  if (otherFile !== undefined) {
    throw new UserError(
      `${target} contains other files (${otherFile}), which would be deleted. Specify a new or empty folder.`,
    );
  }
  if (mayBeReplaced) return;
  throw new UserError(`${target} already contains a model. Pass --force to replace it, or specify another folder.`);
}

/** Creates a folder on the same file system as the target, because a rename cannot cross file systems. */
async function makeTemporary(target: string): Promise<string> {
  // mkdtemp would make a folder that only its owner may read.
  const temporary = `${target}.partial-${randomUUID()}`;
  try {
    await mkdir(temporary, { recursive: true });
    return temporary;
  } catch (error) {
    throw new UserError(`${target} cannot be written: ${messageOf(error)}.`);
  }
}

async function swap(complete: string, target: string): Promise<void> {
  const old = `${complete}.old`;
  const hadOld = await rename(target, old).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
  await rename(complete, target).catch(async (error: unknown) => {
    if (hadOld) await rename(old, target);
    throw error;
  });
  if (hadOld) await rm(old, { recursive: true, force: true });
}
