import { stat } from 'node:fs/promises';
import path from 'node:path';
import { isMissing } from '../../base/fileErrors.ts';
import { fileOfImage } from '../../base/imagePath.ts';
import { messageOf } from '../../base/userError.ts';
import type { ImageOutcome, SheetContent } from '../../clip/index.ts';
import type { Library } from '../library.ts';
import { applyChanges, type Changes } from '../store/changes.ts';
import { imagesOfSheet, isImageItself, isLinked, isUnlisted } from '../store/sheets.ts';
import {
  failureKey,
  inside,
  storedEmbedding,
  type Failure,
  type FileLink,
  type FileState,
  type StoredFailure,
} from '../store/store.ts';
import { hashFiles, type ChangedFile } from './hashFiles.ts';

/** The results of one transaction. */
export interface EmbedReport {
  /** Paths of all files that were processed. */
  readonly files: readonly string[];
  /** Number of files that now refer to a blob. */
  readonly linked: number;
  /** Number of images that the encoder embedded. */
  readonly embedded: number;
  readonly failures: readonly Failure[];
  /** Number of files that were verified and have not changed. */
  readonly unchanged: number;
  /** Number of files that were deleted meanwhile. */
  readonly removed: number;
  /** Number of images that were found in sheets, less the sheets that are no images themselves. */
  readonly found: number;
}

export interface EmbedOptions {
  readonly batchSize: number;
  readonly batchesInFlight: number;
  /** Files to hash at a time. */
  readonly readers: number;
  /** The reasons why some bytes cannot be embedded, by failureKey. They are not tried again. */
  readonly knownFailures: ReadonlyMap<string, string>;
  readonly signal: AbortSignal;
  readonly onReport: (report: EmbedReport) => void;
}

/**
 * Hashes files, embeds the blobs that the index does not contain, and writes each batch when it is complete. A few
 * batches are in flight, so that the inference process always has the next one; hashing waits for it.
 * @throws the signal's reason if it aborts, or the error of the inference process; batches that were written stay
 */
export function embedFiles(library: Library, files: readonly ChangedFile[], options: EmbedOptions): Promise<void> {
  return new EmbeddingRun(library, options).run(files);
}

/** The files of one blob. The blob is embedded once, from the first file. */
interface PendingBlob {
  readonly hash: string;
  /** The bytes, unless the inference process reads the file. */
  readonly bytes: Uint8Array | undefined;
  readonly files: FileState[];
}

/** Files of known blobs that are linked in one transaction. */
const LINKS = 64;

class EmbeddingRun {
  readonly #library: Library;
  readonly #options: EmbedOptions;
  /** Aborted when a batch fails, so that the run ends wherever it waits. */
  readonly #failed = new AbortController();
  readonly #signal: AbortSignal;
  /** The blobs without an embedding, by hash, until their outcome is known. */
  readonly #pending = new Map<string, PendingBlob>();
  readonly #inFlight = new Set<Promise<void>>();
  #batch: PendingBlob[] = [];
  #links: FileLink[] = [];
  readonly #knownFailures: Map<string, string>;
  /**
   * Images that were found in sheets, and files to hash again: they were pending on an image whose bytes changed before
   * it was decoded.
   */
  #next: ChangedFile[] = [];

  constructor(library: Library, options: EmbedOptions) {
    this.#library = library;
    this.#options = options;
    this.#knownFailures = new Map(options.knownFailures);
    this.#signal = AbortSignal.any([options.signal, this.#failed.signal]);
  }

