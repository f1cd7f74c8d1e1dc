import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { shared } from '../../base/shared.ts';
import { UserError } from '../../base/userError.ts';
import type { LabelSet, Library, PartialCoverage, TaggedImage } from '../../library/index.ts';
import { locateIndex, type DistrustReason, type IndexLocation } from '../../library/location/index.ts';
import type { Models } from '../models/models.ts';
import { readSettings } from '../settings.ts';
import { FolderLibraries, type Switching } from './folderLibraries.ts';
import { reportDistrust, reportOpening } from './indexNotices.ts';
import { readLabelSets } from './labelSets.ts';
import type { Log } from '../log.ts';

/** A workspace folder on the disk, with its images and their tags. */
export interface ImageFolder {
  readonly name: string;
  readonly uri: vscode.Uri;
  /**
   * Tells whether the folder was indexed: in this window or an earlier one, by another editor, or by the command line.
   */
  hasIndex(): Promise<boolean>;
  /**
   * Runs work with the index that is shown. The first use opens it, and it is not closed before the work is done. While
   * the folder is indexed with another model, this is the index of the earlier model.
   * @throws UserError if the folder was never indexed, because only the user starts the first run
   */
  withLibrary<T>(work: (library: Library) => Promise<T>): Promise<T>;
  /** Runs work with the index of the wanted model, which is created if it does not exist. */
  withIndex<T>(work: (library: Library) => Promise<T>): Promise<T>;
  /** The state of a switch to another model as of the last change; null if the wanted model is shown. */
  readonly switching: Switching | null;
  /** The coverage of the index after an update that did not finish; null if none is known. */
  readonly partial: PartialCoverage | null;
  /** Call it after an update of the whole folder. */
  notePartial(partial: PartialCoverage | null): void;
  /** Call it after models were added, removed or selected. @returns whether a library was opened or replaced */
  chooseLibrary(): Promise<boolean>;
  /**
   * Call it after an update of the index.
   * @param isComplete whether the update has processed the whole folder
   * @returns whether another library is shown
   */
  settle(isComplete: boolean): Promise<boolean>;
  /** Returns whether another process has changed the index since the last read or the last call. */
  checkForChanges(): Promise<boolean>;
  /** Aborted when the folder is removed from the workspace. */
  readonly closed: AbortSignal;
  /** Reads the labels of the settings of the folder, or the default labels. */
  labelSets(): Promise<readonly LabelSet[]>;
  /** Returns the tags of all images of the folder. They are cached until the index, a tag or a setting changes. */
  tags(): Promise<FolderTags>;
}

export interface FolderTags {
  /** By path. */
  readonly images: readonly TaggedImage[];
  /** The same images by path relative to the folder, with '/'. */
  readonly byPath: ReadonlyMap<string, TaggedImage>;
}

/** A file of a folder. */
export interface ImageFile {
  readonly folder: ImageFolder;
  /** Path relative to the folder, with '/'. */
  readonly path: string;
}

/** Prefix of the key under which the id of the model that was shown last is stored. */
const LAST_SHOWN = 'assetlens.shownModel.';
/** Prefix of the key under which the coverage after an unfinished update is stored, so that a later window shows it. */
const PARTIAL = 'assetlens.partial.';

export interface WorkspaceImageFolderOptions {
  readonly context: vscode.ExtensionContext;
  readonly log: Log;
  readonly models: Models;
  readonly workspaceFolder: vscode.WorkspaceFolder;
  /** Called when the index is open. */
  readonly onDidOpen: () => void;
}

export class WorkspaceImageFolder implements ImageFolder, vscode.Disposable {
  readonly name: string;
  readonly uri: vscode.Uri;
  readonly #context: vscode.ExtensionContext;
  readonly #libraries: FolderLibraries;
  readonly #closing = new AbortController();
  readonly #tags = shared(() => this.#computeTags());
  /** Index of earlier versions in the extension's storage, which the first use takes over. */
  readonly #oldIndex: string;
  #isUsed = false;
  #partial: PartialCoverage | null;
  #reportedDistrust: DistrustReason | undefined;
  /** State of the index when its content was last read; undefined before the first time. */
  #knownState: string | undefined;

