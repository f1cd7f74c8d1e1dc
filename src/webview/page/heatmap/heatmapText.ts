import * as l10n from '@vscode/l10n';
import type { HeatmapReply } from '../../protocol.ts';
import { percent } from '../../../base/format.ts';
import type { HeatmapSettings } from '../gallery/savedState.ts';
import type { PromptMap } from './mapPainting.ts';

/** From this probability on, a cell clearly shows the prompt. */
const CLEARLY = 0.5;

/** The value of a cell or of the scale: a probability, or the share of the cosine. */
export function valueText(value: number, { method }: HeatmapSettings): string {
  return method === 'where' ? percent(value) : value.toFixed(3);
}

/** The method of a map, and the meaning of its colours. */
export function mapNote({ columns, rows, method, values }: HeatmapReply, settings: HeatmapSettings): string {
  return l10n.t('{0} × {1} cells, {2}. {3}', columns, rows, method, colourMeaning(values, settings));
}

function colourMeaning(values: HeatmapReply['values'], { relative, method }: HeatmapSettings): string {
  if (relative) {
    return l10n.t(
      'Colours are relative to this image. They show differences, not whether the image contains something.',
    );
  }
  if (method === 'where' && Math.max(...values) < CLEARLY) {
    return l10n.t('No part matches clearly. Turn on relative colours to see the nearest part.');
  }
  if (method === 'why') return l10n.t('Orange increases the similarity of this image, blue decreases it.');
  return l10n.t('Colours have the same meaning in every image.');
}

/** The label of a map for screen readers: its highest value, and the ninth of the picture with that value. */
export function mapLabel({ prompt, grid, similarity }: PromptMap, settings: HeatmapSettings): string {
  let best = 0;
  for (const [i, value] of grid.values.entries()) if (value > (grid.values[best] ?? 0)) best = i;
  const column = Math.floor((3 * ((best % grid.columns) + 0.5)) / grid.columns);
  const row = Math.floor((3 * (Math.floor(best / grid.columns) + 0.5)) / grid.rows);
  const regions = [
    [l10n.t('top left'), l10n.t('top'), l10n.t('top right')],
    [l10n.t('left'), l10n.t('centre'), l10n.t('right')],
    [l10n.t('bottom left'), l10n.t('bottom'), l10n.t('bottom right')],
  ];
  const value = valueText(grid.values[best] ?? 0, settings);
  const region = regions[row]?.[column] ?? '';
  return l10n.t('{0}: highest {1}, {2}; cosine {3}', prompt.text, value, region, similarity.toFixed(2));
}
