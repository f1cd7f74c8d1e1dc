import { setImmediate as nextTurn } from 'node:timers/promises';
import { imagesOfBlobs, type IndexedImage } from '../images.ts';
import type { Library } from '../library.ts';
import type { Database } from '../store/database.ts';
import { readVectors } from '../store/embeddingMatrix.ts';
import { float16Values } from '../../base/float16.ts';
import { number, pages } from '../store/rows.ts';
import { inside } from '../store/store.ts';
import { DisjointSets } from './disjointSets.ts';

/** At least two images that are the same, or almost the same. */
export interface DuplicateGroup {
  readonly images: readonly IndexedImage[];
  /** The lowest cosine that connected two parts of the group; 1 if all images have the same bytes. */
  readonly similarity: number;
}

/** Lists the groups of files with the same bytes, in pages. */
export async function* exactDuplicates({ [inside]: { database } }: Library): AsyncGenerator<DuplicateGroup[]> {
  for await (const blobs of blobsWithCopies(database)) {
    const images = imagesOfBlobs(database, blobs);
    yield blobs.flatMap((blob) => {
      const copies = images.get(blob) ?? [];
      return copies.length > 1 ? [{ images: copies, similarity: 1 }] : [];
    });
  }
}

function blobsWithCopies(database: Database): AsyncGenerator<number[]> {
  return pages((last: number | undefined, limit) =>
    database
      .all(
        'SELECT blob FROM files WHERE blob > ? GROUP BY blob HAVING count(*) > 1 ORDER BY blob LIMIT ?',
        ...[last ?? 0, limit],
      )
      .map((row) => number(row, 'blob')),
  );
}

/** Default of the lowest cosine of two images that are near duplicates. */
export const NEAR = 0.97;

export interface NearDuplicateOptions {
  /** The lowest cosine of two images that are near duplicates, 0 to 1. Default: NEAR. */
  readonly similarity?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Receives how many of the images were compared with all others. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Images compared with all others in one request. */
const BLOCK = 128;

/**
 * Finds groups of blobs that look almost the same, connected by pairs whose cosine is at least the threshold. Each blob
 * brings all its files. The largest groups come first.
 */
export async function nearDuplicates(
  library: Library,
  { similarity = NEAR, signal, onProgress }: NearDuplicateOptions = {},
): Promise<DuplicateGroup[]> {
  const { inference } = library;
  const { database, model } = library[inside];
  const matrix = await library.matrix();
  const sets = new DisjointSets(matrix.blobs.length);
  for (let start = 0; start < matrix.blobs.length; start += BLOCK) {
    const patterns = readVectors(database, model, matrix.blobs.subarray(start, start + BLOCK));
    const count = patterns.length / model.columns;
    // Each image of the block takes the place of a label, so that its logits are its cosines with the rows.
    const block = { weights: float16Values(patterns), bias: new Float32Array(count) };
    const minimum = new Float32Array(count).fill(similarity);
    const pairs = await inference.tag(matrix.source, block, minimum, count, signal);
    for (let row = 0; row < matrix.blobs.length; row++) {
      for (let i = pairs.offsets[row] ?? 0; i < (pairs.offsets[row + 1] ?? 0); i++) {
        const other = start + (pairs.labels[i] ?? 0);
        if (other < row) sets.join(other, row, pairs.logits[i] ?? 0);
      }
    }
    onProgress?.(start + count, matrix.blobs.length);
    await nextTurn();
  }
  const groups: DuplicateGroup[] = [];
  for (const { members, least } of sets.list()) {
    const blobs = members.map((row) => matrix.blobs[row] ?? 0);
    const images = [...imagesOfBlobs(database, blobs).values()].flat();
    if (images.length > 1) groups.push({ images, similarity: Math.min(1, least) });
  }
  return groups.sort((a, b) => b.images.length - a.images.length || b.similarity - a.similarity);
}
