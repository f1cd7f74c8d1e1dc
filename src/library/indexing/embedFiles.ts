import { stat } from 'node:fs/promises';
import path from 'node:path';
import { DECODE_LIMITS, messageOf, type ImageOutcome } from '../../clip/index.ts';
import { mapConcurrently } from './concurrency.ts';
import { hashFile } from '../files/hashFile.ts';
import type { Library } from '../library.ts';
import { isMissing } from '../../base/fileErrors.ts';
import {
  inside,
  applyChanges,
  storedEmbedding,
  type Changes,
  type FileLink,
  type FileState,
  type Failure,
} from '../store/store.ts';

/** A file whose content has to be found out; with its hash where the index knows it already. */
export interface ChangedFile extends FileState {
  readonly hash?: string | undefined;
}

/** What has become of files, told after each transaction. */
export interface EmbedReport {
  /** All of them, by their paths. */
  readonly files: readonly string[];
  /** Files that now point at a content. */
  readonly linked: number;
  /** Images that the encoder saw. */
  readonly embedded: number;
  readonly failures: readonly Failure[];
  /** Files that went away meanwhile. */
  readonly removed: number;
}

export interface EmbedOptions {
  readonly batchSize: number;
  readonly batchesInFlight: number;
  /** Files hashed at a time. */
  readonly readers: number;
  readonly signal: AbortSignal;
  readonly onReport: (report: EmbedReport) => void;
}

/** Files of one content, which is embedded once, from the first of them. */
interface Group {
  readonly hash: string;
  readonly files: FileState[];
}

/** Files whose content turned out to be known already that are linked in one transaction. */
const LINKS = 64;

/**
 * Hashes files, embeds what the index does not know, and writes each batch when it is there. A few batches are under way, so
 * that the inference process always has the next one; hashing waits for it.
 * @throws the signal's reason when aborted, or what stopped the inference process; what was written is kept
 */
export async function embedFiles(
  library: Library,
  files: readonly ChangedFile[],
  options: EmbedOptions,
): Promise<void> {
  const { inference } = library;
  const { database, model } = library[inside];
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  /** Contents that wait for their embedding, by hash. */
  const groups = new Map<string, Group>();
  const inFlight = new Set<Promise<void>>();
  let batch: Group[] = [];
  let links: FileLink[] = [];
  /** Files that were waiting for an image which changed under the decoder. */
  let again: FileState[] = [];

  const write = async (changes: Changes): Promise<void> => {
    await applyChanges(database, model, changes);
    const { images = [], links = [], failures = [], removed = [] } = changes;
    options.onReport({
      files: [...links.map((link) => link.path), ...failures.map((failure) => failure.path), ...removed],
      linked: links.length,
      embedded: images.length,
      failures: failures.map(({ path, reason }) => ({ path, reason })),
      removed: removed.length,
    });
  };

  const flushLinks = async (): Promise<void> => {
    const known = links;
    links = [];
    if (known.length > 0) await write({ links: known });
  };

  /** Takes the group off the list of those that wait: all its files so far share this outcome. */
  const settle = async (group: Group, outcome: ImageOutcome): Promise<Changes> => {
    const first = group.files[0];
    const gone = !outcome.ok && first && (await isGone(library.root, first));
    groups.delete(group.hash); // from here to the end without a pause, or a file that joins meanwhile would be lost
    const same = outcome.hash === group.hash || (outcome.hash === null && !gone);
    const answered = same ? group.files : group.files.slice(0, 1);
    again.push(...group.files.slice(answered.length));
    if (!outcome.ok) {
      if (gone) return { removed: answered.map((file) => file.path) };
      const { reason, permanent } = outcome;
      return { failures: answered.map((file) => ({ ...file, mtime: permanent ? file.mtime : null, reason })) };
    }
    if (!outcome.embedding.every(Number.isFinite)) {
      return { failures: answered.map((file) => ({ ...file, reason: 'the model makes no finite embedding of it' })) };
    }
    return { images: [outcome], links: answered.map((file) => ({ ...file, hash: outcome.hash })) };
  };

  const embed = async (contents: readonly Group[]): Promise<void> => {
    const images = contents.map(({ files }) => {
      return { kind: 'file' as const, path: path.join(library.root, files[0]?.path ?? '') };
    });
    const outcomes = await inference.embedImages(images, signal);
    const changes: Changes[] = [];
    for (const [i, group] of contents.entries()) {
      const outcome = outcomes[i];
      if (!outcome) throw new Error('The inference process left out an image.');
      changes.push(await settle(group, outcome));
    }
    await write({
      images: changes.flatMap((change) => change.images ?? []),
      links: changes.flatMap((change) => change.links ?? []),
      failures: changes.flatMap((change) => change.failures ?? []),
      removed: changes.flatMap((change) => change.removed ?? []),
    });
  };

  const launch = async (): Promise<void> => {
    if (batch.length === 0) return;
    const contents = batch;
    batch = [];
    while (inFlight.size >= options.batchesInFlight) await Promise.race(inFlight);
    signal.throwIfAborted();
    const work: Promise<void> = embed(contents)
      .catch((error: unknown) => {
        failed.abort(error); // nobody may be waiting for this batch, but all look at the signal
      })
      .finally(() => inFlight.delete(work));
    inFlight.add(work);
  };

  const add = async (hash: string, file: FileState): Promise<void> => {
    const waiting = groups.get(hash);
    if (waiting) {
      waiting.files.push(file);
      return;
    }
    if (storedEmbedding(database, model, hash)) {
      links.push({ ...file, hash });
      if (links.length >= LINKS) await flushLinks();
      return;
    }
    const group = { hash, files: [file] };
    groups.set(hash, group);
    batch.push(group);
    if (batch.length >= options.batchSize) await launch();
  };

  const read = async (changed: readonly ChangedFile[]): Promise<void> => {
    const states = mapConcurrently(changed, options.readers, (file) => readHash(library.root, file, signal));
    for await (const { file, hash, error } of states) {
      signal.throwIfAborted();
      if (hash !== undefined) await add(hash, file);
      else if (isMissing(error)) await write({ removed: [file.path] });
      else await write({ failures: [{ ...file, mtime: null, reason: `cannot be read: ${messageOf(error)}` }] });
    }
  };

  try {
    await read(files);
    do {
      const changed = again;
      again = [];
      await read(changed);
      await launch();
      await Promise.all(inFlight);
      signal.throwIfAborted();
    } while (again.length > 0);
  } catch (error) {
    failed.abort(error);
    throw error;
  } finally {
    await Promise.all(inFlight);
    await flushLinks();
  }
}

interface HashedFile {
  readonly file: FileState;
  readonly hash?: string;
  readonly error?: unknown;
}

async function readHash(root: string, changed: ChangedFile, signal: AbortSignal): Promise<HashedFile> {
  const { hash, ...file } = changed;
  if (hash !== undefined) return { file, hash };
  // Not worth hashing: a group of its own, whose outcome says that it is too large.
  if (file.size > DECODE_LIMITS.bytes) return { file, hash: `too large: ${file.path}` };
  try {
    return { file, hash: await hashFile(path.join(root, file.path), signal) };
  } catch (error) {
    signal.throwIfAborted();
    return { file, error };
  }
}

async function isGone(root: string, file: FileState): Promise<boolean> {
  return stat(path.join(root, file.path)).then(() => false, isMissing);
}
