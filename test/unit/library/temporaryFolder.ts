import { chmod, mkdir, mkdtemp, realpath, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder that is removed after the test. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
  /** Returns the absolute path of a file in the folder. */
  at(relative: string): string;
  /** Writes files and the folders that they are in. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
}

export async function temporaryFolder(files: Readonly<Record<string, string>> = {}): Promise<TemporaryFolder> {
  const root = await realpath(await mkdtemp(path.join(tmpdir(), 'assetlens-')));
  let clock = Date.now() / 1000 - 1_000_000;
  const folder: TemporaryFolder = {
    path: root,
    at: (relative) => path.join(root, relative),
    async write(more) {
      for (const [name, content] of Object.entries(more)) {
        await mkdir(path.dirname(folder.at(name)), { recursive: true });
        await writeFile(folder.at(name), content);
        await utimes(folder.at(name), clock, clock++); // so that two writes within one tick of the file system's clock differ
      }
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true, maxRetries: 3 }),
  };
  await folder.write(files);
  return folder;
}

/** Collects the items of all pages. */
export async function collected<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pages) items.push(...page);
  return items;
}

/** Runs `work` while a file or folder cannot be read. */
export async function whileUnreadable(
  folder: TemporaryFolder,
  relative: string,
  work: () => Promise<void>,
): Promise<void> {
  await chmod(folder.at(relative), 0o000);
  try {
    await whileUnprivileged(folder, work);
  } finally {
    await chmod(folder.at(relative), 0o755);
  }
}

/**
 * Runs `work` without the superuser's right to read and write everything: as the user "nobody", who may list the
 * folder.
 */
export async function whileUnprivileged(folder: TemporaryFolder, work: () => Promise<void>): Promise<void> {
  const isSuperuser = process.geteuid?.() === 0;
  await chmod(folder.path, 0o755);
  try {
    if (isSuperuser) process.seteuid?.(65534);
    await work();
  } finally {
    if (isSuperuser) process.seteuid?.(0);
  }
}
