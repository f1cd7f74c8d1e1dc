import { compareIndex } from './compareIndex.ts';
import { embedFiles, type EmbedReport } from './embedFiles.ts';
import type { Library } from '../library.ts';
import type { ScanOptions } from '../files/scan.ts';
import { inside, applyChanges, collectGarbage, type Failure } from '../store/store.ts';

export interface UpdateProgress {
  readonly phase: 'scan' | 'embed';
  /** Images found while scanning; then files that are done. */
  readonly done: number;
  /** Files to look into; null while it is not known yet. */
  readonly total: number | null;
  /** The file that was last done, relative to the root. */
  readonly path: string | null;
  readonly failed: number;
  /** Images embedded a second; 0 before the first. */
  readonly imagesPerSecond: number;
}

export interface UpdateOptions {
  readonly scan?: Omit<ScanOptions, 'signal' | 'onUnreadable'> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called at most every tenth of a second, and at the end of a phase. */
  readonly onProgress?: ((progress: UpdateProgress) => void) | undefined;
  /** Try images again that failed before and have not changed. Default: false. */
  readonly retryFailed?: boolean | undefined;
  /** How long embeddings outlive the last file of their content, for the way back from another branch. Default: 30. */
  readonly keepDays?: number | undefined;
  /** Images a batch. Default: 32. */
  readonly batchSize?: number | undefined;
  /** Batches under way. Default: 3. */
  readonly batchesInFlight?: number | undefined;
  /** Files hashed at a time. Default: 4, the threads that Node reads files with. */
  readonly readers?: number | undefined;
}

export interface UpdateSummary {
  /** True where the signal stopped it; all it had written by then is kept, and the next update goes on from there. */
  readonly cancelled: boolean;
  /** Images found in the folder. */
  readonly found: number;
  readonly unchanged: number;
  /** Images that the encoder saw. */
  readonly embedded: number;
  /** New or changed files whose content was known: copied, moved, brought back. */
  readonly reused: number;
  readonly removed: number;
  /** Images that were left out, those of earlier updates included. */
  readonly failures: readonly Failure[];
  /** Folders and links that could not be read. */
  readonly unreadable: readonly Failure[];
}

const DAY = 24 * 60 * 60;
/** Files removed in one transaction. */
const REMOVED = 100;
const PROGRESS_MILLISECONDS = 100;

/**
 * Brings the index up to date with the folder: reads only files that are new or whose size or time changed, embeds only
 * contents that this model has not seen, and forgets files that are gone. An image that cannot be decoded is named in the
 * summary and skipped.
 * @throws UserError where the root or the index cannot be read or the inference process cannot start
 */
export async function updateIndex(library: Library, options: UpdateOptions = {}): Promise<UpdateSummary> {
  const signal = options.signal ?? new AbortController().signal;
  const tally = { found: 0, unchanged: 0, linked: 0, embedded: 0, removed: 0, done: 0 };
  const failures: Failure[] = [];
  const unreadable: Failure[] = [];
  let cancelled = false;
  try {
    await update();
  } catch (error) {
    if (!signal.aborted) throw error;
    cancelled = true;
  }
  const { found, unchanged, embedded, linked, removed } = tally;
  return { cancelled, found, unchanged, embedded, reused: linked - embedded, removed, failures, unreadable };

  async function update(): Promise<void> {
    const { database, model } = library[inside];
    const report = throttled(options.onProgress);
    const scanned = (done: number, path: string | null, last = false): void => {
      tally.found = done;
      report({ phase: 'scan', done, total: null, path, failed: 0, imagesPerSecond: 0 }, last);
    };
    const comparison = await compareIndex(library, { ...options.scan, signal }, options.retryFailed ?? false, scanned);
    scanned(comparison.found, null, true);
    tally.unchanged = comparison.unchanged;
    failures.push(...comparison.failures);
    unreadable.push(...comparison.unreadable);

    for (let i = 0; i < comparison.removed.length; i += REMOVED) {
      signal.throwIfAborted();
      const removed = comparison.removed.slice(i, i + REMOVED);
      await applyChanges(database, model, { removed });
      tally.removed += removed.length;
    }

    const total = comparison.changed.length;
    const rate = imageRate();
    const embedded = (path: string | null, last = false): void => {
      const imagesPerSecond = rate(tally.embedded);
      report({ phase: 'embed', done: tally.done, total, path, failed: failures.length, imagesPerSecond }, last);
    };
    await embedFiles(library, comparison.changed, {
      batchSize: options.batchSize ?? 32,
      batchesInFlight: options.batchesInFlight ?? 3,
      readers: options.readers ?? 4,
      signal,
      onReport({ files, ...more }: EmbedReport) {
        tally.done += files.length;
        tally.embedded += more.embedded;
        tally.linked += more.linked;
        tally.removed += more.removed;
        failures.push(...more.failures);
        embedded(files.at(-1) ?? null);
      },
    });
    embedded(null, true);
    await collectGarbage(database, Date.now() / 1000 - (options.keepDays ?? 30) * DAY, signal);
  }
}

/** Images a second, given how many there are by now. Once there are two batches, the start of the encoder does not count. */
function imageRate(): (images: number) => number {
  const start = performance.now();
  let first: { readonly images: number; readonly time: number } | undefined;
  return (images) => {
    const now = performance.now();
    if (images > 0) first ??= { images, time: now };
    if (!first || images === first.images) return (1000 * images) / (now - start);
    return (1000 * (images - first.images)) / (now - first.time);
  };
}

/** Lets an event through when the last one is a while ago, or when it must not be missed. */
function throttled<T>(listener: ((event: T) => void) | undefined): (event: T, always: boolean) => void {
  let next = 0;
  return (event, always) => {
    const now = performance.now();
    if (!listener || (now < next && !always)) return;
    next = now + PROGRESS_MILLISECONDS;
    listener(event);
  };
}
