import type { ReportTable } from '../shared/modelCard.ts';
import { mean } from '../shared/statistics.ts';
import type { ConfidenceQuality } from './confidences.ts';
import type { EarlierEvaluation } from './earlierEvaluation.ts';
import type { Evaluation } from './evaluation.ts';
import { SHOTS, type FewShotCurve } from './fewShot.ts';
import { pooled, queryKinds, type QueryKind } from './retrieval.ts';
import { calibrationTable } from './tables/calibration.ts';
import { beside, besideHead, meanAccuracy, oneDecimal, pair, signed, whole } from './tables/cells.ts';
import { coloursTable } from './tables/colours.ts';
import { kindsTable } from './tables/kinds.ts';
import { photosTable } from './tables/photos.ts';
import { speedTable } from './tables/speed.ts';
import { summaryTable } from './tables/summary.ts';
import { tagsTable } from './tables/tags.ts';
import { tileSetsTable } from './tables/tileSets.ts';
import type { Accuracy, SetAccuracy } from './zeroShot.ts';

/** The tables of an evaluation, beside the figures of an earlier model where there is one. */
export function reportTables(evaluation: Evaluation, earlier: EarlierEvaluation | null): ReportTable[] {
  const { zeroShot, tileSets, photos, unseen, colours, confidences, tags, fewShot, kinds, speed } = evaluation;
  return [
    summaryTable(evaluation, earlier),
    styles(evaluation, earlier),
    promptTemplates(zeroShot),
    ...(tileSets ? [tileSetsTable(tileSets, earlier)] : []),
    ...(photos ? [photosTable(photos, earlier)] : []),
    ...(unseen ? [unseenConcepts(unseen, zeroShot, earlier)] : []),
    textToImage(evaluation, earlier),
    coloursTable(colours, earlier),
    ...(fewShot.length > 0 ? [fewShotTable(fewShot)] : []),
    kindsTable(kinds, earlier),
    ...(confidences ? confidenceTables(confidences, earlier) : []),
    ...(tags ? [tagsTable(tags, earlier)] : []),
    speedTable(speed, earlier),
  ];
}

function confidenceTables(
  { labels, reliability, thresholds, errors }: ConfidenceQuality,
  earlier: EarlierEvaluation | null,
): ReportTable[] {
  const before = new Map(earlier?.confidences?.thresholds.map((quality) => [quality.threshold, quality]));
  const hasEarlier = earlier !== null;
  return [
    {
      title: 'coarse labels',
      head: ['label', 'pictures', 'chance', 'first 20 right', 'average precision'],
      rows: labels
        .toSorted((a, b) => b.averagePrecision - a.averagePrecision)
        .map(({ label, pictures, share, correctOf20, averagePrecision }) => [
          label,
          pictures,
          oneDecimal(share),
          5 * correctOf20,
          whole(averagePrecision),
        ]),
    },
    {
      title: 'reliability',
      head: ['confidence', 'pairs', 'mean confidence', 'true'],
      rows: reliability.map((bin) => [
        `${bin.from} to ${bin.from + 10}`,
        bin.pairs,
        whole(bin.confidence),
        whole(bin.true),
      ]),
    },
    calibrationTable(errors, earlier),
    {
      title: 'thresholds',
      head: ['shown from a confidence of', ...besideHead(hasEarlier, 'precision'), ...besideHead(hasEarlier, 'recall')],
      rows: thresholds.map(({ threshold, precision, recall }) => [
        threshold,
        ...beside(hasEarlier, before.get(threshold)?.precision, precision, whole),
        ...beside(hasEarlier, before.get(threshold)?.recall, recall, whole),
      ]),
    },
  ];
}

function styles({ zeroShot, retrieval }: Evaluation, earlier: EarlierEvaluation | null): ReportTable {
  const hasEarlier = earlier !== null;
  const before = new Map(earlier?.zeroShot.map(({ set, accuracy }) => [set, accuracy]));
  const mapsOf = (sets: EarlierEvaluation['retrieval'] | Evaluation['retrieval']) =>
    new Map(sets?.map(({ set, map }) => [set, map]));
  const [maps, mapsBefore] = [mapsOf(retrieval), mapsOf(earlier?.retrieval)];
  const row = (title: string, all: readonly SetAccuracy[]): (string | number)[] => {
    const known = all.map(({ set }) => before.get(set) ?? { top1: NaN, top5: NaN });
    const meanMap = (of: ReadonlyMap<string, number>): number => mean(all.map(({ set }) => of.get(set) ?? NaN));
    return [
      title,
      pair(meanAccuracy(all.map(({ chance }) => chance)), 2),
      ...beside(hasEarlier, meanAccuracy(known), meanAccuracy(all.map(({ accuracy }) => accuracy)), pair),
      ...beside(hasEarlier, meanMap(mapsBefore), meanMap(maps), oneDecimal),
    ];
  };
  const ranked = zeroShot.toSorted((a, b) => b.accuracy.top5 - a.accuracy.top5);
  return {
    title: 'styles',
    head: [
      ...['style (pictures, names)', 'chance'],
      ...besideHead(hasEarlier, 'bare name'),
      ...besideHead(hasEarlier, 'mAP'),
    ],
    rows: [
      ...ranked.map((set) => row(`${set.set} (${set.pictures}, ${set.names})`, [set])),
      row('mean of the styles', zeroShot),
    ],
  };
}

