import type { ReportTable } from '../../shared/modelCard.ts';
import { mean } from '../../shared/statistics.ts';
import type { EarlierEvaluation } from '../earlierEvaluation.ts';
import type { KindRecall } from '../kinds.ts';
import { beside, besideHead, whole } from './cells.ts';

export function kindsTable(kinds: readonly KindRecall[], earlier: EarlierEvaluation | null): ReportTable {
  const hasEarlier = earlier !== null;
  const before = new Map(earlier?.kinds?.map((kind) => [kind.kind, kind]));
  const meanOf = (figure: (kind: KindRecall) => number): number => mean(kinds.map(figure));
  const meanBefore = mean(earlier?.kinds?.map(({ recall }) => recall) ?? []);
  return {
    title: 'kinds',
    head: ['kind', 'pictures', ...besideHead(hasEarlier, 'recall'), 'centred', ...besideHead(hasEarlier, 'as counted')],
    rows: [
      ...kinds.map(({ kind, pictures, trained, recall, centred, shipped }) => [
        trained ? `${kind} (training)` : kind,
        pictures,
        ...beside(hasEarlier, before.get(kind)?.recall, recall, whole),
        whole(centred),
        ...beside(hasEarlier, before.get(kind)?.shipped, shipped ?? NaN, whole),
      ]),
      [
        'mean',
        '',
        ...beside(
          hasEarlier,
          meanBefore,
          meanOf(({ recall }) => recall),
          whole,
        ),
        whole(meanOf(({ centred }) => centred)),
        ...(hasEarlier ? ['', ''] : ['']),
      ],
      ['chance', '', ...(hasEarlier ? [''] : []), whole(100 / kinds.length), '', ...(hasEarlier ? ['', ''] : [''])],
    ],
  };
}
