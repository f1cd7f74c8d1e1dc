import { templateSets, type TemplateSet } from '../clip/index.ts';
import { readLabels, tagLibrary, type Tag, type TaggedImage } from '../library/index.ts';
import { percent, print, printCsv, printJson, table } from './output.ts';
import { formatOf, openSession, reportUpdate, type FolderOptions } from './session.ts';

export interface TagOptions extends FolderOptions {
  readonly labels: string;
  readonly templates?: TemplateSet;
  readonly top: number;
  readonly threshold: number;
  readonly show: number;
}

/** Images that a label's row names. */
const EXAMPLES = 3;

/** `assetlens tag`: every image with the labels that hold for it. */
export async function tag(folder: string, options: TagOptions): Promise<void> {
  const file = await readLabels(options.labels); // first: a mistake in it should not wait for the index
  const own = options.templates && templateSets[options.templates];
  const sets = file.sets.map((set) => ({ ...set, templates: own ?? set.templates ?? templateSets.icon }));
  await using session = await openSession(folder, options);
  const { library, summary } = session;

  const format = formatOf(options);
  if (format === 'csv') await printCsv([['path', 'label', 'score', 'error']]);
  const images: TaggedImage[] = [];
  const tagging = { limit: options.top, threshold: options.threshold, signal: options.signal };
  for await (const page of tagLibrary(library, sets, tagging)) {
    for (const image of page) {
      if (format === 'json') await printJson({ path: image.path, tags: image.tags.map(rounded) });
      if (format === 'csv') await printCsv(csvRows(image));
    }
    if (format === 'table') images.push(...page);
  }
  for (const { path, reason } of [...summary.failures, ...summary.unreadable]) {
    if (format === 'json') await printJson({ path, error: reason });
    if (format === 'csv') await printCsv([[path, '', '', reason]]);
  }
  if (format === 'table') await print(tagTables(images, options.show));
  reportUpdate(session, options);
}

/** A row a tag, or one row of an image without a tag. */
function csvRows({ path, tags }: TaggedImage): (string | number)[][] {
  if (tags.length === 0) return [[path, '', '', '']];
  return tags.map(({ label, score }) => [path, label, round(score), '']);
}

function tagTables(images: readonly TaggedImage[], show: number): string {
  const shown = show > 0 ? images.slice(0, show) : images;
  const perImage = table(
    ['image', 'labels'],
    shown.map(({ path, tags }) => [path, tagList(tags)]),
  );
  const hidden = images.length - shown.length;
  const more = hidden > 0 ? `… and ${hidden} more images (--show 0 for all)\n` : '';
  return `${perImage}${more}\n${labelTable(images)}`;
}

function tagList(tags: readonly Tag[]): string {
  return tags.length > 0 ? tags.map(({ label, score }) => `${label} ${percent(score)}`).join(', ') : '–';
}

/** How often each label holds, and its surest images. */
function labelTable(images: readonly TaggedImage[]): string {
  const byLabel = new Map<string, { path: string; score: number }[]>();
  for (const { path, tags } of images) {
    for (const { label, score } of tags) {
      const list = byLabel.get(label) ?? [];
      byLabel.set(label, list);
      list.push({ path, score });
    }
  }
  const rows = [...byLabel]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([label, list]) => {
      const surest = list.sort((a, b) => b.score - a.score).slice(0, EXAMPLES);
      return [label, list.length, surest.map(({ path, score }) => `${path} ${percent(score)}`).join(', ')];
    });
  const untagged = images.filter(({ tags }) => tags.length === 0).length;
  rows.push(['(no label)', untagged, '']);
  return table(['label', 'images', 'surest'], rows);
}

function rounded({ label, score }: { label: string; score: number }): { label: string; score: number } {
  return { label, score: round(score) };
}

/** Four decimals: more would suggest a precision that a confidence does not have. */
function round(score: number): number {
  return Number(score.toFixed(4));
}
