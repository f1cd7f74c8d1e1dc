import * as vscode from 'vscode';
import { findReferences } from '../../workspace/references/findReferences.ts';
import { readSettings } from '../../workspace/settings.ts';
import type { Services } from '../../workspace/services.ts';
import { uriOfImage } from '../../workspace/folders/targets.ts';
import type { Details, Duplicates, LabelScore, Reference } from '../protocol.ts';
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
  const labelSets = await folder.labelSets();
  const sets = await folder.withLibrary((library) => scoreLabels(library, path, labelSets, { threshold }, signal));
  const scores = sets.flatMap(({ name, labels }) =>
    labels.map(({ label, score, threshold: least, prompts, manual, holds }): LabelScore => ({
      set: name,
      label,
      score: score ?? Number(holds),
      threshold: least ?? 1,
      holds,
      manual: manual ?? null,
      prompts: [...prompts],
    })),
  );
  return scores.sort((a, b) => Number(b.manual !== null) - Number(a.manual !== null) || b.score - a.score);
}

export async function duplicatesOf(
  data: GalleryData,
  { folder, path }: KnownImage,
  signal: AbortSignal,
): Promise<Duplicates> {
  const { duplicatesOf } = await import('../../library/index.ts');
  const { copies, near } = await folder.withLibrary((library) => duplicatesOf(library, path, {}, signal));
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

/** Places of texts that are shown. */
const MOST_REFERENCES = 100;

/** Where texts of the workspace refer to an image. */
export async function referencesOf(
  { folders }: Services,
  image: KnownImage,
  signal: AbortSignal,
): Promise<{ references: Reference[]; complete: boolean }> {
  const references: Reference[] = [];
  // One more than is shown tells whether that is all.
  for await (const { uri, range, text } of findReferences(folders, uriOfImage(image), {
    limit: MOST_REFERENCES + 1,
    signal,
  })) {
    if (references.length === MOST_REFERENCES) return { references, complete: false };
    references.push({
      uri: uri.toString(),
      file: vscode.workspace.asRelativePath(uri),
      line: range.start.line,
      start: range.start.character,
      end: range.end.character,
      text,
    });
  }
  return { references, complete: true };
}
