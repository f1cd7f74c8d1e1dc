import type { ReportTable } from '../../shared/modelCard.ts';
import { SHOWN_FROM, type CalibrationError } from '../confidences.ts';
import type { EarlierEvaluation } from '../earlierEvaluation.ts';
import { beside, besideHead } from './cells.ts';

export function calibrationTable(errors: readonly CalibrationError[], earlier: EarlierEvaluation | null): ReportTable {
  const hasEarlier = earlier !== null;
  const before = new Map(earlier?.confidences?.errors?.map((error) => [error.group, error]));
  const points = (value: number): string => (Number.isNaN(value) ? '–' : value.toFixed(2));
  return {
    title: 'calibration',
    head: [
      ...['pictures', 'pairs', ...besideHead(hasEarlier, 'error')],
      `pairs from ${SHOWN_FROM}`,
      ...besideHead(hasEarlier, 'their error'),
    ],
    rows: errors.map(({ group, pairs, error, shownPairs, shownError }) => [
      group,
      pairs,
      ...beside(hasEarlier, before.get(group)?.error, error, points),
      shownPairs,
      ...beside(hasEarlier, before.get(group)?.shownError, shownError, points),
    ]),
  };
}
