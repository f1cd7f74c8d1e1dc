import * as l10n from '@vscode/l10n';
import { printable } from '../../../base/printable.ts';
import { everything, type Arrangement } from '../../protocol.ts';
import { colourName, sizeName, taggingName } from './filterNames.ts';

/** The number of filters that are set. */
export function countFilters(arrangement: Arrangement): number {
  const { labels, tagging, score, formats, size, colours, folder } = arrangement;
  const areSet = [
    labels.length > 0,
    tagging !== 'all',
    score.least > 0 || score.most < 1,
    formats.length > 0,
    size !== 'all',
    colours.length > 0,
    folder !== '',
  ];
  return areSet.filter(Boolean).length;
}

/** An arrangement's filters, unset. */
export const NO_FILTERS: Partial<Arrangement> = {
  labels: everything.labels,
  labelMode: everything.labelMode,
  tagging: everything.tagging,
  score: everything.score,
  formats: everything.formats,
  size: everything.size,
  colours: everything.colours,
  folder: everything.folder,
};

/** A filter that is set. */
export interface FilterChip {
  /** Describes the filter. */
  readonly text: string;
  /** The change of the arrangement that removes the filter. */
  readonly without: Partial<Arrangement>;
}

/** Lists the filters that are set, each value of a list apart. */
export function chipsOf({
  labels,
  labelMode,
  tagging,
  score,
  formats,
  size,
  colours,
  folder,
}: Arrangement): FilterChip[] {
  const chips: FilterChip[] = [];
  const add = (text: string, without: Partial<Arrangement>): void => {
    chips.push({ text: printable(text), without });
  };
  if (tagging !== 'all') add(taggingName(tagging), { tagging: everything.tagging });
  for (const chosen of labels) {
    const text = labelMode === 'none' ? l10n.t('not {0}', chosen.label) : chosen.label;
    const others = labels.filter((label) => label !== chosen);
    // The mode of no labels would not be visible.
    add(text, others.length > 0 ? { labels: others } : { labels: others, labelMode: everything.labelMode });
  }
  if (score.least > 0 || score.most < 1) {
    const [least, most] = [Math.round(100 * score.least), Math.round(100 * score.most)];
    add(l10n.t('{0} to {1} %', least, most), { score: everything.score });
  }
  for (const format of formats) add(format, { formats: formats.filter((other) => other !== format) });
  if (size !== 'all') add(sizeName(size), { size: everything.size });
  for (const colour of colours) add(colourName(colour), { colours: colours.filter((other) => other !== colour) });
  if (folder !== '') add(folderName(folder), { folder: everything.folder });
  return chips;
}

/** Returns the path in the key of a folder, or the name of the workspace folder. See folderKey. */
function folderName(key: string): string {
  const [workspaceFolder = '', path = ''] = key.split('\n');
  return path === '' ? decodeURIComponent(workspaceFolder.slice(workspaceFolder.lastIndexOf('/') + 1)) : path;
}