  async run(files: readonly ChangedFile[]): Promise<void> {
    try {
      let next = files;
      do {
        await this.#addAll(next);
        await this.#launch();
        await Promise.all(this.#inFlight);
        this.#signal.throwIfAborted();
        next = this.#next;
        this.#next = [];
      } while (next.length > 0);
    } catch (error) {
      this.#failed.abort(error);
      throw error;
    } finally {
      await Promise.all(this.#inFlight);
      await this.#flushLinks();
    }
  }

  async #addAll(files: readonly ChangedFile[]): Promise<void> {
    const { readers } = this.#options;
    const { root, inference } = this.#library;
    const hashing = { readers, maximumBytes: inference.limits.bytes, signal: this.#signal };
    for await (const { file, hash, bytes, isUnchanged, error } of hashFiles(root, files, hashing)) {
      this.#signal.throwIfAborted();
      if (isUnchanged) this.#reportUnchanged(file);
      else if (hash !== undefined) await this.#add(hash, bytes, file);
      else if (isMissing(error)) await this.#write({ removed: [file.path] });
      else await this.#write({ failures: [unreadable(file, error)] });
    }
  }

  async #add(hash: string, bytes: Uint8Array | undefined, file: FileState): Promise<void> {
    const { database, model } = this.#library[inside];
    const pending = this.#pending.get(hash);
    const reason = this.#knownFailures.get(failureKey(hash, file.path));
    if (pending) {
      pending.files.push(file);
    } else if (reason !== undefined) {
      await this.#write({ failures: [{ ...file, reason, content: hash }] });
    } else if (storedEmbedding(database, model, hash) && !isUnlisted(database, hash)) {
      const link = { ...file, hash };
      if (isLinked(database, link)) {
        this.#reportUnchanged(file);
        return;
      }
      this.#links.push(link);
      if (this.#links.length >= LINKS) await this.#flushLinks();
    } else {
      const blob = { hash, bytes, files: [file] };
      this.#pending.set(hash, blob);
      this.#batch.push(blob);
      if (this.#batch.length >= this.#options.batchSize) await this.#launch();
    }
  }

  /** Sends the batch to the inference process as soon as there are fewer than the permitted batches in flight. */
  async #launch(): Promise<void> {
    if (this.#batch.length === 0) return;
    const batch = this.#batch;
    this.#batch = [];
    while (this.#inFlight.size >= this.#options.batchesInFlight) await Promise.race(this.#inFlight);
    this.#signal.throwIfAborted();
    const work: Promise<void> = this.#embed(batch)
      .catch((error: unknown) => {
        this.#failed.abort(error); // the batch may not be awaited, but every step checks the signal
      })
      .finally(() => this.#inFlight.delete(work));
    this.#inFlight.add(work);
  }

  async #embed(blobs: readonly PendingBlob[]): Promise<void> {
    const { root, inference } = this.#library;
    const images = blobs.map(({ hash, bytes, files }) => {
      const content = bytes && { bytes, hash };
      return { kind: 'file' as const, path: path.join(root, files[0]?.path ?? ''), folder: root, content };
    });
    const outcomes = await inference.embedImages(images, this.#signal);
    const changes: Changes[] = [];
    for (const [i, blob] of blobs.entries()) {
      const outcome = outcomes[i];
      if (!outcome) throw new Error('The inference process returned no result for an image.');
      changes.push(await this.#settle(blob, outcome));
    }
    await this.#write({
      images: changes.flatMap((change) => change.images ?? []),
      links: changes.flatMap((change) => change.links ?? []),
      failures: changes.flatMap((change) => change.failures ?? []),
      sheets: changes.flatMap((change) => change.sheets ?? []),
      removed: changes.flatMap((change) => change.removed ?? []),
    });
  }

  /**
   * Ends the wait of a blob. The outcome applies to all its files, unless the bytes of the first one changed meanwhile.
   */
  async #settle(blob: PendingBlob, outcome: ImageOutcome): Promise<Changes> {
    const first = blob.files[0];
    const isGone = !outcome.ok && first !== undefined && (await this.#isGone(first));
    this.#pending.delete(blob.hash); // no await from here on: a file that is added in between would be lost
    const isSame = outcome.hash === blob.hash || (outcome.hash === null && !isGone);
    const files = isSame ? blob.files : blob.files.slice(0, 1);
    // The images of a sheet are not hashed again, because their files are those of the sheet.
    const isInSheet = (file: FileState): boolean => fileOfImage(file.path) !== file.path;
    this.#next.push(
      ...blob.files.slice(files.length).map((file) => (isInSheet(file) ? { ...file, hash: blob.hash } : file)),
    );
    const { database } = this.#library[inside];
    const isImage = (file: FileState, content: SheetContent): boolean => isImageItself(database, file.path, content);
    const changes = changesOf(outcome, files, { isGone, isImage, failed: isSame ? blob.hash : outcome.hash });
    for (const sheet of changes.sheets ?? []) {
      this.#next.push(...imagesOfSheet({ ...sheet, isImage: false, fragments: sheet.content.fragments }));
    }
    for (const { path: name, content, mtime, reason } of changes.failures ?? [])
      if (content !== null && mtime !== null) this.#knownFailures.set(failureKey(content, name), reason);
    return changes;
  }

  async #isGone(file: FileState): Promise<boolean> {
    return stat(path.join(this.#library.root, fileOfImage(file.path))).then(() => false, isMissing);
  }

  async #flushLinks(): Promise<void> {
    const links = this.#links;
    this.#links = [];
    if (links.length > 0) await this.#write({ links });
  }

  async #write(changes: Changes): Promise<void> {
    const { database, model } = this.#library[inside];
    await applyChanges(database, model, changes);
    const { images = [], links = [], failures = [], sheets = [], removed = [] } = changes;
    const inSheets = sheets.reduce((sum, { content, isImage }) => sum + content.fragments.length - Number(!isImage), 0);
    const done = failures.filter(({ path: file }) => !sheets.some((sheet) => sheet.path === file));
    this.#options.onReport({
      files: [...links.map((link) => link.path), ...done.map((failure) => failure.path), ...removed],
      linked: links.length,
      embedded: images.length,
      failures: failures.map(({ path: file, reason }) => ({ path: file, reason })),
      unchanged: 0,
      removed: removed.length,
      found: inSheets,
    });
  }

