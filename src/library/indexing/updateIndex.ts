import type { ScanOptions } from '../files/scan.ts';
import type { Library } from '../library.ts';
import { applyChanges } from '../store/changes.ts';
import { garbageBefore, collectGarbage } from '../store/garbage.ts';
import { notWritable } from '../store/indexErrors.ts';
import { failuresByContent, inside, type Failure } from '../store/store.ts';
import { compareIndex, type Comparison, type UnreadFiles } from './compareIndex.ts';
import { completeLooks } from './completeLooks.ts';
import { completeSheets } from './completeSheets.ts';
import { embedFiles, type EmbedReport } from './embedFiles.ts';
import { imageRate, throttled } from './progress.ts';
import { withUpdateLock } from './updateLock.ts';

export interface UpdateProgress {
  /**
   * `wait`: another process updates the index; `scan`: the folder is compared with the index; `embed`: files are
   * embedded; `looks`: the colours of images that an earlier version embedded are read.
   */
  readonly phase: 'wait' | 'scan' | 'embed' | 'looks';
  /** Images found by the scan so far; then images that are done, including those of earlier updates. */
  readonly done: number;
  /** Images of the folder, or of the paths to update; null while the number is unknown. */
  readonly total: number | null;
  /** The file that was processed last, relative to the root. */
  readonly path: string | null;
  readonly failed: number;
  /** Images embedded per second; 0 before the first. */
  readonly imagesPerSecond: number;
}

export interface UpdateOptions {
  readonly scan?: Omit<ScanOptions, 'signal' | 'onUnreadable' | 'onUnread'> | undefined;
  /**
   * Keeps existing files in the index that the globs of the scan exclude, as for a command on a part of the folder.
   * Default: false, so that they are removed.
   */
  readonly keepExcluded?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called at most every tenth of a second, and at the end of a phase. */
  readonly onProgress?: ((progress: UpdateProgress) => void) | undefined;
  /** Retry images that failed before and have not changed. Default: false. */
  readonly retryFailed?: boolean | undefined;
  /**
   * Reads all files and compares their content with the index, which finds changes that kept the size and the time.
   * Default: false.
   */
  readonly verify?: boolean | undefined;
  /**
   * Days for which the embeddings of a blob without files are kept, because a branch switch may bring it back. Default:
   * 30.
   */
  readonly keepDays?: number | undefined;
  /** Images per batch. Default: 32. */
  readonly batchSize?: number | undefined;
  /** Batches in flight. Default: 3. */
  readonly batchesInFlight?: number | undefined;
  /** Files to hash at a time. Default: 4, the number of threads that Node reads files with. */
  readonly readers?: number | undefined;
}

/** How many images of a folder are indexed after an update that did not finish. */
export interface PartialCoverage {
  /** Images that are done, including those that could not be read. */
  readonly done: number;
  /** Images of the folder. */
  readonly total: number;
}

export interface UpdateSummary {
  /**
   * True if the signal stopped the update. The batches written until then stay, and the next update continues from
   * there.
   */
  readonly cancelled: boolean;
  /** Set if the update was cancelled after the comparison of the folder with its index; else null. */
  readonly partial: PartialCoverage | null;
  /** Images found in the folder. */
  readonly found: number;
  readonly unchanged: number;
  /** Images that the encoder embedded. */
  readonly embedded: number;
  /** New or changed files whose blob was known, because they were copied, moved or restored. */
  readonly reused: number;
  readonly removed: number;
  /** Images that could not be embedded, including those of earlier updates. */
  readonly failures: readonly Failure[];
  /** Folders and links that could not be read. */
  readonly unreadable: readonly Failure[];
  readonly unread: UnreadFiles;
}

/** Files removed in one transaction. */
const REMOVED = 100;

/**
 * Brings the index up to date with the folder: it reads only files that are new or whose size or time changed, embeds
 * only blobs that this model has not embedded, and removes files that are gone. It reports an image that cannot be
 * decoded and continues. An update of the whole folder waits while another process updates it with the same model.
 * @throws UserError if the root cannot be read, the index cannot be written or the inference process cannot start
 */
export async function updateIndex(library: Library, options: UpdateOptions = {}): Promise<UpdateSummary> {
  if (library.readOnly !== undefined) throw notWritable(library.indexFile, library.readOnly);
  return new UpdateRun(library, options).run();
}

class UpdateRun {
  readonly #library: Library;
  readonly #options: UpdateOptions;
  readonly #signal: AbortSignal;
  readonly #report: (progress: UpdateProgress, always: boolean) => void;
  readonly #rate = imageRate();
  readonly #failures: Failure[] = [];
  readonly #unreadable: Failure[] = [];
  #unread: UnreadFiles = { outside: [], special: [], formats: [] };
  #found = 0;
  #unchanged = 0;
  #linked = 0;
  #embedded = 0;
  #removed = 0;
  /** Images that are done, out of #found. */
  #done = 0;
  /** Whether #found is the number of all images. */
  #isCompared = false;

