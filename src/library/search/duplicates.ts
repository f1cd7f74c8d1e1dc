import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SparseTags } from '../../clip/index.ts';
import { imagesOfBlobs, type IndexedImage } from '../images.ts';
import type { Library } from '../library.ts';
import type { Database } from '../store/database.ts';
import { readVectors } from '../store/embeddingMatrix.ts';
import { float16Values } from '../../base/float16.ts';
import { timeSlices } from '../../base/timeSlices.ts';
import { number, pages } from '../store/rows.ts';
import { inside } from '../store/store.ts';
import { isNearPicture, seenImages } from './samePicture.ts';
import { Stars } from './stars.ts';

/** At least two images that are the same, or almost the same. */
export interface DuplicateGroup {
  readonly images: readonly IndexedImage[];
  /** The lowest cosine of a member with the first image of the group; 1 if all images have the same bytes. */
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

/** Default of the lowest cosine of two images whose pixels are compared. */
export const NEAR = 0.85;

export interface NearDuplicateOptions {
  /** The lowest cosine of two images whose pixels are compared, 0 to 1. Default: NEAR. */
  readonly similarity?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Receives how many of the images were compared with all others. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Images compared with all others in one request. */
const BLOCK = 128;

/** Rows whose pixels are read at a time. */
const ROWS = 2000;

/** Two rows whose embeddings are similar. */
interface Candidate {
  readonly row: number;
  /** A row of the block, before `row`. */
  readonly other: number;
  readonly cosine: number;
}

/** @param block the first row of the block, whose images take the place of labels */
function candidatesIn({ offsets, labels, logits }: SparseTags, from: number, to: number, block: number): Candidate[] {
  const candidates: Candidate[] = [];
  for (let row = from; row < to; row++) {
    for (let i = offsets[row] ?? 0; i < (offsets[row + 1] ?? 0); i++) {
      const other = block + (labels[i] ?? 0);
      if (other < row) candidates.push({ row, other, cosine: logits[i] ?? 0 });
    }
  }
  return candidates;
}

/**
 * Finds groups of blobs that show almost the same picture: their embeddings are similar, and their pixels confirm it
 * (isNearPicture). All members of a group are near duplicates of its first image; similarity is not passed on from
 * member to member, which would join all screenshots of a program. Each blob brings all its files. The largest groups
 * come first.
 */
export async function nearDuplicates(
  library: Library,
  { similarity = NEAR, signal, onProgress }: NearDuplicateOptions = {},
): Promise<DuplicateGroup[]> {
  const { inference } = library;
  const { database, model } = library[inside];
  const matrix = await library.matrix();
  const stars = new Stars();
  const pause = timeSlices();
  for (let start = 0; start < matrix.blobs.length; start += BLOCK) {
    const patterns = readVectors(database, model, matrix.blobs.subarray(start, start + BLOCK));
    const count = patterns.length / model.columns;
    // Each image of the block takes the place of a label, so that its logits are its cosines with the rows.
    const block = { weights: float16Values(patterns), bias: new Float32Array(count) };
    const minimum = new Float32Array(count).fill(similarity);
    const pairs = await inference.tag(matrix.source, block, minimum, count, signal);
    const inBlock = seenImages(database, matrix.blobs.subarray(start, start + count));
    for (let first = start; first < matrix.blobs.length; first += ROWS) {
      const candidates = candidatesIn(pairs, first, Math.min(first + ROWS, matrix.blobs.length), start);
      const seen = seenImages(database, new Set(candidates.map(({ row }) => matrix.blobs[row] ?? 0)));
      for (const { row, other, cosine } of candidates) {
        const [a, b] = [seen.get(matrix.blobs[row] ?? 0), inBlock.get(matrix.blobs[other] ?? 0)];
        if (a && b && isNearPicture(a, b)) stars.join(other, row, Math.min(1, cosine));
        signal?.throwIfAborted();
        await pause();
      }
    }
    onProgress?.(start + count, matrix.blobs.length);
    await nextTurn();
  }
  const groups: DuplicateGroup[] = [];
  for (const { members, least } of stars.list()) {
    const blobs = members.map((row) => matrix.blobs[row] ?? 0);
    const files = imagesOfBlobs(database, blobs);
    const images = blobs.flatMap((blob) => files.get(blob) ?? []);
    if (images.length > 1) groups.push({ images, similarity: least });
  }
  return groups.sort((a, b) => b.images.length - a.images.length || b.similarity - a.similarity);
}
