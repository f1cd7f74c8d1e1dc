import * as vscode from 'vscode';
import { readSettings } from '../../workspace/settings.ts';
import type { Services } from '../../workspace/services.ts';
import type { Details, Duplicates, LabelScore } from '../protocol.ts';
import type { GalleryData, KnownImage } from './galleryData.ts';
import { propertiesOf } from './imageProperties.ts';
import { tileOf } from './tiles.ts';

/** Near duplicates that are shown. */
const MOST_DUPLICATES = 24;

/** All that is said of one image beside its picture. */
export async function detailsOf(
  services: Services,
  data: GalleryData,
  id: number,
  signal: AbortSignal,
): Promise<Details> {
  const image = await data.image(id);
  const several = (await data.folders()).length > 1;
  const [scores, properties] = await Promise.all([scoresOf(image, signal), propertiesOf(services, image, signal)]);
  return { tile: tileOf(image, several), scores, properties };
}

/** Of all labels, the surest first; what somebody said comes before all. */
async function scoresOf({ folder, path }: KnownImage, signal: AbortSignal): Promise<LabelScore[]> {
  const { scoreLabels } = await import('../../library/index.ts');
  const { threshold } = readSettings(folder.uri);
  const sets = await scoreLabels(await folder.library(), path, await folder.labelSets(), { threshold }, signal);
  const scores = sets.flatMap(({ name, labels }) =>
    labels.map(({ label, score, threshold: least, prompts, byHand, holds }): LabelScore => ({
      set: name,
      label,
      score: score ?? Number(holds),
      threshold: least ?? 1,
      holds,
      byHand: byHand ?? null,
      prompts: [...prompts],
    })),
  );
  return scores.sort((a, b) => Number(b.byHand !== null) - Number(a.byHand !== null) || b.score - a.score);
}

export async function duplicatesOf(
  data: GalleryData,
  { folder, path }: KnownImage,
  signal: AbortSignal,
): Promise<Duplicates> {
  const library = await import('../../library/index.ts');
  const { copies, near } = await library.duplicatesOf(await folder.library(), path, {}, signal);
  const all = [
    ...copies.map((image) => ({ path: image.path, cosine: 1, isCopy: true })),
    ...near.map((image) => ({ path: image.path, cosine: Math.min(1, image.similarity), isCopy: false })),
  ];
  const images: Duplicates['images'] = [];
  for (const one of all.slice(0, MOST_DUPLICATES)) {
    const id = await data.idOf({ folder, path: one.path });
    if (id !== undefined) images.push({ id, ...one });
  }
  return { images };
}

export async function referencesOf(): Promise<never> {
  await Promise.resolve();
  throw new Error(vscode.l10n.t('not yet'));
}
