import * as vscode from 'vscode';
import { UserError } from '../../base/userError.ts';
import { searchFolders, whyNoImages } from '../../workspace/folders/searchFolders.ts';
import type { Services } from '../../workspace/services.ts';
import { timeSlices } from '../../base/timeSlices.ts';
import type { Arranged, Arrangement } from '../protocol.ts';
import { arrangeImages, type GroupTitles } from './arrangeImages.ts';
import type { Ranked, Ranking } from './filterImages.ts';
import type { GalleryContent } from './galleryContent.ts';
import type { GalleryData } from './galleryData.ts';

/** Images that a search ranks at all. */
const MOST_RESULTS = 5000;
/** Least cosine of images that are grouped as alike. */
const ALIKE = 0.95;

/** What the page is to show: found, filtered, sorted and grouped. */
export async function arrange(
  services: Services,
  data: GalleryData,
  arrangement: Arrangement,
  signal: AbortSignal,
): Promise<Arranged> {
  const content = await data.content();
  signal.throwIfAborted();
  try {
    const ranking = await rank(services, data, arrangement, signal);
    const likeness = arrangement.group === 'likeness' ? await likenessOf(content, data, signal) : [];
    const pause = timeSlices();
    const cancellable = async (): Promise<void> => {
      signal.throwIfAborted();
      await pause();
    };
    const options = { ranking, likeness, titles: titles(), pause: cancellable };
    const message = (await data.mistakes()).join('\n') || (await whyEmpty(services, data, content));
    return { ...(await arrangeImages(content, arrangement, options)), message };
  } catch (error) {
    // A query that is still being typed is no mistake yet: it is said in the gallery and not in a box.
    if (!(error instanceof UserError)) throw error;
    const nothing = { order: new Uint32Array(), scores: new Float32Array(), groups: [] };
    return { ...nothing, total: content.images.length, message: error.message };
  }
}

/** Where somebody has looked and found nothing; the page itself says what to do where nobody has looked yet. */
async function whyEmpty({ indexer }: Services, data: GalleryData, content: GalleryContent): Promise<string> {
  if (content.images.length > 0 || indexer.state.kind === 'indexing') return '';
  const { length } = await data.folders();
  return length > 0 ? whyNoImages(length) : '';
}

async function rank(
  { folders }: Services,
  data: GalleryData,
  { query, names }: Arrangement,
  signal: AbortSignal,
): Promise<Ranking> {
  if (query.trim() === '') return null;
  const { hits } = await searchFolders(folders.all(), query, { limit: MOST_RESULTS, names, signal });
  const pause = timeSlices();
  const ranking = new Map<number, Ranked>();
  for (const { folder, path, result } of hits) {
    signal.throwIfAborted();
    await pause();
    for (const own of [path, ...result.copies]) {
      const id = await data.idOf({ folder, path: own });
      if (id !== undefined) ranking.set(id, { score: result.score, likely: result.likely });
    }
  }
  return ranking;
}

/** Compared once, however often the same images are filtered and sorted anew. */
const likenesses = new WeakMap<GalleryContent, number[][]>();

async function likenessOf(content: GalleryContent, data: GalleryData, signal: AbortSignal): Promise<number[][]> {
  const known = likenesses.get(content) ?? (await alike(data, signal));
  likenesses.set(content, known);
  return known;
}

async function alike(data: GalleryData, signal: AbortSignal): Promise<number[][]> {
  const { nearDuplicates } = await import('../../library/index.ts');
  const groups: number[][] = [];
  for (const folder of await data.folders()) {
    const found = await folder.withLibrary((library) => nearDuplicates(library, { similarity: ALIKE, signal }));
    for (const { images } of found) {
      const ids = await Promise.all(images.map(({ path }) => data.idOf({ folder, path })));
      groups.push(ids.filter((id) => id !== undefined));
    }
  }
  return groups.sort((a, b) => b.length - a.length);
}

function titles(): GroupTitles {
  return {
    likely: vscode.l10n.t('Likely'),
    lessLikely: vscode.l10n.t('Less likely'),
    nothingStandsOut: vscode.l10n.t('Nothing stands out; the nearest are'),
    uncertain: vscode.l10n.t('Uncertain'),
    untagged: vscode.l10n.t('Untagged'),
    workspaceFolder: vscode.l10n.t('Workspace folder'),
    alike: vscode.l10n.t('Look alike'),
    withoutLikeness: vscode.l10n.t('Without a look-alike'),
  };
}
