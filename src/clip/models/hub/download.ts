import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { UserError, messageOf } from '../../../base/userError.ts';
import { sizeOf } from './cache.ts';
import { assertDiskSpace } from './diskSpace.ts';
import { hasHash } from './hash.ts';
import { withLock } from './lock.ts';
import { fileFacts, type FileFacts, type Repository } from './repository.ts';
import type { HubSettings } from './settings.ts';
import { transfer } from './transfer.ts';

/** A download that the user has to confirm. */
export interface DownloadRequest {
  readonly repository: string;
  readonly commit: string;
  readonly files: readonly { readonly name: string; readonly size: number }[];
  /** Bytes to download, without those that are already in the cache. */
  readonly bytes: number;
  readonly licence: string | null;
}

export interface DownloadProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly file: string;
  /** Whether another process is downloading this file. */
  readonly waiting: boolean;
}

export interface DownloadOptions {
  /** Called before a download that is larger than SMALL. Returning false cancels the download. */
  readonly confirm: (request: DownloadRequest) => Promise<boolean>;
  /** Required SHA-256 of files by name, in addition to the hash at the hub. */
  readonly pinned?: Readonly<Record<string, string>> | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Downloads of up to this size, such as configurations and tokenizers, need no confirmation. */
const SMALL = 8 << 20;
/** Space that must stay free for indexes and the system. */
const RESERVE = 64 << 20;

/** The user declined the download. */
export class DownloadDeclined extends UserError {}

/**
 * Downloads files of a repository into the cache that all tools of the hub share. Verifies each file, and downloads
 * each file only once.
 *
 * The package @huggingface/hub 2.17.5 uses the same cache, but it restarts interrupted downloads, checks neither size
 * nor hash, lets two processes write to one file, reads neither HF_ENDPOINT nor HF_TOKEN nor HF_HUB_OFFLINE, and has
 * neither AbortSignal nor progress.
 * @returns the folder that contains the files under their names
 * @throws UserError where the hub or the disk does not allow it, or the bytes are wrong; DownloadDeclined; the signal's
 * reason. The next call resumes an interrupted download.
 */
export async function downloadFiles(
  settings: HubSettings,
  repository: Repository,
  names: readonly string[],
  options: DownloadOptions,
): Promise<string> {
  const { cache, commit, id } = repository;
  if (settings.offline) {
    await assertCached(settings, repository, names, options);
    return cache.snapshot(commit);
  }
  const missing: FileFacts[] = [];
  for (const name of names) {
    const facts = await fileFacts(settings, repository, name, options.signal);
    assertPinned(facts, repository, options);
    if (!(await isCached(repository, facts, options.signal))) missing.push(facts);
  }
  const bytes = missing.reduce((sum, { size }) => sum + size, 0);
  if (bytes > SMALL) {
    const left = await bytesLeft(missing, repository);
    const agreed = await options.confirm({
      repository: id,
      commit,
      files: missing,
      bytes: left,
      licence: repository.licence,
    });
    if (!agreed) throw new DownloadDeclined(`${id} was not downloaded.`);
  }
  await assertSpace(settings.cacheFolder, missing, repository);
  let before = 0;
  for (const facts of missing) {
    await downloadFile(settings, repository, facts, options.signal, (done, waiting) =>
      options.onProgress?.({ doneBytes: before + done, totalBytes: bytes, file: facts.name, waiting }),
    );
    before += facts.size;
  }
  return cache.snapshot(commit);
}

/** Offline, sizes and hashes are unknown. Existing files are complete, because only complete files get a name. */
async function assertCached(
  settings: HubSettings,
  { cache, commit, id }: Repository,
  names: readonly string[],
  { pinned = {}, signal }: DownloadOptions,
): Promise<void> {
  for (const name of names) {
    const file = cache.file(commit, name);
    if ((await sizeOf(file)) === null) {
      throw new UserError(
        `HF_HUB_OFFLINE is set, and ${name} of ${id} is not in ${settings.cacheFolder}. Unset HF_HUB_OFFLINE to download missing files.`,
      );
    }
    const value = pinned[name];
    if (value !== undefined && !(await hasHash(file, { kind: 'sha256', value }, signal)))
      throw notPinned(name, id, value);
  }
}

function assertPinned({ name, hash }: FileFacts, { id }: Repository, { pinned = {} }: DownloadOptions): void {
  const wanted = pinned[name];
  if (wanted === undefined || (hash.kind === 'sha256' && hash.value === wanted)) return;
  throw notPinned(name, id, wanted);
}

function notPinned(name: string, id: string, sha256: string): UserError {
  return new UserError(
    `${name} of ${id} is not the file that this version of AssetLens expects (SHA-256 ${sha256}). Do not use it. Update AssetLens, or report this problem.`,
  );
}

/** Whether the cache has the file with the right bytes. Adds the name of a file that exists only as a blob. */
async function isCached({ cache, commit }: Repository, facts: FileFacts, signal?: AbortSignal): Promise<boolean> {
  for (const file of [cache.file(commit, facts.name), cache.blob(facts.hash.value)]) {
    if ((await sizeOf(file)) !== facts.size || !(await hasHash(file, facts.hash, signal))) continue;
    if (file === cache.blob(facts.hash.value)) await cache.name(commit, facts.name, facts.hash.value);
    return true;
  }
  return false;
}

/** Downloads one file under its lock, so that only one of several processes downloads it. */
async function downloadFile(
  settings: HubSettings,
  repository: Repository,
  facts: FileFacts,
  signal: AbortSignal | undefined,
  onBytes: (done: number, waiting: boolean) => void,
): Promise<void> {
  const { cache, commit } = repository;
  const hash = facts.hash.value;
  const download = async (): Promise<void> => {
    if (await isCached(repository, facts, signal)) return;
    await mkdir(path.dirname(cache.blob(hash)), { recursive: true });
    await completeFile(settings, repository, facts, signal, (done) => {
      onBytes(done, false);
    });
    await rename(cache.incomplete(hash), cache.blob(hash));
    await cache.name(commit, facts.name, hash);
  };
  await withLock(cache.lock(hash), download, signal, () => {
    onBytes(0, true);
  });
}

/** Downloads the missing bytes of the incomplete file and verifies it. */
async function completeFile(
  settings: HubSettings,
  repository: Repository,
  facts: FileFacts,
  signal: AbortSignal | undefined,
  onBytes: (done: number) => void,
): Promise<void> {
  const incomplete = repository.cache.incomplete(facts.hash.value);
  for (let isFirst = true; ; isFirst = false) {
    const isResumed = ((await sizeOf(incomplete)) ?? 0) > 0;
    await writeInto(incomplete, (handle) => transfer(settings, repository, facts, handle, signal, onBytes));
    if (await hasHash(incomplete, facts.hash, signal)) return;
    await rm(incomplete, { force: true });
    // The bytes of the earlier download may have been wrong.
    if (isResumed && isFirst) continue;
    throw new UserError(
      `${facts.name} of ${repository.id} was damaged during the download: its hash differs from that of the hub (${facts.hash.kind} ${facts.hash.value}). The file was deleted. ` +
        'Try again. If this happens every time, a proxy may change downloaded files.',
    );
  }
}

async function writeInto(file: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(file, 'a+').catch((error: unknown) => {
    throw new UserError(`${file} cannot be written: ${messageOf(error)}. Set HF_HUB_CACHE to another folder.`);
  });
  try {
    await write(handle);
    // The file gets its name next. Without sync, a power failure could leave that name with missing bytes.
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function assertSpace(cacheFolder: string, missing: readonly FileFacts[], repository: Repository): Promise<void> {
  const needed = missing.length > 0 ? RESERVE + (await bytesLeft(missing, repository)) : 0;
  await assertDiskSpace(cacheFolder, needed, 'set HF_HUB_CACHE to a folder on another disk');
}

async function bytesLeft(missing: readonly FileFacts[], { cache }: Repository): Promise<number> {
  let bytes = 0;
  for (const { size, hash } of missing)
    bytes += Math.max(0, size - ((await sizeOf(cache.incomplete(hash.value))) ?? 0));
  return bytes;
}
