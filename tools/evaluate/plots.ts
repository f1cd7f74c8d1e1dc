import { scaleBand, scaleLinear, scalePoint } from 'd3-scale';
import type { EarlierEvaluation } from './earlierEvaluation.ts';
import type { Evaluation } from './evaluation.ts';
import { SHOTS } from './fewShot.ts';
import { meanCurve, queryTitles } from './report.ts';
import { pooled, queryKinds } from './retrieval.ts';
import { document, element, gridLine, line, text } from './svg.ts';

const [BLUE, ORANGE, GREEN, VIOLET] = ['#2f7fd1', '#d9742b', '#2a9d6f', '#8a63c9'];
const WIDTH = 720;

/** The plots of the model card as SVG, by file name without extension. */
export function plots(evaluation: Evaluation, earlier: EarlierEvaluation | null): Record<string, string> {
  return {
    styles: stylesPlot(evaluation, earlier),
    'few-shot': fewShotPlot(evaluation),
    recall: recallPlot(evaluation),
  };
}

/** One row per style: bars for top-5 and, inside them, top-1; marks for chance and for the earlier model. */
function stylesPlot({ zeroShot }: Evaluation, earlier: EarlierEvaluation | null): string {
  const sets = zeroShot
    .map(({ set, chance, accuracy }) => ({ set, chance, bare: accuracy }))
    .sort((a, b) => b.bare.top5 - a.bare.top5);
  const [left, top, rowHeight] = [180, 58, 22];
  const height = top + sets.length * rowHeight + 26;
  const x = scaleLinear()
    .domain([0, Math.max(...sets.map(({ bare }) => bare.top5))])
    .nice()
    .range([left, WIDTH - 60]);
  const y = scaleBand(
    sets.map(({ set }) => set),
    [top, top + sets.length * rowHeight],
  ).padding(0.25);
  const before = new Map(earlier?.zeroShot.map(({ set, accuracy }) => [set, accuracy.top5]));
  const bottom = top + sets.length * rowHeight;
  const mark = (at: number, row: number, colour: string) =>
    line(at, row - 2, at, row + y.bandwidth() + 2, { stroke: colour, 'stroke-width': 2.5 });
  const parts = [
    text(left, 14, 'Zero-shot among all names of a style that is not in the training data, in %', {
      'font-weight': 600,
    }),
    ...legend(left, 38, [
      { label: 'top-1', colour: BLUE, opacity: 1 },
      { label: 'top-5', colour: BLUE, opacity: 0.4 },
      ...(earlier ? [{ label: 'top-5 of the earlier model', colour: ORANGE, opacity: 1, isMark: true }] : []),
      { label: 'top-5 by chance', colour: GREEN, opacity: 1, isMark: true },
    ]),
    ...x
      .ticks(7)
      .flatMap((tick) => [
        gridLine(x(tick), top, x(tick), bottom),
        text(x(tick), bottom + 14, String(tick), { 'text-anchor': 'middle' }),
      ]),
  ];
  for (const { set, chance, bare } of sets) {
    const row = y(set) ?? 0;
    const bar = (value: number, opacity: number): string =>
      element('rect', {
        ...{ x: left, y: row, width: x(value) - left, height: y.bandwidth() },
        ...{ fill: BLUE, 'fill-opacity': opacity },
      });
    const earlierTop5 = before.get(set);
    parts.push(
      text(left - 8, row + y.bandwidth() / 2, set, { 'text-anchor': 'end' }),
      bar(bare.top5, 0.4),
      bar(bare.top1, 1),
      ...(earlierTop5 === undefined ? [] : [mark(x(earlierTop5), row, ORANGE)]),
      mark(x(chance.top5), row, GREEN),
      text(x(Math.max(bare.top5, earlierTop5 ?? 0)) + 8, row + y.bandwidth() / 2, bare.top5.toFixed(0)),
    );
  }
  return document(WIDTH, height, 'Zero-shot accuracy by style', parts);
}

