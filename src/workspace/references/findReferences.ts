import { setImmediate as nextTurn } from 'node:timers/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { ImageFolder, ImageFolders } from '../folders/imageFolders.ts';
import { findImageAt, resolveImage, type PathContext } from '../../references/imagePaths.ts';
import { mentionsIn, writtenName, type Mention, type MentionOptions } from '../../references/mentions.ts';
import { pathContextOf } from './pathContext.ts';
import { textFiles } from '../../references/textFiles.ts';

/** A place in the workspace where an image is referred to. */
export interface ImageReference extends Pick<Mention, 'text' | 'at'> {
  readonly uri: vscode.Uri;
  /** Of the path in the text. */
  readonly range: vscode.Range;
}

/** Work of this thread between two turns for others. */
const SLICE_MILLISECONDS = 8;
/** Texts of a folder whose meaning is remembered. */
const MOST_REMEMBERED = 10_000;

/**
 * The places in the texts of the workspace that refer to an image: those whose path means this very file by the rules of the
 * hover, and not another file of its name. Its own workspace folder comes first. What git ignores or files.exclude or
 * search.exclude leave out is not looked at, nor files above 2 MB; of documents with unsaved changes, what the editor shows.
 *
 * The files are read here and not by the editor's ripgrep: extensions are given no access to that, its place changes between
 * editors and versions, and the rules of what is looked at would be others where it is missing.
 * @param options.limit most places; default: 200
 * @throws UserError where a folder cannot be read; the signal's reason when it aborts
 */
export async function* findReferences(
  folders: ImageFolders,
  image: vscode.Uri,
  { limit = 200, signal }: { readonly limit?: number; readonly signal?: AbortSignal } = {},
): AsyncGenerator<ImageReference> {
  const ignoreCase = process.platform === 'win32' || process.platform === 'darwin';
  const same = (file: string): string => (ignoreCase ? file.toLowerCase() : file);
  const isIt = (file: string): boolean => same(file) === same(image.fsPath);
  const name = writtenName(path.basename(image.fsPath), ignoreCase);
  const changed = new Map(vscode.workspace.textDocuments.filter((it) => it.isDirty).map((it) => [it.uri.fsPath, it]));
  const imageIn = rememberingFinder(signal);
  const own = folders.locate(image)?.folder;
  const all = folders.all();
  let found = 0;
  const pause = pauses();
  for (const folder of [...all.filter((it) => it === own), ...all.filter((it) => it !== own)]) {
    for await (const { file, bytes } of textFiles(folder.uri.fsPath, excludedGlobs(folder), signal)) {
      await pause();
      const document = changed.get(file);
      if (isIt(file) || (!document && name.part && !bytes.includes(name.part))) continue;
      const uri = vscode.Uri.file(file);
      if (folders.locate(uri)?.folder !== folder) continue; // of a workspace folder within this one
      const context = await pathContextOf({ folders }, { uri });
      const text = document?.getText() ?? bytes.toString('utf8');
      const imageAt: MentionOptions['imageAt'] = (line, column) => imageIn(line, column, context);
      for await (const mention of mentionsIn(text, name, { isIt, imageAt, pause })) {
        signal?.throwIfAborted();
        const { line, start, end, text: shown, at } = mention;
        yield { uri, range: new vscode.Range(line, start, line, end), text: shown, at };
        if (++found >= limit) return;
      }
    }
  }
}

/** Gives other work of this thread its turn when there was none for a while. */
function pauses(): () => Promise<void> {
  let end = performance.now() + SLICE_MILLISECONDS;
  return async () => {
    if (performance.now() < end) return;
    await nextTurn();
    end = performance.now() + SLICE_MILLISECONDS;
  };
}

/** Looks for each text of a folder on the disk once: many files in a folder name the same images. */
function rememberingFinder(
  signal?: AbortSignal,
): (line: string, column: number, context: PathContext) => ReturnType<typeof findImageAt> {
  let folder = '';
  const known = new Map<string, Promise<string | undefined>>();
  const resolve: typeof resolveImage = (text, context) => {
    if (context.documentFolder !== folder || known.size > MOST_REMEMBERED) known.clear();
    folder = context.documentFolder;
    const resolving = known.get(text) ?? resolveImage(text, context, signal);
    known.set(text, resolving);
    return resolving;
  };
  return (line, column, context) => findImageAt(line, column, context, signal, resolve);
}

function excludedGlobs({ uri }: ImageFolder): string[] {
  return ['files', 'search'].flatMap((section) => {
    const globs = vscode.workspace.getConfiguration(section, uri).get<Record<string, unknown>>('exclude', {});
    return Object.entries(globs).flatMap(([glob, on]) => (on === true ? [glob] : []));
  });
}
