import { centredText, type Calibration } from '../../src/clip/index.ts';
import { dot } from '../../src/clip/base/vectors.ts';
import { PROMPTS } from '../../src/library/labels/kindEvidence.ts';
import { PICTURE_KINDS, type PictureKind } from '../../src/library/index.ts';
import type { EmbeddedSet, Texts } from './embedded.ts';
import { mean } from '../shared/statistics.ts';
import { tagLogits } from './scores.ts';

/** The prompts for each kind of picture. Their ensemble represents the kind. */
const prompts: Readonly<Record<string, readonly string[]>> = {
  icon: ['icon', 'line icon', 'an icon'],
  emoji: ['emoji', 'an emoji'],
  logo: ['logo', 'a logo', 'brand logo'],
  flag: ['country flag', 'a country flag'],
  sprite: ['game sprite', 'a sprite', 'pixel art'],
  clipart: ['clip art', 'an illustration', 'cartoon'],
  photo: ['photo', 'a photograph'],
  screenshot: ['screenshot', 'a screenshot'],
  texture: ['texture', 'a seamless texture', 'background pattern'],
};

/** What the extension calls the kinds of the corpus. It counts neither flags nor emoji. */
const shippedKinds: Readonly<Record<string, PictureKind>> = {
  icon: 'icon',
  logo: 'logo',
  sprite: 'sprite',
  clipart: 'illustration',
  photo: 'photo',
  screenshot: 'screenshot',
  texture: 'texture',
};

/** A kind with fewer pictures is not measured. */
const MIN_PICTURES = 20;

export interface KindRecall {
  readonly kind: string;
  readonly pictures: number;
  /** Whether the pictures are from the training data, because no held-out set has pictures of this kind. */
  readonly trained: boolean;
  /** The share of its pictures whose nearest kind is this one, in %. */
  readonly recall: number;
  /** The same share after the mean similarity of each kind's prompts, over all kinds, is subtracted. */
  readonly centred: number;
  /**
   * The share of its pictures that the extension counts as this kind by the embedding alone: the format, the size and
   * the folders of the files do not count. Null where the extension does not count the kind.
   */
  readonly shipped: number | null;
}

interface KindPictures {
  readonly kind: string;
  readonly trained: boolean;
  readonly images: readonly Float32Array[];
}

/** Where the pictures of the kinds come from. */
export interface KindSources {
  readonly heldOut: readonly EmbeddedSet[];
  /** Replaces the photos of the held-out sets, which are few and special. */
  readonly photos: EmbeddedSet | undefined;
  /** Training pictures, for the kinds that no held-out set has. */
  readonly training: readonly EmbeddedSet[];
}

export async function kindRecall(texts: Texts, calibration: Calibration, sources: KindSources): Promise<KindRecall[]> {
  const kinds = Object.keys(prompts)
    .map((kind) => picturesOf(kind, sources))
    .filter(({ images }) => images.length >= MIN_PICTURES);
  const labels = await texts.embedPrompts(kinds.map(({ kind }) => prompts[kind] ?? []));
  // similarities[k]: [pictures of kind k] of [kinds]
  const similarities = kinds.map(({ images }) => images.map((image) => labels.map((label) => dot(image, label))));
  const means = kinds.map((_, label) => mean(similarities.map((rows) => mean(rows.map((row) => row[label] ?? NaN)))));
  const nothing = kinds.map(() => 0);
  const shippedLogits = await shippedEvidence(texts, calibration);
  return kinds.map(({ kind, trained, images }, k) => {
    const rows = similarities[k] ?? [];
    const shippedKind = shippedKinds[kind];
    return {
      ...{ kind, pictures: images.length, trained },
      recall: recallOf(rows, k, nothing),
      centred: recallOf(rows, k, means),
      shipped:
        shippedLogits && shippedKind
          ? recallOf(
              shippedLogits(images),
              PICTURE_KINDS.indexOf(shippedKind),
              PICTURE_KINDS.map(() => 0),
            )
          : null,
    };
  });
}

function picturesOf(kind: string, { heldOut, photos, training }: KindSources): KindPictures {
  if (kind === 'photo' && photos) return { kind, trained: false, images: photos.embeddings };
  const images = imagesOf(kind, heldOut);
  return images.length > 0
    ? { kind, trained: false, images }
    : { kind, trained: true, images: imagesOf(kind, training) };
}

function imagesOf(kind: string, sets: readonly EmbeddedSet[]): Float32Array[] {
  return sets.flatMap(({ pictures, embeddings }) => embeddings.filter((_, i) => pictures[i]?.kind === kind));
}

/** The evidence of the model for each kind, as countKinds of the library computes it. @returns [images] of [kinds] */
async function shippedEvidence(
  texts: Texts,
  calibration: Calibration,
): Promise<((images: readonly Float32Array[]) => Float32Array[]) | null> {
  const { reference } = calibration;
  if (!reference) return null;
  const kinds = await texts.embedPrompts(PICTURE_KINDS.map((kind) => PROMPTS[kind]));
  const directions = kinds.map((text) => centredText(text, calibration));
  return (images) => tagLogits(images, directions, reference, calibration);
}

/** The share of the rows, less the offsets, whose largest score is that of the kind, in %. */
function recallOf(rows: readonly ArrayLike<number>[], kind: number, offset: readonly number[]): number {
  const best = rows.map((row) => largest(offset.map((value, i) => (row[i] ?? NaN) - value)));
  return 100 * mean(best.map((index) => (index === kind ? 1 : 0)));
}

function largest(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}
