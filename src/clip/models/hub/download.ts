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

/** What is about to be downloaded, for whoever has to agree. */
export interface DownloadRequest {
  readonly repository: string;
  readonly commit: string;
  readonly files: readonly { readonly name: string; readonly size: number }[];
  /** That the cache lacks: of a file that was begun, the rest. */
  readonly bytes: number;
  readonly licence: string | null;
}

export interface DownloadProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly file: string;
  /** Another process downloads this file; we wait for it. */
  readonly waiting: boolean;
}

export interface DownloadOptions {
  /** Asked before the first byte where there is more to download than some configuration. False ends it. */
  readonly confirm: (request: DownloadRequest) => Promise<boolean>;
  /** SHA-256 that files must have whatever the hub says, by name. */
  readonly pinned?: Readonly<Record<string, string>> | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Configurations and tokenizers are below this; nobody is asked about them. */
const SMALL = 8 << 20;
/** What a disk keeps free besides: indexes and the system need some, too. */
const RESERVE = 64 << 20;

/** Somebody was asked whether to download, and said no. */
export class NotWanted extends UserError {}

/**
 * Own code, although there is a package: @huggingface/hub 2.17.5 downloads into the same cache, but begins anew after a cut, checks
 * neither size nor hash, lets two processes write one file, reads neither HF_ENDPOINT nor HF_TOKEN nor HF_HUB_OFFLINE, takes no
 * AbortSignal and tells no progress.
 *
 * Brings files of a repository into the cache that all tools of the hub share, each verified, and none twice.
 * @returns the folder that holds them under their own names
 * @throws UserError where the hub, the disk or the bytes do not allow it; NotWanted; the signal's reason. What was downloaded is
 * kept, and the next call goes on from there.
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
    if (!(await isThere(repository, facts, options.signal))) missing.push(facts);
  }
  const bytes = missing.reduce((sum, { size }) => sum + size, 0);
  if (bytes > SMALL) {
    const left = await bytesLeft(missing, repository);
    const agreed = await options.confirm({ repository: id, commit, files: missing, bytes: left, licence: repository.licence });
    if (!agreed) throw new NotWanted(`${id} was not downloaded.`);
  }
  await assertSpace(settings.cacheFolder, missing, repository);
  let before = 0;
  for (const facts of missing) {
    await bring(settings, repository, facts, options.signal, (done, waiting) =>
      options.onProgress?.({ doneBytes: before + done, totalBytes: bytes, file: facts.name, waiting }),
    );
    before += facts.size;
  }
  return cache.snapshot(commit);
}

/** Offline the hub says nothing of a file: what is there counts as whole, because nothing else gets a name. */
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
        `HF_HUB_OFFLINE is set, and ${settings.cacheFolder} lacks ${name} of ${id}. Unset it to download the rest.`,
      );
    }
    const value = pinned[name];
    if (value !== undefined && !(await hasHash(file, { kind: 'sha256', value }, signal))) throw notPinned(name, id, value);
  }
}

function assertPinned({ name, hash }: FileFacts, { id }: Repository, { pinned = {} }: DownloadOptions): void {
  const wanted = pinned[name];
  if (wanted === undefined || (hash.kind === 'sha256' && hash.value === wanted)) return;
  throw notPinned(name, id, wanted);
}

function notPinned(name: string, id: string, sha256: string): UserError {
  return new UserError(
    `${name} of ${id} is not the file that this version of AssetLens knows (SHA-256 ${sha256}). Do not use it; update AssetLens, or report this.`,
  );
}

/** In the cache with the right bytes, whoever put it there. What is there under its hash only gets its name. */
async function isThere({ cache, commit }: Repository, facts: FileFacts, signal?: AbortSignal): Promise<boolean> {
  for (const file of [cache.file(commit, facts.name), cache.blob(facts.hash.value)]) {
    if ((await sizeOf(file)) !== facts.size || !(await hasHash(file, facts.hash, signal))) continue;
    if (file === cache.blob(facts.hash.value)) await cache.name(commit, facts.name, facts.hash.value);
    return true;
  }
  return false;
}

/** One file: under its lock, so that of several processes the first downloads it and the others find it. */
async function bring(
  settings: HubSettings,
  repository: Repository,
  facts: FileFacts,
  signal: AbortSignal | undefined,
  onBytes: (done: number, waiting: boolean) => void,
): Promise<void> {
  const { cache, commit } = repository;
  const hash = facts.hash.value;
  const download = async (): Promise<void> => {
    if (await isThere(repository, facts, signal)) return;
    await mkdir(path.dirname(cache.blob(hash)), { recursive: true });
    await verified(settings, repository, facts, signal, (done) => {
      onBytes(done, false);
    });
    await rename(cache.incomplete(hash), cache.blob(hash));
    await cache.name(commit, facts.name, hash);
  };
  await withLock(cache.lock(hash), download, signal, () => {
    onBytes(0, true);
  });
}

/** Fills the incomplete file until its bytes are the right ones. */
async function verified(
  settings: HubSettings,
  repository: Repository,
  facts: FileFacts,
  signal: AbortSignal | undefined,
  onBytes: (done: number) => void,
): Promise<void> {
  const incomplete = repository.cache.incomplete(facts.hash.value);
  for (let isFirst = true; ; isFirst = false) {
    const begun = ((await sizeOf(incomplete)) ?? 0) > 0;
    await writeInto(incomplete, (handle) => transfer(settings, repository, facts, handle, signal, onBytes));
    if (await hasHash(incomplete, facts.hash, signal)) return;
    await rm(incomplete, { force: true });
    // What an earlier run had left may have been the wrong part.
    if (begun && isFirst) continue;
    throw new UserError(
      `${facts.name} of ${repository.id} arrived with other bytes than the hub says it has (${facts.hash.kind} ${facts.hash.value}), and was thrown away. ` +
        'Try again; if it stays like this, something between here and the hub changes files.',
    );
  }
}

async function writeInto(file: string, write: (handle: FileHandle) => Promise<void>): Promise<void> {
  const handle = await open(file, 'a+').catch((error: unknown) => {
    throw new UserError(`${file} cannot be written: ${messageOf(error)}. HF_HUB_CACHE names another folder for downloads.`);
  });
  try {
    await write(handle);
    // It gets its name next: without this, a power cut could leave the name over missing bytes.
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function assertSpace(cacheFolder: string, missing: readonly FileFacts[], repository: Repository): Promise<void> {
  const needed = missing.length > 0 ? RESERVE + (await bytesLeft(missing, repository)) : 0;
  await assertDiskSpace(cacheFolder, needed, 'name another folder for downloads (HF_HUB_CACHE)');
}

async function bytesLeft(missing: readonly FileFacts[], { cache }: Repository): Promise<number> {
  let bytes = 0;
  for (const { size, hash } of missing) bytes += Math.max(0, size - ((await sizeOf(cache.incomplete(hash.value))) ?? 0));
  return bytes;
}