  #reportUnchanged(file: FileState): void {
    const nothing = { linked: 0, embedded: 0, failures: [], removed: 0, found: 0 };
    this.#options.onReport({ ...nothing, files: [file.path], unchanged: 1 });
  }
}

function unreadable(file: FileState, error: unknown): StoredFailure {
  return { ...file, mtime: null, reason: `cannot be read: ${messageOf(error)}`, content: null };
}

interface Settled {
  readonly isGone: boolean;
  readonly isImage: (file: FileState, content: SheetContent) => boolean;
  /** Hash of the bytes that were decoded; null if it is not known. */
  readonly failed: string | null;
}

function changesOf(outcome: ImageOutcome, files: readonly FileState[], { isGone, isImage, failed }: Settled): Changes {
  if (isGone) return { removed: files.map((file) => file.path) };
  const { sheet: content, hash } = outcome;
  if (!content || hash === null) return imageChanges(outcome, files, failed);
  const sheets = files.map((file) => ({ ...file, hash, content, isImage: isImage(file, content) }));
  const changes = imageChanges(
    outcome,
    sheets.filter((sheet) => sheet.isImage).map(({ path: name, size, mtime }) => ({ path: name, size, mtime })),
    failed,
  );
  const count = content.fragments.length;
  const reason = `contains more images than AssetLens lists, which are the first ${count} of ${count + content.left}`;
  const left = content.left === 0 ? [] : files.map((file) => ({ ...file, reason, content: null }));
  return { ...changes, sheets, failures: [...(changes.failures ?? []), ...left] };
}

function imageChanges(outcome: ImageOutcome, files: readonly FileState[], content: string | null): Changes {
  if (files.length === 0) return {};
  if (!outcome.ok) {
    const { reason, permanent } = outcome;
    return { failures: files.map((file) => ({ ...file, mtime: permanent ? file.mtime : null, reason, content })) };
  }
  if (!outcome.embedding.every(Number.isFinite)) {
    const reason = 'the model computes no finite embedding of it';
    return { failures: files.map((file) => ({ ...file, reason, content })) };
  }
  return { images: [outcome], links: files.map((file) => ({ ...file, hash: outcome.hash })) };
}
