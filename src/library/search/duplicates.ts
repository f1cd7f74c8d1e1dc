import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Database } from '../store/database.ts';
import { readVectors } from '../store/embeddingMatrix.ts';
import { float16Values } from '../../base/float16.ts';
import { imagesOfBlobs, type IndexedImage } from '../images.ts';
import type { Library } from '../library.ts';
import { number, pages } from '../store/rows.ts';
import { inside } from '../store/store.ts';

/** Images that are the same, or almost. At least two. */
export interface DuplicateGroup {
  readonly images: readonly IndexedImage[];
  /** Least cosine between an image and the one that led it into the group; 1 where all have the same bytes. */
  readonly similarity: number;
}

/** Groups of files with the same bytes, in pages. */
export async function* exactDuplicates({ [inside]: { database } }: Library): AsyncGenerator<DuplicateGroup[]> {
  for await (const ids of contentsWithCopies(database)) {
    const images = imagesOfBlobs(database, ids);
    yield ids.flatMap((id) => {
      const copies = images.get(id) ?? [];
      return copies.length > 1 ? [{ images: copies, similarity: 1 }] : [];
    });
  }
}

function contentsWithCopies(database: Database): AsyncGenerator<number[]> {
  return pages((last: number | undefined, limit) =>
    database
      .all(
        'SELECT content FROM files WHERE content > ? GROUP BY content HAVING count(*) > 1 ORDER BY content LIMIT ?',
        ...[last ?? 0, limit],
      )
      .map((row) => number(row, 'content')),
  );
}

/** Least cosine of two images to be called near duplicates. */
export const NEAR = 0.97;

export interface NearDuplicateOptions {
  /** Least cosine of two images to be called near duplicates, 0 to 1. Default: 0.97. */
  readonly similarity?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told how many of the images were compared with all others. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Images compared with all others in one request. */
const BLOCK = 128;

/**
 * Groups of different contents that look almost the same: connected by pairs whose cosine is at least the threshold. Exact
 * copies come along with their contents. The largest groups first.
 */
export async function nearDuplicates(
  library: Library,
  { similarity = NEAR, signal, onProgress }: NearDuplicateOptions = {},
): Promise<DuplicateGroup[]> {
  const { inference } = library;
  const { database, model } = library[inside];
  const { source, contents } = await library.matrix();
  const groups = disjointSets(contents.length);
  for (let start = 0; start < contents.length; start += BLOCK) {
    const patterns = readVectors(database, model, contents.subarray(start, start + BLOCK));
    const count = patterns.length / model.columns;
    // Every image of the block is a "label" whose logit is its cosine with a row.
    const block = { weights: float16Values(patterns), bias: new Float32Array(count) };
    const minimum = new Float32Array(count).fill(similarity);
    const pairs = await inference.tag(source, block, minimum, count, signal);
    for (let row = 0; row < contents.length; row++) {
      for (let i = pairs.offsets[row] ?? 0; i < (pairs.offsets[row + 1] ?? 0); i++) {
        const other = start + (pairs.labels[i] ?? 0);
        if (other < row) groups.join(other, row, pairs.logits[i] ?? 0);
      }
    }
    onProgress?.(start + count, contents.length);
    await nextTurn();
  }
  const found: DuplicateGroup[] = [];
  for (const { members, least } of groups.list()) {
    const ids = members.map((row) => contents[row] ?? 0);
    const images = [...imagesOfBlobs(database, ids).values()].flat();
    if (images.length > 1) found.push({ images, similarity: Math.min(1, least) });
  }
  return found.sort((a, b) => b.images.length - a.images.length || b.similarity - a.similarity);
}

interface DisjointSets {
  join(a: number, b: number, similarity: number): void;
  /** The sets of two or more members, and the least similarity that joined two parts of one. */
  list(): { members: number[]; least: number }[];
}

/** Union–find with path halving. */
function disjointSets(size: number): DisjointSets {
  const parents = Uint32Array.from({ length: size }, (_, i) => i);
  const leasts = new Float32Array(size).fill(1);
  const root = (of: number): number => {
    let node = of;
    for (let parent = parents[node] ?? node; parent !== node; parent = parents[node] ?? node) {
      parents[node] = parents[parent] ?? parent;
      node = parent;
    }
    return node;
  };
  return {
    join(a, b, similarity) {
      const [x, y] = [root(a), root(b)];
      if (x === y) return;
      parents[y] = x;
      leasts[x] = Math.min(leasts[x] ?? 1, leasts[y] ?? 1, similarity);
    },
    list() {
      const sets = new Map<number, number[]>();
      for (let i = 0; i < size; i++) {
        const top = root(i);
        const members = sets.get(top);
        if (members) members.push(i);
        else sets.set(top, [i]);
      }
      return [...sets]
        .filter(([, members]) => members.length > 1)
        .map(([top, members]) => ({ members, least: leasts[top] ?? 1 }));
    },
  };
}
