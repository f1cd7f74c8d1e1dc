import { imageAt, imagesOfBlobs, notIndexed, type IndexedImage } from '../images.ts';
import type { Library } from '../library.ts';
import { float16Vector } from '../../base/float16.ts';
import { bytes, number } from '../store/rows.ts';
import { inside } from '../store/store.ts';
import { NEAR } from './duplicates.ts';
import { isNearPicture, seenImages } from './samePicture.ts';

export interface NearDuplicate extends IndexedImage {
  /** Cosine with the given image, at most 1. */
  readonly similarity: number;
}

/** The duplicates of an image, without the image itself. */
export interface ImageDuplicates {
  /** Files with the same bytes, by path. */
  readonly copies: readonly IndexedImage[];
  /** The files of other blobs that look almost the same, by descending similarity. */
  readonly near: readonly NearDuplicate[];
}

/**
 * Finds the duplicates of one image. The pixels of near duplicates confirm what their embeddings suggest, see
 * isNearPicture.
 * @param path path of an image of the index, relative to its root
 * @param options.similarity lowest cosine of an image whose pixels are compared, 0 to 1; default: NEAR
 * @throws UserError if the image is not in the index; the signal's reason if it aborts
 */
export async function duplicatesOf(
  library: Library,
  path: string,
  { similarity = NEAR }: { readonly similarity?: number | undefined } = {},
  signal?: AbortSignal,
): Promise<ImageDuplicates> {
  const { database, model } = library[inside];
  const matrix = await library.matrix();
  const row = database.get(
    `SELECT blob, vector FROM files f JOIN embeddings e USING (blob) WHERE path = ? AND model = ?`,
    ...[path, model.id],
  );
  const image = imageAt(library, path);
  if (!row || !image) throw notIndexed(library, path);
  const blob = number(row, 'blob');
  const copies = (imagesOfBlobs(database, [blob]).get(blob) ?? []).filter((copy) => copy.path !== path);

  // The image takes the place of a label, so that its logits are its cosines with the rows.
  const cosines = { weights: float16Vector(bytes(row, 'vector')), bias: new Float32Array(1) };
  signal?.throwIfAborted();
  const found = await library.inference.tag(matrix.source, cosines, Float32Array.of(similarity), 1, signal);
  const similarities = new Map<number, number>();
  for (const [index, id] of matrix.blobs.entries()) {
    const at = found.offsets[index] ?? 0;
    if (at < (found.offsets[index + 1] ?? 0) && id !== blob) similarities.set(id, Math.min(1, found.logits[at] ?? 0));
  }
  const seen = seenImages(database, [blob, ...similarities.keys()]);
  const own = seen.get(blob);
  for (const id of similarities.keys()) {
    const other = seen.get(id);
    if (!own || !other || !isNearPicture(own, other)) similarities.delete(id);
  }
  const order = [...similarities].sort(([a, x], [b, y]) => y - x || a - b);
  const files = imagesOfBlobs(
    database,
    order.map(([id]) => id),
  );
  const near = order.flatMap(([id, cosine]) => (files.get(id) ?? []).map((file) => ({ ...file, similarity: cosine })));
  return { copies, near };
}
