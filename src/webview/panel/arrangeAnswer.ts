import * as vscode from 'vscode';
import { printable } from '../../base/printable.ts';
import { timeSlices } from '../../base/timeSlices.ts';
import { UserError } from '../../base/userError.ts';
import { searchFolders, whyNoImages } from '../../workspace/folders/searchFolders.ts';
import { unknownWordsIn, unknownWordText } from '../../workspace/folders/unknownWords.ts';
import { partialLines } from '../../workspace/indexing/partialText.ts';
import type { ImageFile } from '../../workspace/folders/imageFolder.ts';
import type { Services } from '../../workspace/services.ts';
import type { Arranged, Arrangement } from '../protocol.ts';
import { arrangeImages } from './arrangeImages.ts';
import type { GalleryContent } from './galleryContent.ts';
import type { GalleryData } from './galleryData.ts';
import type { Match, Ranking } from './ranking.ts';
import type { GroupTitles } from './sections.ts';

/** Maximum number of images that a search ranks. */
const MAX_RESULTS = 5000;

/** Searches, filters, sorts and groups the images for the page. */
export async function arrange(
  services: Services,
  data: GalleryData,
  arrangement: Arrangement,
  signal: AbortSignal,
): Promise<Arranged> {
  const content = await data.content();
  signal.throwIfAborted();
  try {
    const ranking = await rank(services, data, content, arrangement, signal);
    const coloured = await colouredPositions(content, data, arrangement.colours);
    const likeness = arrangement.group === 'likeness' ? await likenessOf(content, data, signal) : [];
    const pause = timeSlices();
    const cancellable = async (): Promise<void> => {
      signal.throwIfAborted();
      await pause();
    };
    const options = { ranking, coloured, likeness, titles: titles(), pause: cancellable };
    const partial = partialLines(services.folders.all(), services.indexer.state);
    const hints = ranking ? await hintsAt(services, arrangement.query, ranking, signal) : [];
    const message = [...(await data.errors()), ...partial, ...hints].join('\n') || whyEmpty(services, content);
    const words = await searchedWords(arrangement.query);
    return { ...(await arrangeImages(content, arrangement, options)), words, message };
  } catch (error) {
    // The user may still be typing the query, so the gallery shows its mistakes instead of an error message.
    if (!(error instanceof UserError)) throw error;
    const none = new Uint32Array();
    const nothing = { order: none, scores: new Float32Array(), copies: none, named: none, scoreOf: 'tag' as const };
    return { ...nothing, groups: [], words: [], total: content.images.length, message: error.message };
  }
}

/** Explains why indexed folders have no images. The page explains what to do if no folder is indexed. */
function whyEmpty({ indexer }: Services, { images, folders }: GalleryContent): string {
  if (images.length > 0 || indexer.state.kind === 'indexing') return '';
  return folders.length > 0 ? whyNoImages(folders.length) : '';
}

/** Returns null if there is no query. */
async function rank(
  { folders }: Services,
  data: GalleryData,
  content: GalleryContent,
  { query, names, stacked }: Arrangement,
  signal: AbortSignal,
): Promise<Ranking | null> {
  if (query.trim() === '') return null;
  const { hits } = await searchFolders(folders.all(), query, { limit: MAX_RESULTS, names, stack: stacked, signal });
  const pause = timeSlices();
  const ranking = new Map<number, Match>();
  for (const { folder, path, result } of hits) {
    signal.throwIfAborted();
    await pause();
    const { score, likely, basis, copies } = result;
    const files = [path, ...copies].map((copy) => ({ folder, path: copy }));
    const positions = await positionsOf(data, content, files);
    for (const position of positions) {
      ranking.set(position, { score, likely, named: basis === 'name', stack: positions[0] ?? position });
    }
  }
  return ranking;
}

/** Returns the hints at words of a query that the model may not know. */
async function hintsAt({ folders }: Services, query: string, ranking: Ranking, signal: AbortSignal): Promise<string[]> {
  const hasLikely = [...ranking.values()].some(({ likely }) => likely);
  const unknown = await unknownWordsIn(folders.all(), query, { hasLikely, signal });
  return unknown.map((word) => printable(unknownWordText(word)));
}

/** Returns the words and phrases that a query searches for, without those that it avoids. */
async function searchedWords(query: string): Promise<string[]> {
  if (query.trim() === '') return [];
  const { parseQuery } = await import('../../library/index.ts');
  return parseQuery(query).terms.flatMap((term) => (term.kind === 'text' && term.weight > 0 ? [term.text] : []));
}

/** Returns the positions of the images that have any of the colours; null without colours. */
async function colouredPositions(
  content: GalleryContent,
  data: GalleryData,
  colours: Arrangement['colours'],
): Promise<ReadonlySet<number> | null> {
  if (colours.length === 0) return null;
  const { pathsOfColours } = await import('../../library/index.ts');
  const coloured = new Set<number>();
  for (const folder of await data.folders()) {
    const paths = await folder.withLibrary((library) => pathsOfColours(library, colours));
    const files = paths.map((path) => ({ folder, path }));
    for (const position of await positionsOf(data, content, files)) coloured.add(position);
  }
  return coloured;
}

/** Groups of images that look alike, by content: they stay valid while the user changes filters and orders. */
const likenesses = new WeakMap<GalleryContent, number[][]>();

async function likenessOf(content: GalleryContent, data: GalleryData, signal: AbortSignal): Promise<number[][]> {
  const known = likenesses.get(content) ?? (await computeLikeness(content, data, signal));
  likenesses.set(content, known);
  return known;
}

async function computeLikeness(content: GalleryContent, data: GalleryData, signal: AbortSignal): Promise<number[][]> {
  const { nearDuplicates } = await import('../../library/index.ts');
  const groups: number[][] = [];
  for (const folder of await data.folders()) {
    for (const { images } of await folder.withLibrary((library) => nearDuplicates(library, { signal }))) {
      const files = images.map(({ path }) => ({ folder, path }));
      groups.push(await positionsOf(data, content, files));
    }
  }
  return groups.sort((a, b) => b.length - a.length);
}

/** Returns the positions of the files that the content includes. */
async function positionsOf(
  data: GalleryData,
  { positions }: GalleryContent,
  files: readonly ImageFile[],
): Promise<number[]> {
  const ids = await Promise.all(files.map((file) => data.idOf(file)));
  return ids
    .map((id) => (id === undefined ? undefined : positions.get(id)))
    .filter((position) => position !== undefined);
}

function titles(): GroupTitles {
  return {
    likely: vscode.l10n.t('Likely'),
    lessLikely: vscode.l10n.t('Less likely'),
    nothingStandsOut: vscode.l10n.t('No clear match; nearest images'),
    maybe: vscode.l10n.t('Maybe'),
    untagged: vscode.l10n.t('Untagged'),
    workspaceFolder: vscode.l10n.t('Workspace folder'),
    alike: vscode.l10n.t('Similar Images'),
    withoutLikeness: vscode.l10n.t('No Similar Image'),
  };
}
