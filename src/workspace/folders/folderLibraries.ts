import { shared } from '../../base/shared.ts';
import type { Library } from '../../library/index.ts';
import type { Lease } from '../models/inferences.ts';
import type { Models, NamedModel } from '../models/models.ts';

/** The state of a folder that shows an earlier model while the index for the selected model is incomplete. */
export interface Switching {
  /** Name of the model whose tags are shown. */
  readonly from: string;
  /** Name of the selected model. */
  readonly to: string;
  /** Number of images in the index. */
  readonly images: number;
  /** Number of images without an embedding of the selected model. */
  readonly unseen: number;
}

export interface FolderLibrariesOptions {
  readonly models: Pick<Models, 'wanted' | 'usable' | 'lease'>;
  /** Opens the index with the model of a lease. */
  readonly open: (lease: Lease) => Promise<Library>;
  /** Returns the id of the model that was shown last, also in an earlier window. */
  readonly lastShown: () => string | undefined;
  readonly noteShown: (id: string) => void;
  /** Called when the index is open. */
  readonly onDidOpen: () => void;
}

interface OpenLibrary {
  readonly model: NamedModel;
  readonly library: Library;
  readonly lease: Lease;
  /** Work in progress, which delays closing. */
  readonly work: Set<Promise<unknown>>;
}

interface Pair {
  readonly shown: OpenLibrary;
  /** The library of the wanted model, if it is not the one that is shown. */
  readonly next: OpenLibrary | undefined;
}

/**
 * The libraries of one folder, which share one index file. The library that is shown belongs to a model whose index is
 * complete. While the index of the wanted model is incomplete, its library is open beside it and replaces it when it is
 * complete.
 */
export class FolderLibraries {
  readonly #options: FolderLibrariesOptions;
  #pair: Pair | undefined;
  #switching: Switching | null = null;
  /** Libraries that were replaced and that work still uses. */
  readonly #closing = new Set<Promise<void>>();
  /** The last change of the pair; changes run one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly #opening = shared(() => this.#open());

  constructor(options: FolderLibrariesOptions) {
    this.#options = options;
  }

  /** The state of a switch as of the last change; null if the wanted model is shown. */
  get switching(): Switching | null {
    return this.#switching;
  }

  /** The library that is shown, if the index is open; for calls that do not wait. */
  get shown(): Library | undefined {
    return this.#pair?.shown.library;
  }

  /** Runs work with the library that is shown. The library is not closed before the work is done. */
  withShown<T>(work: (library: Library) => Promise<T>): Promise<T> {
    return this.#use(({ shown }) => shown, work);
  }

  /** Runs work with the library of the wanted model. */
  withWanted<T>(work: (library: Library) => Promise<T>): Promise<T> {
    return this.#use(({ shown, next }) => next ?? shown, work);
  }

  /**
   * Determines again which models exist and which one is wanted.
   * @returns whether another library is shown or made
   */
  choose(): Promise<boolean> {
    return this.#inTurn(async () => {
      const before = this.#pair;
      if (!before) return false; // the index is not open yet
      const after = await openPair(this.#options, before.next ? [before.shown, before.next] : [before.shown]);
      await this.#show(after);
      return after.shown !== before.shown || after.next !== before.next;
    });
  }

  /**
   * Shows the library of the wanted model if it is complete.
   * @param isComplete whether an update has processed the whole folder, so that only failures can be missing
   * @returns whether another library is shown now
   */
  settle(isComplete: boolean): Promise<boolean> {
    return this.#inTurn(async () => {
      if (!this.#pair?.next) return false;
      await this.#updateSwitching(this.#pair);
      if (!isComplete && this.#switching?.unseen !== 0) return false;
      await this.#show({ shown: this.#pair.next, next: undefined });
      return true;
    });
  }

  /** Closes the libraries when their work is done. The next use opens the index again. */
  reopen(): Promise<void> {
    return this.#inTurn(() => {
      this.#closePair();
      this.#opening.forget();
      return Promise.resolve();
    });
  }

  /** Closes the libraries, and waits until their work is done. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      this.#closePair();
      await Promise.all(this.#closing);
    });
  }

  async #open(): Promise<void> {
    await this.#inTurn(async () => {
      await this.#show(await openPair(this.#options, []));
    });
    this.#options.onDidOpen();
  }

  async #use<T>(pick: (pair: Pair) => OpenLibrary, work: (library: Library) => Promise<T>): Promise<T> {
    if (!this.#pair) await this.#opening.get();
    if (!this.#pair) throw new Error('The index is not open.');
    // No await up to the registration of the work, or the library could be closed in between.
    const open = pick(this.#pair);
    const working = work(open.library);
    open.work.add(working);
    try {
      return await working;
    } finally {
      open.work.delete(working);
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #show(after: Pair): Promise<void> {
    const before = this.#pair ? [this.#pair.shown, this.#pair.next] : [];
    this.#pair = after;
    for (const old of before) if (old && old !== after.shown && old !== after.next) this.#closeLater(old);
    await this.#updateSwitching(after);
  }

  async #updateSwitching({ shown, next }: Pair): Promise<void> {
    if (next) {
      const { modelCoverage } = await import('../../library/index.ts');
      const { files, unseen } = modelCoverage(next.library);
      this.#switching = { from: shown.model.name, to: next.model.name, images: files, unseen };
    } else {
      this.#switching = null;
      const { id } = shown.model.manifest;
      if (this.#options.lastShown() !== id) this.#options.noteShown(id);
    }
  }

  #closePair(): void {
    const { shown, next } = this.#pair ?? {};
    this.#pair = undefined;
    for (const open of [shown, next]) if (open) this.#closeLater(open);
  }

  #closeLater(open: OpenLibrary): void {
    const closed = closeAfterWork(open).finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
  }
}

/** @param open libraries that are open already and are used again */
async function openPair(options: FolderLibrariesOptions, open: readonly OpenLibrary[]): Promise<Pair> {
  const { embeddedModels, modelCoverage } = await import('../../library/index.ts');
  const { models, lastShown } = options;
  const wanted = await openWith(options, open, await models.wanted());
  const { id } = wanted.model.manifest;
  if (lastShown() === id || modelCoverage(wanted.library).unseen === 0) return { shown: wanted, next: undefined };
  const known = embeddedModels(wanted.library).filter((other) => other !== id);
  const earlier = (await models.usable()).filter(({ manifest }) => known.includes(manifest.id));
  const shown = earlier.find(({ manifest }) => manifest.id === lastShown()) ?? earlier[0];
  if (!shown) return { shown: wanted, next: undefined };
  return { shown: await openWith(options, open, shown), next: wanted };
}

async function openWith(
  { models, open: openLibrary }: FolderLibrariesOptions,
  open: readonly OpenLibrary[],
  model: NamedModel,
): Promise<OpenLibrary> {
  const same = open.find(
    (candidate) => candidate.model.folder === model.folder && candidate.model.manifest.id === model.manifest.id,
  );
  if (same) return same;
  const lease = await models.lease(model);
  try {
    return { model, library: await openLibrary(lease), lease, work: new Set() };
  } catch (error) {
    await lease.end();
    throw error;
  }
}

async function closeAfterWork({ library, lease, work }: OpenLibrary): Promise<void> {
  while (work.size > 0) await Promise.allSettled(work);
  await library[Symbol.asyncDispose]();
  await lease.end();
}
