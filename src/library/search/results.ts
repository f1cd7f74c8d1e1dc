import { imagesOfBlobs } from '../images.ts';
import type { Library } from '../library.ts';
import { inside } from '../store/store.ts';
import { picturesToStack, PictureStacks } from './pictureStacks.ts';
import { DEFAULT_LIMIT, type SearchOptions, type SearchResult } from './searchOptions.ts';

/** A blob that a search found. */
export interface FoundBlob extends Pick<SearchResult, 'score' | 'likely' | 'named' | 'basis'> {
  readonly blob: number;
  /** The file to list first if the blob has several. */
  readonly path?: string | undefined;
}

export interface ResultOptions extends Pick<SearchOptions, 'limit' | 'minimum' | 'collapseCopies' | 'stack'> {
  readonly passes: (file: string) => boolean;
  /** Path of a file to skip. */
  readonly except?: string | undefined;
}

/** Blobs that are examined for each result if results are stacked. */
const BLOBS_PER_STACK = 5;

/** Returns the files of the blobs that were found: the likely ones first, each part by score. */
export function resultsOf(library: Library, found: readonly FoundBlob[], options: ResultOptions): SearchResult[] {
  const { limit = DEFAULT_LIMIT, minimum = -Infinity, stack = false } = options;
  const sorted = found.toSorted((a, b) => Number(b.likely) - Number(a.likely) || b.score - a.score || a.blob - b.blob);
  // One more than the limit, because `except` may be among them.
  const most = (limit + 1) * (stack ? BLOBS_PER_STACK : 1);
  const best = sorted.filter(({ score }) => score >= minimum).slice(0, most);
  const results = filesOf(library, best, options);
  const shown = stack ? stacked(library, results) : results;
  return shown.map(({ result }) => result).slice(0, limit);
}

interface BlobResult {
  readonly blob: number;
  readonly result: SearchResult;
}

function filesOf(library: Library, best: readonly FoundBlob[], options: ResultOptions): BlobResult[] {
  const { collapseCopies = false, stack = false, passes, except } = options;
  const images = imagesOfBlobs(
    library[inside].database,
    best.map(({ blob }) => blob),
  );
  return best.flatMap(({ blob, path: preferred, ...scores }): BlobResult[] => {
    const files = (images.get(blob) ?? []).filter(({ path }) => path !== except && passes(path));
    const [first, ...others] = files.sort((a, b) => Number(b.path === preferred) - Number(a.path === preferred));
    if (!first) return []; // the last file of the blob was removed during the search
    if (collapseCopies || stack) {
      return [{ blob, result: { ...first, ...scores, copies: others.map(({ path }) => path) } }];
    }
    return [first, ...others].map((image) => ({ blob, result: { ...image, ...scores, copies: [] } }));
  });
}

/** Puts the other sizes of a picture under the best of them. */
function stacked(library: Library, results: readonly BlobResult[]): BlobResult[] {
  const pictures = picturesToStack(
    library,
    results.map(({ result }) => result),
  );
  // A picture and its other sizes have similar scores, and are likely or not together.
  const likely = new PictureStacks<BlobResult>();
  const others = new PictureStacks<BlobResult>();
  for (const [i, picture] of pictures.entries()) {
    const found = results[i];
    if (found) (found.result.likely ? likely : others).add(found, picture);
  }
  return [...likely.stacks, ...others.stacks].flatMap(([head, ...sizes]) => {
    if (!head) return [];
    const copies = [...head.result.copies, ...sizes.flatMap(({ result }) => [result.path, ...result.copies])];
    return [{ ...head, result: { ...head.result, copies } }];
  });
}
