import { NEAR } from './duplicates.ts';
import { float16Vector } from '../../base/float16.ts';
import { imageAt, imagesOfBlobs, notIndexed, type IndexedImage } from '../images.ts';
import type { Library } from '../library.ts';
import { bytes, number } from '../store/rows.ts';
import { inside } from '../store/store.ts';

export interface NearDuplicate extends IndexedImage {
  /** Cosine with the image that was asked for, up to 1. */
  readonly similarity: number;
}

/** Without the image itself. */
export interface ImageDuplicates {
  /** Files of the same bytes, by path. */
  readonly copies: readonly IndexedImage[];
  /** Other contents that look almost the same, the most similar first, each with all its files. */
  readonly near: readonly NearDuplicate[];
}

/**
 * The duplicates of one image. Unlike in the groups of nearDuplicates, each is near to the image itself and not to one that is
 * near to it.
 * @param path of an image of the index, relative to its root
 * @param options.similarity least cosine, 0 to 1; default: 0.97, as for nearDuplicates
 * @throws UserError where it is not in the index; the signal's reason when it aborts
 */
export async function duplicatesOf(
  library: Library,
  path: string,
  { similarity = NEAR }: { readonly similarity?: number | undefined } = {},
  signal?: AbortSignal,
): Promise<ImageDuplicates> {
  const { database, model } = library[inside];
  const matrix = await library.matrix();
  const own = database.get(
    `SELECT content, vector FROM files f JOIN embeddings e USING (content) WHERE path = ? AND model = ?`,
    ...[path, model.id],
  );
  const image = imageAt(library, path);
  if (!own || !image) throw notIndexed(library, path);
  const content = number(own, 'content');
  const copies = (imagesOfBlobs(database, [content]).get(content) ?? []).filter((copy) => copy.path !== path);

  // The image is a "label" whose logit is its cosine with a row.
  const cosines = { weights: float16Vector(bytes(own, 'vector')), bias: new Float32Array(1) };
  signal?.throwIfAborted();
  const found = await library.inference.tag(matrix.source, cosines, Float32Array.of(similarity), 1, signal);
  const similarities = new Map<number, number>();
  for (const [row, id] of matrix.contents.entries()) {
    const at = found.offsets[row] ?? 0;
    if (at < (found.offsets[row + 1] ?? 0) && id !== content) similarities.set(id, Math.min(1, found.logits[at] ?? 0));
  }
  const order = [...similarities].sort(([a, x], [b, y]) => y - x || a - b);
  const files = imagesOfBlobs(
    database,
    order.map(([id]) => id),
  );
  const near = order.flatMap(([id, cosine]) => (files.get(id) ?? []).map((file) => ({ ...file, similarity: cosine })));
  return { copies, near };
}
