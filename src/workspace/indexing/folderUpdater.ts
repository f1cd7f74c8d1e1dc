import { setImmediate as nextTurn } from 'node:timers/promises';
import type { UpdateProgress, UpdateSummary } from '../../library/index.ts';
import type { ImageFolder } from '../folders/imageFolder.ts';
import type { ImageFolders } from '../folders/imageFolders.ts';
import { keys, readSettings, SECTION } from '../settings.ts';
import { Backoff } from './backoff.ts';
import type { Log } from '../log.ts';
import { printable } from '../../base/printable.ts';

/** The paths of a folder to update: files and folders, relative to it with '/'; null for the whole folder. */
export type UpdatePaths = ReadonlySet<string> | null;

export interface FolderUpdateOptions {
  readonly paths: UpdatePaths;
  readonly retryFailed: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: UpdateProgress) => void;
}

/** Updates the index of one folder at a time, and refreshes the views that show it. */
export class FolderUpdater {
  readonly #log: Log;
  readonly #folders: ImageFolders;
  readonly #started = new WeakSet<ImageFolder>();
  /** The failures of the last update of the whole folder, as JSON. */
  readonly #failures = new WeakMap<ImageFolder, string>();

  constructor(log: Log, folders: ImageFolders) {
    this.#log = log;
    this.#folders = folders;
  }

  /** Tells whether an update of the folder was started in this window. */
  wasStarted(folder: ImageFolder): boolean {
    return this.#started.has(folder);
  }

  /** @throws UserError if the index cannot be updated */
  async update(folder: ImageFolder, options: FolderUpdateOptions): Promise<UpdateSummary> {
    const isFirst = !this.#started.has(folder);
    this.#started.add(folder);
    let isChanged = true; // also after a cancellation or an error: the views show the images indexed so far
    try {
      const summary = await this.#updateIndex(folder, options);
      this.#logSummary(folder, summary, options.paths);
      isChanged = (await this.#settle(folder, summary, options.paths)) || isFirst;
      return summary;
    } finally {
      if (isChanged && !folder.closed.aborted) this.#folders.changed(folder);
    }
  }

  async #updateIndex(folder: ImageFolder, options: FolderUpdateOptions): Promise<UpdateSummary> {
    const { paths, retryFailed, signal, onProgress } = options;
    // The library needs CLIP. Loading both in one turn of the event loop would block it for too long.
    await import('../../clip/index.ts');
    await nextTurn();
    const { updateIndex } = await import('../../library/index.ts');
    const { include, exclude, gitignore, followLinks } = readSettings(folder.uri);
    const backoff = new Backoff();
    return folder.withIndex((library) =>
      updateIndex(library, {
        scan: {
          ...{ include: include.length > 0 ? include : undefined, exclude, gitignore, followLinks },
          among: paths ? [...paths] : undefined,
        },
        retryFailed,
        signal: AbortSignal.any([signal, folder.closed]),
        onProgress: (progress) => {
          onProgress(progress);
          if (progress.phase === 'embed' && backoff.tryRun()) this.#folders.changed(folder);
        },
      }),
    );
  }

  /** @returns whether views have something new to show; computing all tags for nothing would keep the editor busy */
  async #settle(folder: ImageFolder, summary: UpdateSummary, paths: UpdatePaths): Promise<boolean> {
    const { cancelled, partial, embedded, reused, removed, failures } = summary;
    // An update that was cancelled during the scan says nothing about the coverage.
    if (!paths && (partial || !cancelled)) folder.notePartial(partial);
    const isOtherModelShown = await folder.settle(!cancelled && !paths);
    const hasNewFailures = paths ? failures.length > 0 : this.#noteFailures(folder, failures);
    return isOtherModelShown || cancelled || embedded + reused + removed > 0 || hasNewFailures;
  }

  /** @returns whether they differ from those of the last update */
  #noteFailures(folder: ImageFolder, failures: UpdateSummary['failures']): boolean {
    const before = this.#failures.get(folder);
    const now = JSON.stringify(failures);
    this.#failures.set(folder, now);
    return now !== before;
  }

  #logSummary(folder: ImageFolder, summary: UpdateSummary, paths: UpdatePaths): void {
    const { found, embedded, removed, failures, unreadable, unread } = summary;
    const what = paths ? `${paths.size} changed paths` : 'all';
    this.#log.info(
      `${folder.name} (${what}): ${found} images, ${embedded} embedded, ${removed} removed, ${failures.length} left out`,
    );
    for (const { path, reason } of [...failures, ...unreadable]) this.#log.warn(printable(`${path}: ${reason}`));
    const { outside, special, formats } = unread;
    if (outside.length > 0) {
      const advice = `The setting ${SECTION}.${keys.followLinks} follows them.`;
      const names = firstNames(outside);
      this.#log.warn(printable(`Links that lead outside of ${folder.name} (${outside.length}): ${names}. ${advice}`));
    }
    if (special.length > 0) {
      const names = firstNames(special);
      this.#log.warn(printable(`Pipes, sockets and devices, which are not opened (${special.length}): ${names}`));
    }
    if (formats.length > 0) {
      const counts = formats.map(({ extension, files }) => `.${extension} ${files}`).join(', ');
      this.#log.info(`Files of formats that AssetLens does not read: ${counts}`);
    }
  }
}

const MOST_NAMES = 10;

function firstNames(files: readonly string[]): string {
  const more = files.length - MOST_NAMES;
  return files.slice(0, MOST_NAMES).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
