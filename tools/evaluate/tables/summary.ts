import type { ReportTable } from '../../shared/modelCard.ts';
import { mean } from '../../shared/statistics.ts';
import type { EarlierEvaluation } from '../earlierEvaluation.ts';
import type { Evaluation } from '../evaluation.ts';
import type { TagLevel } from '../tagQuality.ts';
import type { Accuracy } from '../zeroShot.ts';
import { beside, besideHead, meanAccuracy, oneDecimal, pair, whole } from './cells.ts';

/** A style counts as worse than with the earlier model if its top-5 is lower by more points. */
const WORSE = 2;

type Row = (string | number)[];

/** The most important figures, beside those of the earlier model. */
export function summaryTable(now: Evaluation, earlier: EarlierEvaluation | null): ReportTable {
  const hasEarlier = earlier !== null;
  const row = <T>(title: string, before: T | null | undefined, value: T, cell: (value: T) => string): Row => [
    title,
    ...beside(hasEarlier, before, value, cell),
  ];
  return {
    title: 'summary',
    head: ['figure', ...besideHead(hasEarlier)],
    rows: [
      row('drawings: name, mean of the styles', meanOf(earlier?.zeroShot), meanOf(now.zeroShot), pair),
      ...(earlier ? [worseStyles(now, earlier)] : []),
      ...(now.tileSets
        ? [row('game sprites: name, mean of the tile sets', meanOf(earlier?.tileSets), meanOf(now.tileSets), pair)]
        : []),
      ...(now.photos
        ? [
            row('photos: name', earlier?.photos?.zeroShot, now.photos.zeroShot, pair),
            row('photos: common words, mAP', earlier?.photos?.common.map, now.photos.common.map, oneDecimal),
            row(
              'photos with a right tag (0.3)',
              tagsOf(earlier?.tags, 'shown')?.withRight,
              tagsOf(now.tags, 'shown')?.withRight ?? NaN,
              oneDecimal,
            ),
            row(
              'photos with a wrong tag (0.3)',
              tagsOf(earlier?.tags, 'shown')?.withWrong,
              tagsOf(now.tags, 'shown')?.withWrong ?? NaN,
              oneDecimal,
            ),
            row(
              'photos with a wrong confident tag (0.5)',
              tagsOf(earlier?.tags, 'confident')?.withWrong,
              tagsOf(now.tags, 'confident')?.withWrong ?? NaN,
              oneDecimal,
            ),
          ]
        : []),
      row('kinds: mean recall', earlier?.kinds && recallOf(earlier.kinds), recallOf(now.kinds), whole),
      row('colours: first result has colour and shape', earlier?.colours?.both, now.colours.both, oneDecimal),
      row('speed: drawings, images/s', earlier?.speed?.drawings, now.speed.drawings, whole),
      row('speed: photos, images/s', earlier?.speed?.photos, now.speed.photos ?? NaN, whole),
      row('speed: text, ms', earlier?.speed?.text, now.speed.text, oneDecimal),
    ],
  };
}

/** The tags of photos from a confidence on. */
function tagsOf<Levels extends { readonly group: string; readonly levels: readonly { readonly level: string }[] }>(
  tags: readonly Levels[] | null | undefined,
  wanted: TagLevel['level'],
): Levels['levels'][number] | undefined {
  return tags?.find(({ group }) => group === 'photos')?.levels.find(({ level }) => level === wanted);
}

interface NamedAccuracies {
  readonly set: string;
  readonly accuracy: Accuracy;
}

/** The mean of bare names; NaN without sets. */
function meanOf(sets: readonly NamedAccuracies[] | null | undefined): Accuracy {
  return meanAccuracy(sets?.map(({ accuracy }) => accuracy) ?? []);
}

function recallOf(kinds: readonly { readonly recall: number }[]): number {
  return mean(kinds.map(({ recall }) => recall));
}

function worseStyles({ zeroShot }: Evaluation, earlier: EarlierEvaluation): Row {
  const before = new Map(earlier.zeroShot.map(({ set, accuracy }) => [set, accuracy.top5]));
  const worse = zeroShot.filter(({ set, accuracy }) => accuracy.top5 < (before.get(set) ?? NaN) - WORSE);
  const names = worse.map(({ set }) => set).join(', ');
  return [`styles whose top-5 is lower by more than ${WORSE} points`, '', names === '' ? 'none' : names];
}