function promptTemplates(zeroShot: readonly SetAccuracy[]): ReportTable {
  const first = zeroShot[0];
  return {
    title: 'prompt templates',
    head: ['templates', 'top-1 / top-5', 'beside bare names', 'better / worse styles (top-5)'],
    rows: Object.keys(first?.byPrompting ?? {}).map((prompting) => {
      const [these, bare] = [
        meanAccuracy(accuraciesOf(zeroShot, prompting)),
        meanAccuracy(accuraciesOf(zeroShot, 'bare')),
      ];
      const gains = zeroShot.map((set) => top5(set, prompting) - top5(set, 'bare'));
      const count = (wanted: (gain: number) => boolean): number => gains.filter(wanted).length;
      return [
        prompting,
        pair(these),
        prompting === 'bare' ? '' : `${signed(these.top1 - bare.top1)} / ${signed(these.top5 - bare.top5)}`,
        prompting === 'bare' ? '' : `${count((gain) => gain > 0)} / ${count((gain) => gain < 0)}`,
      ];
    }),
  };
}

function unseenConcepts(
  unseen: NonNullable<Evaluation['unseen']>,
  zeroShot: readonly SetAccuracy[],
  earlier: EarlierEvaluation | null,
): ReportTable {
  const before = new Map(earlier?.unseen?.map((set) => [set.set, set]));
  const ofStyles = new Map(zeroShot.map(({ set, accuracy }) => [set, accuracy]));
  const ofStyle = ({ set }: { readonly set: string }): Accuracy => ofStyles.get(set) ?? { top1: NaN, top5: NaN };
  const some = unseen.filter(({ pictures }) => pictures > 0).sort((a, b) => b.pictures - a.pictures);
  const examples = (names: readonly string[]): string => {
    const count = Math.min(5, names.length);
    return Array.from({ length: count }, (_, i) => names[Math.floor((i * names.length) / count)]).join(', ');
  };
  const row = (title: string, names: readonly string[], sets: typeof some, shown: string): (string | number)[] => {
    // Every picture has the same weight.
    const each = (accuracyOf: (set: (typeof some)[number]) => Accuracy): Accuracy =>
      meanAccuracy(sets.flatMap((set) => Array.from({ length: set.pictures }, () => accuracyOf(set))));
    const pictures = sets.reduce((sum, set) => sum + set.pictures, 0);
    const ofEarlier = each(({ set }) => before.get(set) ?? { top1: NaN, top5: NaN });
    const accuracies = [
      ...beside(
        earlier !== null,
        ofEarlier,
        each((set) => set),
        pair,
      ),
      pair(each(ofStyle)),
    ];
    return [
      title,
      pictures,
      new Set(names).size,
      pair(
        each(({ chance }) => chance),
        2,
      ),
      ...accuracies,
      shown,
    ];
  };
  return {
    title: 'unseen concepts',
    head: [
      ...['style', 'pictures', 'names', 'chance'],
      ...besideHead(earlier !== null, 'unseen'),
      ...['all of the style', 'for example'],
    ],
    rows: [
      ...some.map((set) => row(set.set, set.names, [set], examples(set.names))),
      row(
        'all of them',
        some.flatMap(({ names }) => names),
        some,
        '',
      ),
    ],
  };
}

export const queryTitles: Readonly<Record<QueryKind, string>> = {
  name: 'the name of the file',
  tag: 'tags of the makers',
  'tag, new words': 'tags with no word of the path',
  synonym: 'synonyms by WordNet',
  'synonym, new words': 'synonyms with no word of the path',
};

function textToImage({ retrieval }: Evaluation, earlier: EarlierEvaluation | null): ReportTable {
  const hasEarlier = earlier !== null;
  return {
    title: 'text to image',
    head: ['queries', 'number', ...besideHead(hasEarlier, 'CLIP'), 'file-name search', 'chance'],
    rows: queryKinds.flatMap((kind) => {
      const { queries, clip, fileNames, chance } = pooled(retrieval, kind);
      const before = earlier?.retrieval && pooled(earlier.retrieval, kind).clip;
      const figures = [...beside(hasEarlier, before, clip, oneDecimal), oneDecimal(fileNames), oneDecimal(chance)];
      return queries > 0 ? [[queryTitles[kind], queries, ...figures]] : [];
    }),
  };
}

/** The mean curve over all tasks. */
export function meanCurve(curves: readonly FewShotCurve[]): FewShotCurve {
  return {
    task: 'mean',
    classes: mean(curves.map(({ classes }) => classes)),
    chance: mean(curves.map(({ chance }) => chance)),
    zeroShot: mean(curves.map(({ zeroShot }) => zeroShot)),
    probe: SHOTS.map((_, i) => mean(curves.map(({ probe }) => probe[i] ?? NaN))),
    probeWithNames: SHOTS.map((_, i) => mean(curves.map(({ probeWithNames }) => probeWithNames[i] ?? NaN))),
  };
}

function fewShotTable(curves: readonly FewShotCurve[]): ReportTable {
  const row = (title: string, { chance, zeroShot, probe, probeWithNames }: FewShotCurve): string[] => [
    title,
    oneDecimal(chance),
    oneDecimal(zeroShot),
    ...SHOTS.map((_, i) => `${oneDecimal(probe[i] ?? NaN)} / ${oneDecimal(probeWithNames[i] ?? NaN)}`),
  ];
  return {
    title: 'few-shot',
    head: ['task (classes)', 'chance', 'zero-shot', ...SHOTS.map((shots) => `${shots} per class`)],
    rows: [
      ...curves.map((curve) => row(`${curve.task} (${curve.classes})`, curve)),
      row('mean of the tasks', meanCurve(curves)),
    ],
  };
}

function accuraciesOf(sets: readonly SetAccuracy[], prompting: string): Accuracy[] {
  return sets.flatMap(({ byPrompting }) => byPrompting[prompting] ?? []);
}

function top5(set: SetAccuracy, prompting: string): number {
  return set.byPrompting[prompting]?.top5 ?? NaN;
}
