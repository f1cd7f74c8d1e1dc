import * as l10n from '@vscode/l10n';
import type { HeatmapReply, SavedState } from '../../protocol.ts';
import type { PromptMap } from './mapPainting.ts';
import { percent } from '../../../base/format.ts';

type Settings = SavedState['heatmap'];

/** A part that shows something rather than the background and all else. */
const CLEARLY = 0.5;

/** Of a cell, or of the scale: a probability, or what the part adds to the cosine. */
export function valueText(value: number, { method }: Settings): string {
  return method === 'where' ? percent(value) : value.toFixed(3);
}

/** How a map was made, and what its colours mean. */
export function madeHow({ columns, rows, method, values }: HeatmapReply, settings: Settings): string {
  return l10n.t('{0} × {1} cells, {2}. {3}', columns, rows, method, colourMeaning(values, settings));
}

function colourMeaning(values: HeatmapReply['values'], { relative, method }: Settings): string {
  if (relative) {
    return l10n.t('Colours are relative to this image: they show differences, not whether something is there.');
  }
  if (method === 'where' && Math.max(...values) < CLEARLY) {
    return l10n.t('No part shows it clearly. Relative colours show where it comes nearest.');
  }
  if (method === 'why') return l10n.t('Orange adds to the similarity of this image, blue takes from it.');
  return l10n.t('The colours mean the same in every image.');
}

/** What a screen reader says of a map: its highest value, and in which ninth of the picture that is. */
export function spokenMap({ prompt, grid, similarity }: PromptMap, settings: Settings): string {
  let best = 0;
  for (const [i, value] of grid.values.entries()) if (value > (grid.values[best] ?? 0)) best = i;
  const column = Math.floor((3 * ((best % grid.columns) + 0.5)) / grid.columns);
  const row = Math.floor((3 * (Math.floor(best / grid.columns) + 0.5)) / grid.rows);
  const places = [
    [l10n.t('top left'), l10n.t('top'), l10n.t('top right')],
    [l10n.t('left'), l10n.t('centre'), l10n.t('right')],
    [l10n.t('bottom left'), l10n.t('bottom'), l10n.t('bottom right')],
  ];
  const value = valueText(grid.values[best] ?? 0, settings);
  const place = places[row]?.[column] ?? '';
  return l10n.t('{0}: highest {1}, {2}; cosine {3}', prompt.text, value, place, similarity.toFixed(2));
}
