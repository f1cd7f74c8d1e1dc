import type { ReportTable } from '../../shared/modelCard.ts';
import type { EarlierEvaluation } from '../earlierEvaluation.ts';
import type { Speed } from '../speed.ts';
import { beside, besideHead, oneDecimal, whole } from './cells.ts';

export function speedTable({ drawings, photos, text }: Speed, earlier: EarlierEvaluation | null): ReportTable {
  const hasEarlier = earlier !== null;
  const before = earlier?.speed;
  return {
    title: 'speed',
    head: ['', ...besideHead(hasEarlier)],
    rows: [
      ['drawings, images/s', ...beside(hasEarlier, before?.drawings, drawings, whole)],
      ...(photos === null ? [] : [['photos, images/s', ...beside(hasEarlier, before?.photos, photos, whole)]]),
      ['text, ms', ...beside(hasEarlier, before?.text, text, oneDecimal)],
    ],
  };
}
