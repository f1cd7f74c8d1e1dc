import * as vscode from 'vscode';
import { messageOf } from '../../base/userError.ts';
import type { UpdateProgress, UpdateSummary } from '../../library/index.ts';
import type { ImageFolder, ImageFolders } from '../folders/imageFolders.ts';
import type { Disposable } from '../../base/disposable.ts';
import { reportErrors, showWithLog, signalOf } from '../log.ts';
import { readSettings } from '../settings.ts';

/** What the indexer does now. */
export type IndexerState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'indexing'; readonly folder: ImageFolder; readonly progress: UpdateProgress | null };

/** Brings the indexes of the workspace folders up to date, one at a time. */
export interface Indexer extends Disposable {
  readonly state: IndexerState;
  readonly onDidChangeState: vscode.Event<IndexerState>;
  /** All folders, with a cancellable notification: the user asked for it. */
  run(options?: { readonly retryFailed?: boolean }): Promise<void>;
  /** Ends what goes on and forgets what waits; the next run goes on from there. */
  stop(): void;
  /** Whether an update of this folder was begun in this window: one that the user stopped is not begun again unasked. */
  wasLookedAt(folder: ImageFolder): boolean;
  /** Forgets what waits of a folder, and ends an update of it in the background. */
  drop(folder: ImageFolder): void;
  /**
   * In the background, soon.
   * @param paths files and folders that changed, relative to the folder with '/'; without them, the whole folder is compared
   */
  refresh(folder: ImageFolder, paths?: readonly string[]): void;
}

/** What waits to be looked at in a folder; null: all of it. */
type Pending = Set<string> | null;

/** While a long run goes on, views are refreshed after this long, then after twice as long, and so on. */
const FIRST_REFRESH_MILLISECONDS = 2000;
const MOST_REFRESH_MILLISECONDS = 60_000;