/** Mean accuracy by the number of labelled pictures per class, as in figure 6 of the paper. */
function fewShotPlot({ fewShot }: Evaluation): string {
  const { zeroShot, probe, probeWithNames, chance } = meanCurve(fewShot);
  const [left, right, top, bottom] = [60, WIDTH - 190, 44, 330];
  const x = scalePoint<number>([0, ...SHOTS], [left + 20, right - 10]);
  const values = [chance, zeroShot, ...probe, ...probeWithNames];
  const y = scaleLinear()
    .domain([Math.floor(Math.min(...values) / 10) * 10, Math.max(...values)])
    .nice()
    .range([bottom, top]);
  const at = (shots: number): number => x(shots) ?? 0;
  const curve = (
    name: string,
    points: readonly (readonly [number, number])[],
    colour: string,
    labelShift: number,
  ): string[] => [
    element('polyline', {
      points: points.map(([shots, value]) => `${at(shots).toFixed(1)},${y(value).toFixed(1)}`).join(' '),
      ...{ fill: 'none', stroke: colour, 'stroke-width': 2.5 },
    }),
    ...points.map(([shots, value]) => element('circle', { cx: at(shots), cy: y(value), r: 4, fill: colour })),
    text(right + 4, y(points.at(-1)?.[1] ?? 0) + labelShift, name, { fill: colour, 'font-weight': 600 }),
  ];
  const byShots = (accuracies: readonly number[]) => SHOTS.map((shots, i) => [shots, accuracies[i] ?? NaN] as const);
  // The two curves end close to each other, so their names are moved apart.
  const above = (probe.at(-1) ?? 0) >= (probeWithNames.at(-1) ?? 0) ? -1 : 1;
  const level = (value: number, name: string, colour: string): string[] => [
    line(left, y(value), right, y(value), { stroke: colour, 'stroke-dasharray': '5 4', 'stroke-width': 1.5 }),
    text(right + 4, y(value), name, { fill: colour, 'font-weight': 600 }),
  ];
  return document(WIDTH, bottom + 56, 'Few-shot accuracy', [
    text(left, 14, `Accuracy in %, mean of ${fewShot.length} tasks`, { 'font-weight': 600 }),
    ...y
      .ticks(6)
      .flatMap((tick) => [
        gridLine(left, y(tick), right, y(tick)),
        text(left - 8, y(tick), String(tick), { 'text-anchor': 'end' }),
      ]),
    ...[0, ...SHOTS].map((shots) => text(at(shots), bottom + 16, String(shots), { 'text-anchor': 'middle' })),
    text((left + right) / 2, bottom + 38, 'labelled pictures per class', { 'text-anchor': 'middle' }),
    ...level(chance, 'chance', GREEN),
    ...level(zeroShot, 'zero-shot', ORANGE),
    ...curve('linear probe', byShots(probe), VIOLET, 8 * above),
    ...curve('probe from names', [[0, zeroShot], ...byShots(probeWithNames)], BLUE, -8 * above),
    element('circle', { cx: at(0), cy: y(zeroShot), r: 6, fill: ORANGE }),
  ]);
}

/** For each kind of query, bars for CLIP and for the search by file name, and a mark for chance. */
function recallPlot({ retrieval }: Evaluation): string {
  const kinds = queryKinds.map((kind) => ({ kind, ...pooled(retrieval, kind) })).filter(({ queries }) => queries > 0);
  const [left, top, rowHeight] = [240, 58, 46];
  const bottom = top + kinds.length * rowHeight;
  const x = scaleLinear([0, 100], [left, WIDTH - 50]);
  const y = scaleBand(
    kinds.map(({ kind }) => kind),
    [top, bottom],
  ).padding(0.22);
  const parts = [
    text(left, 14, 'Recall among the first 10 of a style, text → image, in %', { 'font-weight': 600 }),
    ...legend(left, 38, [
      { label: 'CLIP', colour: BLUE, opacity: 1 },
      { label: 'file-name search', colour: ORANGE, opacity: 1 },
      { label: 'chance', colour: GREEN, opacity: 1, isMark: true },
    ]),
    ...x
      .ticks(5)
      .flatMap((tick) => [
        gridLine(x(tick), top, x(tick), bottom),
        text(x(tick), bottom + 14, String(tick), { 'text-anchor': 'middle' }),
      ]),
  ];
  for (const { kind, queries, clip, fileNames, chance } of kinds) {
    const row = y(kind) ?? 0;
    const half = y.bandwidth() / 2;
    const bar = (value: number, offset: number, fill: string): string[] => [
      element('rect', { x: left, y: row + offset, width: x(value) - left, height: half - 1, fill }),
      text(x(Math.max(value, chance)) + 6, row + offset + half / 2, value.toFixed(1)),
    ];
    parts.push(
      text(left - 8, row + half - 7, queryTitles[kind], { 'text-anchor': 'end' }),
      text(left - 8, row + half + 8, `${queries} queries`, { 'text-anchor': 'end', 'font-size': 10 }),
      ...bar(clip, 0, BLUE),
      ...bar(fileNames, half, ORANGE),
      line(x(chance), row - 2, x(chance), row + 2 * half + 2, { stroke: GREEN, 'stroke-width': 2.5 }),
    );
  }
  return document(WIDTH, bottom + 28, 'Recall beside file-name search', parts);
}

interface LegendEntry {
  readonly label: string;
  readonly colour: string;
  readonly opacity: number;
  /** Whether the entry stands for a thin mark instead of a bar. */
  readonly isMark?: boolean;
}

function legend(left: number, y: number, entries: readonly LegendEntry[]): string[] {
  let x = left;
  return entries.flatMap(({ label, colour, opacity, isMark }) => {
    const width = isMark ? 3 : 14;
    const parts = [
      element('rect', { x, y: y - 6, width, height: 12, fill: colour, 'fill-opacity': opacity }),
      text(x + width + 6, y, label),
    ];
    x += width + 6 + label.length * 6.3 + 20;
    return parts;
  });
}
