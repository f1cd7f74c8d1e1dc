import { randomUUID } from 'node:crypto';
import { copyFile, link, mkdir, readdir, readFile, realpath, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { posixRelative } from '../../../base/paths.ts';
import { UserError } from '../../../base/userError.ts';

/**
 * A repository in the cache that all tools of the hub share: contents lie in blobs/ under their hash, snapshots/<commit>/ names them
 * as the repository does, and refs/ says which commit a branch was at.
 */
export interface CachedRepository {
  /** Where the bytes of a content are, or belong. */
  blob(hash: string): string;
  /** Bytes that are on their way. Not Python's own name: a Python tool may be writing to that at this moment. */
  incomplete(hash: string): string;
  lock(hash: string): string;
  snapshot(commit: string): string;
  /** Where a file of a commit is, or belongs. */
  file(commit: string, name: string): string;
  /** Gives a content that is whole its name in a commit. */
  name(commit: string, name: string, hash: string): Promise<void>;
  /** The commit that a branch or tag was at when it was last asked for. */
  commitOf(revision: string): Promise<string | null>;
  setCommit(revision: string, commit: string): Promise<void>;
  /** Names of all files of a commit that are there. */
  files(commit: string): Promise<string[]>;
}

const COMMIT = /^[0-9a-f]{40}$/;

/** @param repository "owner/name" */
export function cachedRepository(cacheFolder: string, repository: string): CachedRepository {
  const own = `models--${repository.replaceAll('/', '--')}`;
  const root = path.join(cacheFolder, own);
  const snapshot = (commit: string): string => path.join(root, 'snapshots', commit);
  const blob = (hash: string): string => path.join(root, 'blobs', hash);
  const fileOf = (commit: string, name: string): string => path.join(snapshot(commit), safeName(name));
  return {
    blob,
    incomplete: (hash) => `${blob(hash)}.assetlens.incomplete`,
    lock: (hash) => path.join(cacheFolder, '.locks', own, `${hash}.assetlens.lock`),
    snapshot,
    file: fileOf,
    name: (commit, name, hash) => pointTo(blob(hash), fileOf(commit, name)),
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
 * A name that stays below the folder it is joined to; names come from whoever owns a repository.
 * @throws UserError where it would lead out of it
 */
export function safeName(name: string): string {
  const parts = name.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..' || /[\\:\0]/.test(part))) {
    throw new UserError(`A file of the repository is called "${name}", which is no name below its folder. Do not use this repository.`);
  }
  return path.join(...parts);
}

/** As a relative link, so that a cache may be moved; where links are not allowed (Windows), as a second name or a copy. */
async function pointTo(blob: string, file: string): Promise<void> {
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

/** Bytes of a file; null where there is none. */
export async function sizeOf(file: string): Promise<number | null> {
  return stat(file).then(
    ({ size }) => size,
    () => null,
  );
}
