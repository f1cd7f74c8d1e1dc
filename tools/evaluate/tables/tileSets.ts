import type { ReportTable } from '../../shared/modelCard.ts';
import type { EarlierEvaluation } from '../earlierEvaluation.ts';
import type { SetAccuracy } from '../zeroShot.ts';
import { beside, besideHead, meanAccuracy, pair } from './cells.ts';

export function tileSetsTable(sets: readonly SetAccuracy[], earlier: EarlierEvaluation | null): ReportTable {
  const before = new Map(earlier?.tileSets?.map(({ set, accuracy }) => [set, accuracy]));
  const row = (title: string, all: readonly SetAccuracy[]): (string | number)[] => {
    const known = all.flatMap(({ set }) => before.get(set) ?? []);
    const now = meanAccuracy(all.map(({ accuracy }) => accuracy));
    return [
      title,
      pair(meanAccuracy(all.map(({ chance }) => chance)), 2),
      ...beside(earlier !== null, known.length === all.length ? meanAccuracy(known) : null, now, pair),
      pair(meanAccuracy(all.flatMap(({ byPrompting }) => byPrompting['sprite'] ?? []))),
    ];
  };
  return {
    title: 'tile sets',
    head: [
      'tile set (pictures, names)',
      'chance',
      ...besideHead(earlier !== null, 'bare name'),
      'ensemble for sprites',
    ],
    rows: [
      ...sets.map((set) => row(`${set.set} (${set.pictures}, ${set.names})`, [set])),
      row('mean of the tile sets', sets),
    ],
  };
}
