import type { TaggedFolder } from '../../../../src/taggedImages/taggedImages.ts';
import type { GalleryContent } from '../../../../src/webview/panel/galleryContent.ts';
import type { Match, Ranking } from '../../../../src/webview/panel/ranking.ts';
import { pathsOf, taggedFolder } from '../../taggedImages/samples.ts';

/** Ids are not positions: the id of the first image of a content. */
const FIRST_ID = 1000;

/** Creates the content of a gallery with ids in the order of the images. */
export function contentOf(...parts: readonly Partial<TaggedFolder>[]): GalleryContent {
  const folders = parts.map(taggedFolder);
  const images = folders.flatMap((folder) => folder.images);
  const starts = folders.map((_, i) => folders.slice(0, i).reduce((sum, folder) => sum + folder.images.length, 0));
  const ids = Uint32Array.from(images, (_, position) => FIRST_ID + position);
  return { folders, images, starts, ids, positions: new Map(Array.from(ids, (id, position) => [id, position])) };
}

/** Creates the result of a search by path: scores of likely images, and scores in brackets of unlikely ones. */
export function rankingOf(
  content: GalleryContent,
  found: Readonly<Record<string, number | readonly [number]>>,
): Ranking {
  const ranking = new Map<number, Match>();
  for (const [position, { path }] of content.images.entries()) {
    const score = found[path];
    if (score === undefined) continue;
    const match = { named: false, stack: position };
    ranking.set(
      position,
      typeof score === 'number' ? { ...match, score, likely: true } : { ...match, score: score[0], likely: false },
    );
  }
  return ranking;
}

export function pathsOfIds(content: GalleryContent, ids: Iterable<number>): string[] {
  return pathsOf(
    content,
    Array.from(ids, (id) => content.positions.get(id) ?? -1),
  );
}
