import { randomUUID } from 'node:crypto';
import {
  copyFile,
  link,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { posixRelative } from '../../../base/paths.ts';
import { UserError } from '../../../base/userError.ts';

/**
 * A repository in the cache that all tools of the hub share. blobs/ has files by hash, snapshots/<commit>/ has links
 * with the names in the repository, and refs/ has the commits of branches.
 */
export interface CachedRepository {
  /** Path of a blob, which may not exist. */
  blob(hash: string): string;
  /**
   * Path of an incomplete blob. It differs from that of Python's tools, which may be writing to theirs at the same
   * time.
   */
  incomplete(hash: string): string;
  lock(hash: string): string;
  snapshot(commit: string): string;
  /** Path of a file of a commit, which may not exist. */
  file(commit: string, name: string): string;
  /** Adds a complete blob to a commit, under a name. */
  name(commit: string, name: string, hash: string): Promise<void>;
  /** The commit of a branch or tag when it was last downloaded. */
  commitOf(revision: string): Promise<string | null>;
  setCommit(revision: string, commit: string): Promise<void>;
  /** Names of the cached files of a commit. */
  files(commit: string): Promise<string[]>;
}

const COMMIT = /^[0-9a-f]{40}$/;

/** @param repository "owner/name" */
export function cachedRepository(cacheFolder: string, repository: string): CachedRepository {
  const folderName = `models--${repository.replaceAll('/', '--')}`;
  const root = path.join(cacheFolder, folderName);
  const snapshot = (commit: string): string => path.join(root, 'snapshots', commit);
  const blob = (hash: string): string => path.join(root, 'blobs', hash);
  const fileOf = (commit: string, name: string): string => path.join(snapshot(commit), safeName(name));
  return {
    blob,
    incomplete: (hash) => `${blob(hash)}.assetlens.incomplete`,
    lock: (hash) => path.join(cacheFolder, '.locks', folderName, `${hash}.assetlens.lock`),
    snapshot,
    file: fileOf,
    name: (commit, name, hash) => linkTo(blob(hash), fileOf(commit, name)),
    async commitOf(revision) {
      if (COMMIT.test(revision)) return revision;
      const text = await readFile(path.join(root, 'refs', safeName(revision)), 'utf8').catch(() => '');
      return COMMIT.test(text.trim()) ? text.trim() : null;
    },
    async setCommit(revision, commit) {
      if (COMMIT.test(revision)) return;
      const file = path.join(root, 'refs', safeName(revision));
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, commit);
    },
    async files(commit) {
      const entries = await readdir(snapshot(commit), { recursive: true, withFileTypes: true }).catch(() => []);
      return entries
        .filter((entry) => !entry.isDirectory())
        .map((entry) => posixRelative(snapshot(commit), path.join(entry.parentPath, entry.name)));
    },
  };
}

/**
 * Converts a name of a repository to a relative path.
 * @throws UserError where the path would lead out of its folder
 */
export function safeName(name: string): string {
  const parts = name.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..' || /[\\:\0]/.test(part))) {
    throw new UserError(
      `The repository has a file named "${name}", whose path leads out of the folder. Do not use this repository.`,
    );
  }
  return path.join(...parts);
}

/**
 * Makes a relative link, so that the cache can be moved; where links are not allowed (Windows), a hard link or a copy.
 */
async function linkTo(blob: string, file: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  if ((await realpath(file).catch(() => null)) === (await realpath(blob))) return;
  const temporary = `${file}.${randomUUID()}`;
  try {
    await symlink(path.relative(path.dirname(file), blob), temporary)
      .catch(() => link(blob, temporary))
      .catch(() => copyFile(blob, temporary));
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Size of a file in bytes; null where it does not exist. */
export async function sizeOf(file: string): Promise<number | null> {
  return stat(file).then(
    ({ size }) => size,
    () => null,
  );
}
