import {
  coloursOf,
  cropCorrelation,
  normalisedLook,
  oklabDistance,
  pictureCorrelation,
  type MainColour,
  type NormalisedLook,
} from '../../clip/index.ts';
import type { IndexedImage } from '../images.ts';
import type { Database } from '../store/database.ts';
import { bytes, number } from '../store/rows.ts';

/** The stored look of a blob; undefined parts are not known. */
export interface BlobLook {
  readonly colours: readonly MainColour[];
  readonly pixels: NormalisedLook | undefined;
}

/** Least correlation of two sizes of a picture, and of near duplicates. See docs/design/scores.md. */
const SAME_PICTURE = 0.975;
/** Least correlation of a picture with a size so small that its lines are drawn on other pixels. */
const SAME_TINY = 0.92;
/** No two sizes of a picture have a lower correlation. */
export const LEAST_CORRELATION = SAME_TINY;
/** Longer side of such a size, in pixels. */
const TINY = 20;
/** Least correlation of a picture with the matching part of another. */
const SAME_PART = 0.95;
/** Relative difference of the proportions of two sizes, which are whole numbers of pixels. */
const SAME_PROPORTIONS = 0.06;
/** Share from which a colour must also be in the other picture, and the distance up to which it is the same. */
const MAIN_SHARE = 0.15;
const SAME_COLOUR = 0.12;

/** Reads the looks of some blobs by their ids. */
export function storedLooks(database: Database, blobs: readonly number[]): Map<number, BlobLook> {
  const rows = database.all(
    'SELECT id, colours, pixels FROM blobs WHERE length(pixels) > 0 AND id IN (SELECT value FROM json_each(?))',
    JSON.stringify(blobs),
  );
  return new Map(
    rows.map((row) => [
      number(row, 'id'),
      { colours: coloursOf(bytes(row, 'colours')), pixels: normalisedLook(bytes(row, 'pixels')) },
    ]),
  );
}

/** Returns the size and the look of each blob by its id. */
export function seenImages(database: Database, blobs: Iterable<number>): Map<number, SeenImage> {
  const ids = [...blobs];
  const looks = storedLooks(database, ids);
  const rows = database.all(
    'SELECT id, width, height FROM blobs WHERE id IN (SELECT value FROM json_each(?))',
    JSON.stringify(ids),
  );
  return new Map(
    rows.map((row) => {
      const id = number(row, 'id');
      return [id, { image: { width: number(row, 'width'), height: number(row, 'height') }, look: looks.get(id) }];
    }),
  );
}

/** An image with the look of its blob. */
export interface SeenImage {
  readonly image: Pick<IndexedImage, 'width' | 'height'>;
  readonly look: BlobLook | undefined;
}

/**
 * Tells whether two images are the same picture in two sizes or formats. Unlike near duplicates, they have the same
 * colours: who looks for a blue heart does not want to find it under a red one.
 */
export function isSamePicture(a: SeenImage, b: SeenImage): boolean {
  if (!a.look?.pixels || !b.look?.pixels) return false;
  const [x, y] = [a, b].map(({ image }) => image.width / Math.max(1, image.height));
  if (Math.abs(Math.log((x ?? 1) / (y ?? 1))) > SAME_PROPORTIONS) return false;
  const sides = [a, b].map(({ image }) => Math.max(image.width, image.height));
  const least = Math.min(...sides) <= TINY && sides[0] !== sides[1] ? SAME_TINY : SAME_PICTURE;
  if (pictureCorrelation(a.look.pixels, b.look.pixels) < least) return false;
  return hasColours(a.look, b.look) && hasColours(b.look, a.look);
}

/**
 * Tells whether two images are the same picture, resized, compressed, recoloured or cropped. Their embeddings alone do
 * not: those of two screenshots of a program are almost the same, whatever menu is open.
 */
export function isNearPicture(a: SeenImage, b: SeenImage): boolean {
  if (!a.look?.pixels || !b.look?.pixels) return false;
  if (pictureCorrelation(a.look.pixels, b.look.pixels) >= SAME_PICTURE) return true;
  // A part has another size than the whole.
  const hasSameSize = a.image.width === b.image.width && a.image.height === b.image.height;
  return !hasSameSize && cropCorrelation(a.look.pixels, b.look.pixels) >= SAME_PART;
}

function hasColours(of: BlobLook, other: BlobLook): boolean {
  return of.colours
    .filter(({ share }) => share >= MAIN_SHARE)
    .every((colour) => other.colours.some((candidate) => oklabDistance(colour, candidate) <= SAME_COLOUR));
}
