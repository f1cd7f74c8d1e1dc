import { stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { fileOfImage } from '../../base/imagePath.ts';
import type { Library, Query, SearchResult } from '../../library/index.ts';
import { UserError } from '../../base/userError.ts';
import type { ImageFile, ImageFolder } from './imageFolder.ts';
import { namedLabels } from './namedLabels.ts';
import { queryMessage } from './queryMessage.ts';

/** A search result with its folder. */
export interface Hit extends ImageFile {
  readonly result: SearchResult;
}

export interface Hits {
  /** Likely results first, then the others, each by score. All folders share a ranking: confidences are comparable. */
  readonly hits: readonly Hit[];
  /** Number of images in the indexes. */
  readonly indexed: number;
  /** Number of folders that have an index, even if it is empty. */
  readonly folders: number;
}

/** Returns the message for a search without results: nothing is indexed yet, or there is no image. */
export function whyNoImages(indexedFolders: number): string {
  return indexedFolders === 0
    ? vscode.l10n.t('No image is indexed yet. Run "AssetLens: Tag Workspace Images" first.')
    : vscode.l10n.t('No images were found in this workspace.');
}

export interface HitOptions {
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** Returns the folders that have an index. */
export async function indexedFolders(folders: readonly ImageFolder[]): Promise<ImageFolder[]> {
  const indexed = await Promise.all(folders.map((folder) => folder.hasIndex()));
  return folders.filter((_, i) => indexed[i]);
}

/**
 * Finds the images of all indexed folders that match a query.
 * @throws UserError if the query has a mistake
 */
export async function searchFolders(
  folders: readonly ImageFolder[],
  query: string,
  { limit, names, stack, signal }: HitOptions & { readonly names: boolean; readonly stack: boolean },
): Promise<Hits> {
  const { parseQuery, QueryError, search } = await import('../../library/index.ts');
  const translated = <T>(parse: () => T): T => {
    try {
      return parse();
    } catch (error) {
      throw error instanceof QueryError ? new UserError(queryMessage(error)) : error;
    }
  };
  const parsed = await withAbsolutePaths(
    translated(() => parseQuery(query)),
    folders,
  );
  // With several folders, the user sees paths below the names of the folders, and may search for these.
  const several = folders.length > 1;
  return searchIndexed(folders, limit, async (library, folder) => {
    const shownBelow = several ? folder.name : undefined;
    const labels = names ? await namedLabels(folder) : [];
    return search(library, parsed, { limit, names, labels, collapseCopies: true, stack, shownBelow, signal });
  });
}

/**
 * Finds the images of all indexed folders that look like an image. The image may be outside the workspace.
 * @param image absolute path
 * @throws UserError if the image cannot be read
 */
export async function similarInFolders(
  folders: readonly ImageFolder[],
  image: string,
  { limit, signal }: HitOptions,
): Promise<Hits> {
  const { findSimilar } = await import('../../library/index.ts');
  return searchIndexed(folders, limit, (library) => findSimilar(library, image, { limit, stack: true, signal }));
}

async function searchIndexed(
  folders: readonly ImageFolder[],
  limit: number,
  find: (library: Library, folder: ImageFolder) => Promise<SearchResult[]>,
): Promise<Hits> {
  const { countImages } = await import('../../library/index.ts');
  const lists = await Promise.all(
    (await indexedFolders(folders)).map(async (folder) => {
      return folder.withLibrary(async (library) => {
        const results = await find(library, folder);
        const indexed = countImages(library).files;
        return { indexed, hits: results.map((result): Hit => ({ folder, path: result.path, result })) };
      });
    }),
  );
  const hits = lists.flatMap((list) => list.hits);
  hits.sort((a, b) => Number(b.result.likely) - Number(a.result.likely) || b.result.score - a.result.score);
  const indexed = lists.reduce((sum, list) => sum + list.indexed, 0);
  return { hits: hits.slice(0, limit), indexed, folders: lists.length };
}

/** Resolves the images of a query in any of the folders, so that all folders can be searched with them. */
async function withAbsolutePaths(query: Query, folders: readonly ImageFolder[]): Promise<Query> {
  const terms = query.terms.map(async (term) => {
    if (term.kind === 'text') return term;
    for (const folder of folders) {
      const file = path.resolve(folder.uri.fsPath, term.path);
      const found = await stat(fileOfImage(file)).then(
        (entry) => entry.isFile(),
        () => false,
      );
      if (found) return { ...term, path: file };
    }
    return term; // the library reports the mistake
  });
  return { ...query, terms: await Promise.all(terms) };
}