export function createIndexer(log: vscode.LogOutputChannel, folders: ImageFolders): Indexer {
  const onDidChangeState = new vscode.EventEmitter<IndexerState>();
  const pending = new Map<ImageFolder, Pending>();
  let state: IndexerState = { kind: 'idle' };
  const lookedAt = new WeakSet<ImageFolder>();
  const knownFailures = new WeakMap<ImageFolder, string>();
  let background: { readonly done: Promise<void>; readonly controller: AbortController } | undefined;
  let running:
    { readonly done: Promise<void>; readonly controller: AbortController; readonly retryFailed: boolean } | undefined;
  let disposed = false;

  const setState = (next: IndexerState): void => {
    state = next;
    if (!disposed) onDidChangeState.fire(next);
  };

  const update = async (
    folder: ImageFolder,
    among: Pending,
    signal: AbortSignal,
    retryFailed = false,
  ): Promise<UpdateSummary> => {
    const { include, exclude } = readSettings(folder.uri);
    const isFirst = !lookedAt.has(folder);
    lookedAt.add(folder);
    setState({ kind: 'indexing', folder, progress: null });
    const refresh = refreshes(() => {
      folders.changed(folder);
    });
    let changed = true; // after a cancellation or an error, too: what was indexed is shown
    try {
      const { updateIndex } = await import('../../library/index.ts');
      const summary = await folder.withIndex((library) =>
        updateIndex(library, {
          scan: { include: include.length > 0 ? include : undefined, exclude, among: among ? [...among] : undefined },
          retryFailed,
          signal: AbortSignal.any([signal, folder.closed]),
          onProgress: (progress) => {
            setState({ kind: 'indexing', folder, progress });
            if (progress.phase === 'embed') refresh();
          },
        }),
      );
      note(log, folder, summary, among);
      const { cancelled, embedded, reused, removed, failures } = summary;
      const isSettled = await folder.settle(!cancelled && !among);
      // Tagging a large folder anew for nothing would keep the editor busy.
      const hasNewFailures = among ? failures.length > 0 : rememberFailures(folder, failures);
      changed = isSettled || isFirst || cancelled || embedded + reused + removed > 0 || hasNewFailures;
      return summary;
    } finally {
      setState({ kind: 'idle' });
      if (changed && !folder.closed.aborted) folders.changed(folder);
    }
  };

  /** @returns whether a comparison of the whole folder found other failures than the one before */
  const rememberFailures = (folder: ImageFolder, failures: UpdateSummary['failures']): boolean => {
    const before = knownFailures.get(folder);
    const now = JSON.stringify(failures);
    knownFailures.set(folder, now);
    return now !== before;
  };

  const runAll = async (
    progress: vscode.Progress<{ message?: string; increment?: number }>,
    signal: AbortSignal,
    retryFailed: boolean,
  ): Promise<void> => {
    background?.controller.abort();
    await background?.done;
    let shown = 0;
    const subscription = onDidChangeState.event((now) => {
      if (now.kind === 'idle') return;
      const { message, percent } = describeProgress(now);
      progress.report({ message, increment: Math.max(0, percent - shown) });
      shown = percent;
    });
    try {
      for (const folder of folders.all()) {
        if (signal.aborted) break;
        pending.delete(folder); // all of it is compared now
        shown = 0;
        // What is wrong with one folder does not keep the others from being indexed.
        await reportErrors(log, async () => {
          const { found, failures } = await update(folder, null, signal, retryFailed);
          const leftOut = vscode.l10n.t('{0}: {1} of {2} images were left out.', folder.name, failures.length, found);
          if (failures.length > 0) showWithLog(log, 'warning', leftOut);
        });
      }
    } finally {
      subscription.dispose();
    }
  };

  const work = async (signal: AbortSignal): Promise<void> => {
    for (let next = first(pending); next; next = first(pending)) {
      const [folder, among] = next;
      pending.delete(folder);
      // What goes wrong in the background is for the log alone.
      await update(folder, among, signal).catch((error: unknown) => {
        log.warn(`${folder.name}: ${messageOf(error)}`);
      });
      if (signal.aborted) return;
    }
  };

  const startBackground = (): void => {
    if (background || running || disposed || pending.size === 0) return;
    const controller = new AbortController();
    const done = work(controller.signal).finally(() => {
      background = undefined;
      startBackground(); // what came while the last one ended
    });
    background = { done, controller };
  };

  const run = async ({ retryFailed = false } = {}): Promise<void> => {
    if (running) {
      // One run at a time: who asks meanwhile waits for the one that goes on, and for another where that one does less.
      const enough = running.retryFailed || !retryFailed;
      await running.done;
      if (!enough) await run({ retryFailed });
      return;
    }
    const controller = new AbortController();
    const options = { location: vscode.ProgressLocation.Notification, title: 'AssetLens', cancellable: true };
    const done = Promise.resolve(
      vscode.window.withProgress(options, (progress, token) =>
        runAll(progress, AbortSignal.any([signalOf(token), controller.signal]), retryFailed),
      ),
    ).finally(() => {
      running = undefined;
      startBackground();
    });
    running = { done, controller, retryFailed };
    await done;
  };

  return {
    get state() {
      return state;
    },
    onDidChangeState: onDidChangeState.event,
    run,
    stop() {
      pending.clear();
      background?.controller.abort();
      running?.controller.abort();
    },
    wasLookedAt: (folder) => lookedAt.has(folder),
    drop(folder) {
      pending.delete(folder);
      if (state.kind === 'indexing' && state.folder === folder) background?.controller.abort();
    },
    refresh(folder, paths) {
      if (folder.closed.aborted) return;
      const before = pending.get(folder);
      pending.set(folder, paths && before !== null ? new Set([...(before ?? []), ...paths]) : null);
      startBackground();
    },
    dispose() {
      disposed = true;
      background?.controller.abort();
      running?.controller.abort();
      onDidChangeState.dispose();
    },
  };
}

function first<K, V>(map: ReadonlyMap<K, V>): [K, V] | undefined {
  return map.entries().next().value;
}

/** What to say of a run that goes on, and how far it is. */
export function describeProgress({ folder, progress }: Extract<IndexerState, { kind: 'indexing' }>): {
  message: string;
  percent: number;
} {
  if (typeof progress?.total !== 'number') {
    return { message: vscode.l10n.t('{0}: {1} images found', folder.name, progress?.done ?? 0), percent: 0 };
  }
  const message = vscode.l10n.t('{0}: {1} of {2} images', folder.name, progress.done, progress.total);
  return { message, percent: (100 * progress.done) / Math.max(1, progress.total) };
}

function note(log: vscode.LogOutputChannel, folder: ImageFolder, summary: UpdateSummary, among: Pending): void {
  const { found, embedded, removed, failures, unreadable } = summary;
  const what = among ? `${among.size} changed paths` : 'all';
  log.info(
    `${folder.name} (${what}): ${found} images, ${embedded} embedded, ${removed} removed, ${failures.length} left out`,
  );
  for (const { path, reason } of [...failures, ...unreadable]) log.warn(`${path}: ${reason}`);
}

/** Lets one call through now and then, ever more seldom. */
function refreshes(refresh: () => void): () => void {
  let wait = FIRST_REFRESH_MILLISECONDS;
  let next = performance.now() + wait;
  return () => {
    if (performance.now() < next) return;
    refresh();
    wait = Math.min(MOST_REFRESH_MILLISECONDS, 2 * wait);
    next = performance.now() + wait;
  };
}
