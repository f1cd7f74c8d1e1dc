import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { HumanError, messageOf } from '../humanError.ts';

/**
 * Fills a folder beside `folder` and renames it into place when it is whole, so that a half-written one never has that name.
 * @param isOurs files of an earlier result, which may be replaced
 * @throws HumanError where `folder` holds anything else, or cannot be written.
 */
export async function replaceFolder(
  folder: string,
  isOurs: (name: string) => boolean,
  fill: (temporary: string) => Promise<void>,
): Promise<void> {
  const target = path.resolve(folder);
  await assertReplaceable(target, isOurs);
  const temporary = await makeTemporary(target);
  try {
    await fill(temporary);
    await swap(temporary, target);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function assertReplaceable(target: string, isOurs: (name: string) => boolean): Promise<void> {
  const existing = await readdir(target).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw new HumanError(`${target} cannot be written: ${messageOf(error)}.`);
  });
  const foreign = existing.find((name) => !isOurs(name));
  if (foreign !== undefined) {
    throw new HumanError(`${target} holds other files (${foreign}), which would be lost. Give a new or empty folder.`);
  }
}

/** On the same file system as the target, because a rename does not cross one. */
async function makeTemporary(target: string): Promise<string> {
  // Not mkdtemp, whose folders only their owner may read.
  const temporary = `${target}.partial-${randomUUID()}`;
  try {
    await mkdir(temporary, { recursive: true });
    return temporary;
  } catch (error) {
    throw new HumanError(`${target} cannot be written: ${messageOf(error)}.`);
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

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
