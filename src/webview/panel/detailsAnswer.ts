import * as vscode from 'vscode';
import { findReferences } from '../../workspace/references/findReferences.ts';
import { readSettings } from '../../workspace/settings.ts';
import type { Services } from '../../workspace/services.ts';
import { uriOfImage } from '../../workspace/folders/targets.ts';
import type { Details, Duplicates, LabelScore, Reference, References } from '../protocol.ts';
import type { GalleryData, KnownImage } from './galleryData.ts';
import { propertiesOf } from './imageProperties.ts';
import { tileOf } from './tiles.ts';

/** Maximum number of near duplicates. */
const MAX_DUPLICATES = 24;
/** Maximum number of references. */
const MAX_REFERENCES = 100;

/** The labels and the properties of one image. */
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

/** The scores of all labels, the best first. Labels with a manual tag come before all others. */
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

/** The copies and near duplicates of an image. */
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
  for (const duplicate of all.slice(0, MAX_DUPLICATES)) {
    const id = await data.idOf({ folder, path: duplicate.path });
    if (id !== undefined) images.push({ id, ...duplicate });
  }
  return { images };
}

/** The places in texts of the workspace that refer to an image. */
export async function referencesOf({ folders }: Services, image: KnownImage, signal: AbortSignal): Promise<References> {
  const references: Reference[] = [];
  for await (const { uri, range, text } of findReferences(folders, uriOfImage(image), {
    limit: MAX_REFERENCES + 1, // one more shows whether the list is complete
    signal,
  })) {
    if (references.length === MAX_REFERENCES) return { references, complete: false };
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
