import type { ReportTable } from '../../shared/modelCard.ts';
import type { EarlierEvaluation } from '../earlierEvaluation.ts';
import type { PhotoQuality } from '../photos.ts';
import { beside, besideHead, oneDecimal, pair } from './cells.ts';

export function photosTable(now: PhotoQuality, earlier: EarlierEvaluation | null): ReportTable {
  const hasEarlier = earlier !== null;
  const before = earlier?.photos;
  const chance = { top1: 100 / now.names, top5: 500 / now.names };
  return {
    title: 'photos',
    head: ['question', 'chance', ...besideHead(hasEarlier)],
    rows: [
      [
        `the name among ${now.names}, by the cosine (top-1 / top-5)`,
        pair(chance, 2),
        ...beside(hasEarlier, before?.zeroShot, now.zeroShot, pair),
      ],
      ...(now.asTags
        ? [
            [
              `the name among ${now.names}, by the confidence (top-1 / top-5)`,
              pair(chance, 2),
              ...beside(hasEarlier, before?.asTags, now.asTags, pair),
            ],
          ]
        : []),
      [
        `searches for ${now.common.words} common words (mAP)`,
        oneDecimal(now.common.chance),
        ...beside(hasEarlier, before?.common.map, now.common.map, oneDecimal),
      ],
    ],
  };
}
