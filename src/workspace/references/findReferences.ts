import { setImmediate as nextTurn } from 'node:timers/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type * as References from '../../references/index.ts';
import type { ImageInText, MentionOptions, NamePattern, PathContext } from '../../references/index.ts';
import type { ImageFolder } from '../folders/imageFolder.ts';
import { pathOfUri } from '../folders/pathOfUri.ts';
import type { ImageFolders } from '../folders/imageFolders.ts';
import { hiddenGlobs, readSettings } from '../settings.ts';
import { foldersFrom, pathContextOf } from './pathContext.ts';
import { textFiles, type TextFile, type TextFileFilters } from './textFiles.ts';

type ReferencesModule = typeof References;

/** A reference to an image in a text file of the workspace. */
export interface ImageReference {
  readonly uri: vscode.Uri;
  /** The range of the path in the text. */
  readonly range: vscode.Range;
  /** The line, or the part of it around the path. */
  readonly text: string;
  /** Offset of the path in `text`. */
  readonly at: number;
}

/** Duration of the work between two pauses. */
const SLICE_MILLISECONDS = 8;
/** Maximum number of paths of a folder in the cache. */
const MAX_CACHED = 10_000;

export interface FindOptions {
  /** Maximum number of references; default: 200. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/**
 * Finds the references to an image in the text files of the workspace. It resolves each path by the rules of the hover,
 * so another file with the same name does not match. The workspace folder of the image comes first. It skips files that
 * git ignores, that files.exclude or search.exclude exclude, or that are larger than 2 MB. For a document with unsaved
 * changes, it reads the text in the editor.
 *
 * This module reads the files itself: extensions have no access to the editor's ripgrep, whose path differs between
 * editors and versions.
 * @throws UserError if a folder cannot be read; the reason of the signal if it aborts
 */
export async function* findReferences(
  folders: ImageFolders,
  image: vscode.Uri,
  { limit = 200, signal }: FindOptions = {},
): AsyncGenerator<ImageReference> {
  const search = new ReferenceSearch(folders, image, await import('../../references/index.ts'), signal);
  let found = 0;
  for (const folder of foldersFrom(folders, image)) {
    for await (const file of textFiles(folder.uri.fsPath, filtersOf(folder), signal)) {
      for await (const reference of search.referencesIn(file, folder)) {
        signal?.throwIfAborted();
        yield reference;
        if (++found >= limit) return;
      }
    }
  }
}

/** The search for one image. */
class ReferenceSearch {
  readonly #folders: ImageFolders;
  readonly #references: ReferencesModule;
  readonly #signal: AbortSignal | undefined;
  readonly #ignoreCase = process.platform === 'win32' || process.platform === 'darwin';
  readonly #image: string;
  /** Whether it is an image in a sheet. References to the whole sheet, or to other images in it, do not count. */
  readonly #isFragment: boolean;
  readonly #name: NamePattern;
  /** Documents with unsaved changes, by path. */
  readonly #changed = new Map<string, vscode.TextDocument>();
  readonly #resolve: ReferencesModule['resolveImage'];
  readonly #pause = pauses();

  constructor(folders: ImageFolders, image: vscode.Uri, references: ReferencesModule, signal: AbortSignal | undefined) {
    this.#folders = folders;
    this.#references = references;
    this.#signal = signal;
    this.#image = this.#comparable(pathOfUri(image));
    this.#isFragment = pathOfUri(image) !== image.fsPath;
    this.#name = references.namePattern(path.basename(image.fsPath), this.#ignoreCase);
    this.#resolve = cachingResolver(references, signal);
    for (const document of vscode.workspace.textDocuments) {
      if (document.isDirty) this.#changed.set(document.uri.fsPath, document);
    }
  }

  async *referencesIn({ file, bytes }: TextFile, folder: ImageFolder): AsyncGenerator<ImageReference> {
    await this.#pause();
    const document = this.#changed.get(file);
    const cannotHaveName = !document && this.#name.part !== null && !bytes.includes(this.#name.part);
    if (cannotHaveName || this.#isImage(file)) return;
    const uri = vscode.Uri.file(file);
    if (this.#folders.locate(uri)?.folder !== folder) return; // it belongs to a nested workspace folder
    const context = await pathContextOf(this.#folders, document ?? { uri });
    const text = document?.getText() ?? bytes.toString('utf8');
    const options: MentionOptions = {
      isImage: ({ image, file: it }) => this.#isImage(this.#isFragment ? image : it),
      imageAt: (line, column) => this.#imageAt(line, column, context),
      pause: this.#pause,
    };
    for await (const { line, path: written, excerpt } of this.#references.mentionsIn(text, this.#name, options)) {
      yield { uri, range: new vscode.Range(line, written.start, line, written.end), ...excerpt };
    }
  }

  #imageAt(line: string, column: number, context: PathContext): Promise<ImageInText | undefined> {
    return this.#references.findImageAt(line, column, context, this.#signal, this.#resolve);
  }

  #isImage(file: string): boolean {
    return this.#comparable(file) === this.#image;
  }

  #comparable(file: string): string {
    return this.#ignoreCase ? file.toLowerCase() : file;
  }
}

/** Returns a function that lets other work of this thread run when the time slice is over. */
function pauses(): () => Promise<void> {
  let end = performance.now() + SLICE_MILLISECONDS;
  return async () => {
    if (performance.now() < end) return;
    await nextTurn();
    end = performance.now() + SLICE_MILLISECONDS;
  };
}

/** Resolves each path of a folder only once, because many files of a folder refer to the same images. */
function cachingResolver({ resolveImage }: ReferencesModule, signal?: AbortSignal): ReferencesModule['resolveImage'] {
  let folder = '';
  const cached = new Map<string, ReturnType<typeof resolveImage>>();
  return (text, context) => {
    if (context.documentFolder !== folder || cached.size > MAX_CACHED) cached.clear();
    folder = context.documentFolder;
    const resolving = cached.get(text) ?? resolveImage(text, context, signal);
    cached.set(text, resolving);
    return resolving;
  };
}

function filtersOf({ uri }: ImageFolder): TextFileFilters {
  const { gitignore } = readSettings(uri);
  return { exclude: [...hiddenGlobs('files', uri), ...hiddenGlobs('search', uri)], gitignore };
}
