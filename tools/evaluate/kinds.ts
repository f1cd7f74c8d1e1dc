import { ensemble, type Inference } from '../../src/clip/index.ts';
import { dot } from '../../src/clip/base/vectors.ts';
import type { EmbeddedSet } from './embedded.ts';
import { mean } from '../shared/statistics.ts';

/** The prompts for each kind of picture. Their ensemble represents the kind. */
const prompts: Readonly<Record<string, readonly string[]>> = {
  icon: ['icon', 'line icon', 'an icon'],
  emoji: ['emoji', 'an emoji'],
  logo: ['logo', 'a logo', 'brand logo'],
  flag: ['country flag', 'a country flag'],
  sprite: ['game sprite', 'a sprite', 'pixel art'],
  clipart: ['clip art', 'an illustration', 'cartoon'],
  photo: ['photo', 'a photograph'],
};

export interface KindRecall {
  readonly kind: string;
  readonly pictures: number;
  /** The share of its pictures whose nearest kind is this one, in %. */
  readonly recall: number;
  /** The same share after the mean similarity of each kind's prompts, over all kinds, is subtracted. */
  readonly centred: number;
}

export async function kindRecall(inference: Inference, sets: readonly EmbeddedSet[]): Promise<KindRecall[]> {
  const images = new Map<string, Float32Array[]>(Object.keys(prompts).map((kind) => [kind, []]));
  for (const { pictures, embeddings } of sets) {
    pictures.forEach(({ kind }, i) => images.get(kind)?.push(embeddings[i] ?? new Float32Array()));
  }
  const kinds = [...images.keys()].filter((kind) => (images.get(kind)?.length ?? 0) >= 20);
  const D = inference.model.manifest.embeddingSize;
  const labels: Float32Array[] = [];
  for (const kind of kinds) labels.push(ensemble(await inference.embedTexts(prompts[kind] ?? []), D));
  // similarities[k]: [pictures of kind k] of [kinds]
  const similarities = kinds.map((kind) =>
    (images.get(kind) ?? []).map((image) => labels.map((label) => dot(image, label))),
  );
  const means = kinds.map((_, label) => mean(similarities.map((rows) => mean(rows.map((row) => row[label] ?? NaN)))));
  const recallOf = (rows: readonly number[][], kind: number, offset: readonly number[]): number =>
    100 * mean(rows.map((row) => (largest(row.map((score, i) => score - (offset[i] ?? 0))) === kind ? 1 : 0)));
  const nothing = kinds.map(() => 0);
  return kinds.map((kind, k) => {
    const rows = similarities[k] ?? [];
    return { kind, pictures: rows.length, recall: recallOf(rows, k, nothing), centred: recallOf(rows, k, means) };
  });
}

function largest(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}
