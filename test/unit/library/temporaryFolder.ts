import { chmod, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder that is gone after the test. */
export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
  /** The absolute path of something in it. */
  at(relative: string): string;
  /** Writes files, and the folders they are in. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
}

export async function temporaryFolder(files: Readonly<Record<string, string>> = {}): Promise<TemporaryFolder> {
  const root = await mkdtemp(path.join(tmpdir(), 'assetlens-'));
  let clock = Date.now() / 1000 - 1_000_000;
  const folder: TemporaryFolder = {
    path: root,
    at: (relative) => path.join(root, relative),
    async write(more) {
      for (const [name, content] of Object.entries(more)) {
        await mkdir(path.dirname(folder.at(name)), { recursive: true });
        await writeFile(folder.at(name), content);
        await utimes(folder.at(name), clock, clock++); // two writes within the tick of a file system's clock differ too
      }
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true, maxRetries: 3 }),
  };
  await folder.write(files);
  return folder;
}

/** All that an iterable of pages yields. */
export async function collected<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pages) items.push(...page);
  return items;
}

/**
 * Does something while a file or folder cannot be read. The superuser may read all the same, so for as long this process acts
 * as nobody.
 */
export async function whileUnreadable(
  folder: TemporaryFolder,
  relative: string,
  work: () => Promise<void>,
): Promise<void> {
  const superuser = process.geteuid?.() === 0;
  await chmod(folder.path, 0o755);
  await chmod(folder.at(relative), 0o000);
  try {
    if (superuser) process.seteuid?.(65534);
    await work();
  } finally {
    if (superuser) process.seteuid?.(0);
    await chmod(folder.at(relative), 0o755);
  }
}