  constructor({ context, log, models, workspaceFolder, onDidOpen }: WorkspaceImageFolderOptions) {
    const { name, uri } = workspaceFolder;
    this.name = name;
    this.uri = uri;
    this.#context = context;
    this.#partial = context.workspaceState.get<PartialCoverage>(`${PARTIAL}${uri.toString()}`) ?? null;
    const key = createHash('sha256').update(uri.toString()).digest('hex').slice(0, 16);
    this.#oldIndex = path.join(context.globalStorageUri.fsPath, `${key}.db`);
    this.#libraries = new FolderLibraries({
      models,
      open: async ({ inference }) => {
        this.#isUsed = true;
        const { openLibrary } = await import('../../library/index.ts');
        const library = await openLibrary({
          ...{ root: uri.fsPath, adopt: this.#oldIndex, inference },
          trustFolder: vscode.workspace.isTrusted,
        });
        this.#reportDistrust(log, library);
        reportOpening(log, name, library);
        return library;
      },
      lastShown: () => context.globalState.get<string>(`${LAST_SHOWN}${key}`),
      noteShown(id) {
        void context.globalState.update(`${LAST_SHOWN}${key}`, id);
      },
      onDidOpen: () => {
        this.#noteState();
        onDidOpen();
      },
    });
  }

  get closed(): AbortSignal {
    return this.#closing.signal;
  }

  get switching(): Switching | null {
    return this.#libraries.switching;
  }

  async hasIndex(): Promise<boolean> {
    const { file } = await this.#locate();
    return (await exists(file)) || (await exists(this.#oldIndex));
  }

  async withIndex<T>(work: (library: Library) => Promise<T>): Promise<T> {
    if (this.closed.aborted) throw new vscode.CancellationError();
    return this.#libraries.withWanted(work);
  }

  async withLibrary<T>(work: (library: Library) => Promise<T>): Promise<T> {
    if (!this.#isUsed && !(await this.hasIndex())) {
      throw new UserError(
        vscode.l10n.t('The images of {0} are not indexed yet. Run "AssetLens: Tag Workspace Images" first.', this.name),
      );
    }
    if (this.closed.aborted) throw new vscode.CancellationError();
    return this.#libraries.withShown(work);
  }

  get partial(): PartialCoverage | null {
    return this.#partial;
  }

  notePartial(partial: PartialCoverage | null): void {
    if (partial === null && this.#partial === null) return;
    this.#partial = partial;
    void this.#context.workspaceState.update(`${PARTIAL}${this.uri.toString()}`, partial ?? undefined);
  }

  chooseLibrary(): Promise<boolean> {
    return this.#libraries.choose();
  }

  settle(isComplete: boolean): Promise<boolean> {
    return this.#libraries.settle(isComplete);
  }

  async checkForChanges(): Promise<boolean> {
    const library = this.#libraries.shown;
    if (library && (await this.#isReplaced(library))) {
      this.#isUsed = false;
      await this.#libraries.reopen();
    }
    const before = this.#knownState;
    this.#knownState = this.#openState() ?? ((await this.hasIndex()) ? 'closed' : 'none');
    const isChanged = before !== undefined && before !== this.#knownState;
    if (isChanged) this.notePartial(null); // another process is indexing, or has indexed, the folder
    return isChanged;
  }

  labelSets(): Promise<LabelSet[]> {
    return readLabelSets(this.#context, this.uri);
  }

  async tags(): Promise<FolderTags> {
    try {
      return await this.#tags.get();
    } catch (error) {
      // The folder was removed meanwhile, so the user does not need the error.
      throw this.closed.aborted ? new vscode.CancellationError() : error;
    }
  }

  /** Discards the tags. The next use computes them again. */
  forgetTags(): void {
    this.#tags.forget();
    this.#noteState();
  }

  dispose(): void {
    this.#closing.abort();
    // Not awaited, because the editor does not wait for a disposal. SQLite recovers unwritten data
    // from its log.
    if (this.#isUsed) void this.#libraries.close();
  }

  async #computeTags(): Promise<FolderTags> {
    const { MAYBE_FROM, tagLibrary } = await import('../../library/index.ts');
    const images: TaggedImage[] = [];
    const byPath = new Map<string, TaggedImage>();
    const { threshold } = readSettings(this.uri);
    const sets = await this.labelSets();
    await this.withLibrary(async (library) => {
      for await (const page of tagLibrary(library, sets, { threshold, maybeFrom: MAYBE_FROM })) {
        images.push(...page);
        for (const image of page) byPath.set(image.path, image); // page by page, because one long loop would block the editor
      }
    });
    return { images, byPath };
  }

  /** Ignores errors, because the next use of the index reports them. */
  #noteState(): void {
    try {
      this.#knownState = this.#openState() ?? this.#knownState;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  }

  #openState(): string | undefined {
    return this.#libraries.shown?.version();
  }

  /** In Restricted Mode, an index in the workspace is not read. */
  #locate(): Promise<IndexLocation> {
    return locateIndex(this.uri.fsPath, { trustFolder: vscode.workspace.isTrusted });
  }

  /** Reports once why an index in the folder is not used: each model opens the index again. */
  #reportDistrust(log: Log, { distrusted }: Library): void {
    if (!distrusted || distrusted.reason === this.#reportedDistrust) return;
    this.#reportedDistrust = distrusted.reason;
    reportDistrust(log, distrusted);
  }

  async #isReplaced(library: Library): Promise<boolean> {
    const { file } = await this.#locate();
    return file !== library.indexFile || (await library.isReplaced());
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
