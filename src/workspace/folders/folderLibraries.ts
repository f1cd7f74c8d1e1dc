import type { Library } from '../../library/index.ts';
import type { Lease } from '../models/inferences.ts';
import type { Models, NamedModel } from '../models/models.ts';
import { shared } from '../../base/shared.ts';

/** While an index is made with another model, what is shown is of an earlier one. */
export interface Switching {
  /** Names of models. */
  readonly from: string;
  readonly to: string;
  /** Images of the index. */
  readonly images: number;
  /** Those that the new model has not looked at. */
  readonly unseen: number;
}

/**
 * The libraries of one folder, all over one index file: what is shown comes from a model whose index is whole, while that of the
 * wanted model is made beside it, and takes its place then.
 */
export interface FolderLibraries {
  /** Works with the library that is shown; it is not closed before the work is over. */
  withShown<T>(work: (library: Library) => Promise<T>): Promise<T>;
  /** Works with the library of the wanted model, which is the one that is shown unless that is of an earlier model. */
  withWanted<T>(work: (library: Library) => Promise<T>): Promise<T>;
  /** As it was when it was last looked at; null where what is shown is of the wanted model. */
  readonly switching: Switching | null;
  /** Looks again which models there are and which one is wanted. Answers whether another library is shown or made. */
  readonly choose: () => Promise<boolean>;
  /**
   * Shows the library of the wanted model where that is whole.
   * @param isWhole it has looked at all that could be looked at
   * @returns whether another one is shown now
   */
  readonly settle: (isWhole: boolean) => Promise<boolean>;
  /** After the work that goes on. */
  close(): Promise<void>;
}

export interface FolderLibrariesOptions {
  readonly models: Pick<Models, 'wanted' | 'usable' | 'lease'>;
  /** Opens the index with the model of a lease. */
  readonly open: (lease: Lease) => Promise<Library>;
  /** The id of the model that was shown last, in an earlier window, say. */
  readonly lastShown: () => string | undefined;
  readonly noteShown: (id: string) => void;
  /** Called once the index is open. */
  readonly onDidOpen: () => void;
}

interface OpenLibrary {
  readonly model: NamedModel;
  readonly library: Library;
  readonly lease: Lease;
  readonly work: Set<Promise<unknown>>;
}

interface Pair {
  readonly shown: OpenLibrary;
  /** That of the wanted model, where it is not the one that is shown. */
  readonly next: OpenLibrary | undefined;
}

export function createFolderLibraries(options: FolderLibrariesOptions): FolderLibraries {
  let pair: Pair | undefined;
  let switching: Switching | null = null;
  /** Old ones, which somebody may still work with. */
  const closing = new Set<Promise<void>>();
  /** Changes of the pair take turns. */
  let turn: Promise<unknown> = Promise.resolve();

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };

  const closeSoon = (old: OpenLibrary): void => {
    const done = closeOne(old).finally(() => closing.delete(done));
    closing.add(done);
  };

  const show = async (after: Pair): Promise<void> => {
    const before = pair ? [pair.shown, pair.next] : [];
    pair = after;
    for (const old of before) if (old && old !== after.shown && old !== after.next) closeSoon(old);
    await look(after);
  };

  const look = async ({ shown, next }: Pair): Promise<void> => {
    const { modelCoverage } = await import('../../library/index.ts');
    if (next) {
      const { files, unseen } = modelCoverage(next.library);
      switching = { from: shown.model.name, to: next.model.name, images: files, unseen };
    } else {
      switching = null;
      const { id } = shown.model.manifest;
      if (options.lastShown() !== id) options.noteShown(id);
    }
  };

  const opened = shared(async () => {
    await inTurn(async () => {
      await show(await openPair(options, []));
    });
    options.onDidOpen();
  });

  const use = async <T>(pick: (pair: Pair) => OpenLibrary, work: (library: Library) => Promise<T>): Promise<T> => {
    if (!pair) await opened.get();
    if (!pair) throw new Error('The index is not open.');
    const open = pick(pair); // from here to the next line without a pause: nobody can close it in between
    const working = work(open.library);
    open.work.add(working);
    try {
      return await working;
    } finally {
      open.work.delete(working);
    }
  };

  return {
    withShown: (work) => use(({ shown }) => shown, work),
    withWanted: (work) => use(({ shown, next }) => next ?? shown, work),
    get switching() {
      return switching;
    },
    choose: () =>
      inTurn(async () => {
        const before = pair;
        if (!before) return false; // nobody has looked into this folder yet
        const after = await openPair(options, before.next ? [before.shown, before.next] : [before.shown]);
        await show(after);
        return after.shown !== before.shown || after.next !== before.next;
      }),
    settle: (isWhole) =>
      inTurn(async () => {
        if (!pair?.next) return false;
        await look(pair);
        if (!isWhole && switching?.unseen !== 0) return false;
        await show({ shown: pair.next, next: undefined });
        return true;
      }),
    close: () =>
      inTurn(async () => {
        for (const one of [pair?.shown, pair?.next]) if (one) closeSoon(one);
        await Promise.all(closing);
      }),
  };
}

/** @param open what is open already, and is used again */
async function openPair(
  { models, open: openLibrary, lastShown }: FolderLibrariesOptions,
  open: readonly OpenLibrary[],
): Promise<Pair> {
  const { embeddedModels, modelCoverage } = await import('../../library/index.ts');
  const openWith = async (model: NamedModel): Promise<OpenLibrary> => {
    const same = open.find((one) => one.model.folder === model.folder && one.model.manifest.id === model.manifest.id);
    if (same) return same;
    const lease = await models.lease(model);
    try {
      return { model, library: await openLibrary(lease), lease, work: new Set() };
    } catch (error) {
      await lease.end();
      throw error;
    }
  };
  const wanted = await openWith(await models.wanted());
  const { id } = wanted.model.manifest;
  if (lastShown() === id || modelCoverage(wanted.library).unseen === 0) return { shown: wanted, next: undefined };
  const known = embeddedModels(wanted.library).filter((other) => other !== id);
  const earlier = (await models.usable()).filter(({ manifest }) => known.includes(manifest.id));
  const shown = earlier.find(({ manifest }) => manifest.id === lastShown()) ?? earlier[0];
  return shown ? { shown: await openWith(shown), next: wanted } : { shown: wanted, next: undefined };
}

async function closeOne({ library, lease, work }: OpenLibrary): Promise<void> {
  while (work.size > 0) await Promise.allSettled(work);
  await library[Symbol.asyncDispose]();
  await lease.end();
}
