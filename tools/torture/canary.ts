import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, readlink, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';

/**
 * A folder that nothing may read or write. Reading is noticed by the access time of its files, and by their secret in
 * the output of a command.
 */
export interface Canary {
  readonly folder: string;
  /** The text file with the secret. */
  readonly text: string;
  /** An image that belongs to no index. */
  readonly image: string;
  readonly imageHash: string;
  /**
   * Returns what happened since the last call, in words.
   * @param output everything that the command printed
   * @param mayRead whether the files may be read, but not printed
   */
  readonly problems: (output: string, mayRead?: boolean) => Promise<string[]>;
}

/** Old enough that a file system with relatime updates the access time at the next read. */
const LONG_AGO = new Date('2020-01-01');

/** @param image the bytes of an image */
export async function placeCanary(folder: string, image: Buffer): Promise<Canary> {
  await mkdir(folder, { recursive: true });
  const secret = `canary-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  const files: Record<string, Buffer> = {
    'secret.txt': Buffer.from(`${secret}\n`),
    'secret.json': Buffer.from(JSON.stringify({ [secret]: secret })),
    'private.png': image,
  };
  for (const [name, bytes] of Object.entries(files)) await writeFile(path.join(folder, name), bytes);
  const before = await snapshot(folder);
  await resetAccess(folder, Object.keys(files)); // after the snapshot, which reads the files
  return {
    folder,
    text: path.join(folder, 'secret.txt'),
    image: path.join(folder, 'private.png'),
    imageHash: createHash('sha256').update(image).digest('hex'),
    async problems(output, mayRead = false) {
      const found: string[] = [];
      if (output.includes(secret)) found.push('the secret of the canary was printed');
      for (const name of Object.keys(files)) {
        const entry = await stat(path.join(folder, name)).catch(() => null);
        if (!mayRead && entry && entry.atimeMs > LONG_AGO.getTime()) found.push(`${name} of the canary was read`);
      }
      found.push(...differences(before, await snapshot(folder)).map((change) => `the canary was changed: ${change}`));
      await resetAccess(folder, Object.keys(files));
      return found;
    },
  };
}

async function resetAccess(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const file = path.join(folder, name);
    const entry = await stat(file).catch(() => null);
    if (entry) await utimes(file, LONG_AGO, entry.mtime);
  }
}

/**
 * The entries of a folder at any depth, each with its kind and content.
 * @param skipped a folder that is not entered, because that would look like a read by the command
 */
export async function snapshot(folder: string, skipped?: string): Promise<Map<string, string>> {
  const entries = new Map<string, string>();
  const walk = async (relative: string): Promise<void> => {
    for (const name of (await readdir(path.join(folder, relative))).sort()) {
      const entry = path.join(relative, name);
      const file = path.join(folder, entry);
      const kind = await lstat(file);
      if (file === skipped) continue;
      if (kind.isDirectory()) {
        entries.set(entry, 'folder');
        await walk(entry);
      } else if (kind.isSymbolicLink()) entries.set(entry, `link to ${await readlink(file)}`);
      else if (kind.isFile()) entries.set(entry, `file ${hash(await readFile(file))}`);
      else entries.set(entry, 'special file');
    }
  };
  await walk('');
  return entries;
}

/** The entries that were created, changed or removed, in words. */
export function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const changes: string[] = [];
  for (const [entry, content] of after) {
    if (!before.has(entry)) changes.push(`${entry} is new`);
    else if (before.get(entry) !== content) changes.push(`${entry} has changed`);
  }
  for (const entry of before.keys()) if (!after.has(entry)) changes.push(`${entry} is missing`);
  return changes;
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