  constructor(library: Library, options: UpdateOptions) {
    this.#library = library;
    this.#options = options;
    this.#signal = options.signal ?? new AbortController().signal;
    this.#report = throttled(options.onProgress);
  }

  async run(): Promise<UpdateSummary> {
    let cancelled = false;
    try {
      // An update of a few paths is short and urgent, so it does not wait for the lock.
      if (this.#options.scan?.among) await this.#update();
      else await this.#updateWithLock();
    } catch (error) {
      if (!this.#signal.aborted) throw error;
      cancelled = true;
    }
    return {
      cancelled,
      partial: this.#isCompared && this.#done < this.#found ? { done: this.#done, total: this.#found } : null,
      found: this.#found,
      unchanged: this.#unchanged,
      embedded: this.#embedded,
      reused: this.#linked - this.#embedded,
      removed: this.#removed,
      failures: this.#failures,
      unreadable: this.#unreadable,
      unread: this.#unread,
    };
  }

  #updateWithLock(): Promise<void> {
    const onWait = (): void => {
      this.#report({ phase: 'wait', done: 0, total: null, path: null, failed: 0, imagesPerSecond: 0 }, true);
    };
    return withUpdateLock(this.#library, { signal: this.#signal, onWait }, () => this.#update());
  }

  async #update(): Promise<void> {
    if (!this.#options.scan?.among) await completeSheets(this.#library, this.#signal);
    const comparison = await this.#compare();
    const { database, model } = this.#library[inside];
    // Before files are removed, because one of them may have a new name.
    const isNeeded = this.#options.retryFailed !== true && comparison.changed.length > 0;
    const knownFailures = isNeeded ? await failuresByContent(database, model) : new Map<string, string>();
    await this.#remove(comparison.removed);
    await this.#embed(comparison, knownFailures);
    if (!this.#options.scan?.among) await this.#completeLooks();
    await collectGarbage(database, garbageBefore(this.#options.keepDays), this.#signal);
  }

  async #compare(): Promise<Comparison> {
    const { scan, retryFailed = false, verify = false, keepExcluded = false } = this.#options;
    const options = { scan: { ...scan, signal: this.#signal }, retryFailed, verify, keepExcluded };
    const comparison = await compareIndex(this.#library, options, (count, file) => {
      this.#reportScan(count, file, false);
    });
    this.#reportScan(comparison.found, null, true);
    this.#unchanged = comparison.unchanged;
    this.#failures.push(...comparison.failures);
    this.#unreadable.push(...comparison.unreadable);
    this.#unread = comparison.unread;
    this.#done = comparison.found - comparison.changed.length;
    this.#isCompared = true;
    return comparison;
  }

  async #remove(files: readonly string[]): Promise<void> {
    const { database, model } = this.#library[inside];
    for (let start = 0; start < files.length; start += REMOVED) {
      this.#signal.throwIfAborted();
      const removed = files.slice(start, start + REMOVED);
      await applyChanges(database, model, { removed });
      this.#removed += removed.length;
    }
  }

  async #embed({ changed }: Comparison, knownFailures: ReadonlyMap<string, string>): Promise<void> {
    const { batchSize = 32, batchesInFlight = 3, readers = 4 } = this.#options;
    await embedFiles(this.#library, changed, {
      ...{ batchSize, batchesInFlight, readers, knownFailures, signal: this.#signal },
      onReport: (report) => {
        this.#add(report);
        this.#reportEmbedding(report.files.at(-1) ?? null, false);
      },
    });
    this.#reportEmbedding(null, true);
  }

  #completeLooks(): Promise<void> {
    return completeLooks(this.#library, {
      signal: this.#signal,
      onProgress: (done, total, path) => {
        const progress = { done, total, path, failed: this.#failures.length, imagesPerSecond: 0 };
        this.#report({ phase: 'looks', ...progress }, done === total);
      },
    });
  }

  #add({ files, linked, embedded, unchanged, removed, failures, found }: EmbedReport): void {
    this.#found += found;
    this.#done += files.length;
    this.#embedded += embedded;
    this.#linked += linked;
    this.#unchanged += unchanged;
    this.#removed += removed;
    this.#failures.push(...failures);
  }

  #reportScan(done: number, path: string | null, isLast: boolean): void {
    this.#found = done;
    this.#report({ phase: 'scan', done, total: null, path, failed: 0, imagesPerSecond: 0 }, isLast);
  }

  #reportEmbedding(path: string | null, isLast: boolean): void {
    const progress = { done: this.#done, total: this.#found, path, failed: this.#failures.length };
    this.#report({ phase: 'embed', ...progress, imagesPerSecond: this.#rate(this.#embedded) }, isLast);
  }
}
