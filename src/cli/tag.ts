import { csvPath } from '../base/csv.ts';
import { percent } from '../base/format.ts';
import { templateSets, type TemplateSet } from '../clip/index.ts';
import {
  MAYBE_FROM,
  readLabels,
  tagLibrary,
  type LabelSet,
  type LabelsFile,
  type Tag,
  type TaggedImage,
} from '../library/index.ts';
import { labelFiles } from './labels.ts';
import { print, printCsv, printJson, table } from './output.ts';
import { formatOf, openSession, reportUpdate, type FolderOptions, type Session } from './session.ts';
import { text, type Text } from './text.ts';

export interface TagOptions extends FolderOptions {
  /** File of labels. */
  readonly labels?: string;
  /** Names of label presets. */
  readonly preset?: readonly string[];
  /** The default labels. */
  readonly labelsFile: string;
  readonly templates?: TemplateSet;
  readonly top: number;
  readonly threshold: number;
  readonly show: number;
  /** Whether to list maybe labels too. */
  readonly maybe?: boolean;
}

/** Example images in the row of a label. */
const EXAMPLES = 3;

/** `assetlens tag`: lists every image with its labels. */
export async function tag(folder: string, options: TagOptions): Promise<void> {
  const sets = await readSets(options); // before the update of the index, so that mistakes are reported immediately
  await using session = await openSession(folder, options);
  const format = formatOf(options);
  const columns = ['path', 'label', 'score', 'error'];
  if (format === 'csv') await printCsv([options.maybe === true ? [...columns, 'maybe'] : columns]);
  const images: TaggedImage[] = [];
  for await (const page of taggedImages(session, sets, options)) {
    for (const image of page) {
      if (format === 'json') await printJson(jsonOf(image, options));
      if (format === 'csv') await printCsv(csvRows(image, options));
    }
    if (format === 'table') images.push(...page);
  }
  for (const { path, reason } of [...session.summary.failures, ...session.summary.unreadable]) {
    if (format === 'json') await printJson({ path, error: reason });
    if (format === 'csv') await printCsv([[csvPath(path), '', '', reason]]);
  }
  if (format === 'table') await print(tagTables(images, options.show));
  reportUpdate(session, options);
}

async function readSets(options: TagOptions): Promise<LabelSet[]> {
  const { templates } = options;
  const files = await Promise.all(labelFiles(options).map((file) => readLabels(file)));
  const sets = withoutRepetitions(files.flatMap((file) => file.sets));
  const override = templates && templateSets[templates];
  return sets.map((set) => ({ ...set, templates: override ?? set.templates ?? templateSets.icon }));
}

/** Removes the labels that an earlier set has: presets have labels in common. */
function withoutRepetitions(sets: LabelsFile['sets']): LabelsFile['sets'] {
  const known = new Set<string>();
  return sets.map((set) => {
    const labels = set.labels.filter(({ name }) => !known.has(name));
    for (const { name } of labels) known.add(name);
    return { ...set, labels };
  });
}

async function* taggedImages(
  { library, where }: Session,
  sets: readonly LabelSet[],
  { top, threshold, maybe, signal }: TagOptions,
): AsyncGenerator<TaggedImage[]> {
  const tagOptions = { limit: top, threshold, maybeFrom: maybe === true ? MAYBE_FROM : 1, signal };
  for await (const page of tagLibrary(library, sets, tagOptions)) {
    yield where ? page.filter(({ path }) => where(path)) : page;
  }
}

function jsonOf({ path, tags, maybe }: TaggedImage, options: Pick<TagOptions, 'maybe'>): object {
  return { path, tags: tags.map(rounded), ...(options.maybe === true ? { maybe: maybe.map(rounded) } : {}) };
}

/** Returns one row per label, or one row for an image without tags. */
function csvRows({ path, tags, maybe }: TaggedImage, options: Pick<TagOptions, 'maybe'>): (string | number)[][] {
  const rowOf = ({ label, score }: Tag): (string | number)[] => [csvPath(path), label, round(score), ''];
  const rows = tags.length > 0 ? tags.map(rowOf) : [[csvPath(path), '', '', '']];
  if (options.maybe !== true) return rows;
  return [...rows.map((row) => [...row, 'false']), ...maybe.map((tag) => [...rowOf(tag), 'true'])];
}

function tagTables(images: readonly TaggedImage[], show: number): Text {
  const shown = show > 0 ? images.slice(0, show) : images;
  const perImage = table(
    ['image', 'labels'],
    shown.map(({ path, tags, maybe }) => [path, tagList(tags, maybe)]),
  );
  const hidden = images.length - shown.length;
  const more = hidden > 0 ? text`… and ${hidden} more images (--show 0 shows all)\n` : '';
  return text`${perImage}${more}\n${labelTable(images)}`;
}

function tagList(tags: readonly Tag[], maybe: readonly Tag[]): string {
  const sure = tags.map(({ label, score }) => `${label} ${percent(score)}`);
  const unsure = maybe.map(({ label, score }) => `${label}? ${percent(score)}`);
  return [...sure, ...unsure].join(', ') || '–';
}

/** Lists how many images each label applies to, with the best matches. */
function labelTable(images: readonly TaggedImage[]): Text {
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
      const best = list.sort((a, b) => b.score - a.score).slice(0, EXAMPLES);
      return [label, list.length, best.map(({ path, score }) => `${path} ${percent(score)}`).join(', ')];
    });
  const untagged = images.filter(({ tags }) => tags.length === 0).length;
  rows.push(['(no label)', untagged, '']);
  return table(['label', 'images', 'best matches'], rows);
}

function rounded({ label, score }: { label: string; score: number }): { label: string; score: number } {
  return { label, score: round(score) };
}

/** Rounds to four decimals. More digits would suggest a precision that a confidence does not have. */
function round(score: number): number {
  return Number(score.toFixed(4));
}
