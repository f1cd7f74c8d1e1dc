import type { TaggedImage } from '../../../../src/library/index.ts';
import type { Pause } from '../../../../src/base/timeSlices.ts';
import type { Ranked, Ranking } from '../../../../src/webview/panel/filterImages.ts';
import type { GalleryContent, GalleryFolder, GalleryImage } from '../../../../src/webview/panel/galleryContent.ts';

/** Never gives the thread away: for contents that are small. */
export const noPause: Pause = () => Promise.resolve();

export interface FolderOf extends Partial<GalleryFolder> {
  readonly images: readonly TaggedImage[];
}

/** The content of a gallery; images are numbered through all folders, from 0 on. */
export function contentOf(...folders: readonly FolderOf[]): GalleryContent {
  const images = folders.flatMap((folder, place) => folder.images.map((image) => ({ folder: place, image })));
  const numbered = images.map((one, id): GalleryImage => ({ id, ...one }));
  return {
    folders: folders.map(({ key = 'file:///w', name = 'w', labelSets = [] }) => ({ key, name, labelSets })),
    images: numbered,
    byId: new Map(numbered.map((one) => [one.id, one])),
  };
}

/** What a search found, by path; scores of images that are likely, or (in brackets) that are not. */
export function rankingOf(
  content: GalleryContent,
  found: Readonly<Record<string, number | readonly [number]>>,
): Ranking {
  const ranking = new Map<number, Ranked>();
  for (const { id, image } of content.images) {
    const score = found[image.path];
    if (score !== undefined)
      ranking.set(id, typeof score === 'number' ? { score, likely: true } : { score: score[0], likely: false });
  }
  return ranking;
}

export function pathsOf(content: GalleryContent, ids: Iterable<number>): string[] {
  return Array.from(ids, (id) => content.byId.get(id)?.image.path ?? `no image ${id}`);
}
