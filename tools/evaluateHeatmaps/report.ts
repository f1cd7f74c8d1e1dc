import type { HeatmapMethod } from '../../src/clip/index.ts';
import type { ReportTable } from '../shared/modelCard.ts';
import { canvasKinds } from './canvases.ts';
import type { Localisation, Presence } from './localisation.ts';
import type { HeatmapEvaluation, MethodFigures } from './evaluation.ts';
import { orders, type Order } from './faithfulness.ts';

/** The tables of an evaluation of heatmaps. Shares are in %, with the share by chance in brackets. */
export function heatmapTables(evaluation: HeatmapEvaluation): ReportTable[] {
  return [methodsTable(evaluation), canvasesTable(evaluation), hidingTable(evaluation)];
}

const methodNames: Readonly<Record<HeatmapMethod, string>> = {
  denseHead: 'dense head',
  backwardPass: 'gradient',
  attentionPool: 'attention pool',
  slidingWindow: 'sliding windows',
};

function titleOf(name: MethodFigures['name'], { where, why }: HeatmapEvaluation): string {
  switch (name) {
    case 'where':
      return `**where**, ships (${methodNames[where]})`;
    case 'why':
      return `**why**, ships (${methodNames[why]})`;
    case 'windows':
      return 'sliding windows instead';
    case 'raw':
      return 'raw cells of the last stage';
    case 'random':
      return 'where, image encoders with random weights';
  }
}

function methodsTable(evaluation: HeatmapEvaluation): ReportTable {
  return {
    title: 'methods',
    head: [
      ...['map', 'hottest cell on the object', 'patch AUROC', 'IoU at > 0.5'],
      ...['of two: both right', 'of four: hottest in its quarter', 'of four: sum in its quarter'],
    ],
    rows: evaluation.methods.map(({ name, localisation, pairs, quarters }) => [
      titleOf(name, evaluation),
      withChance(localisation.hit, localisation.chance),
      auroc(localisation.auroc),
      name === 'why' ? '–' : localisation.iou.toFixed(2), // a share of the similarity is not a probability
      pairs ? withChance(pairs.both, 0.25) : '–',
      quarters ? withChance(quarters.hit, 0.25) : '–',
      quarters ? withChance(quarters.mass, 0.25) : '–',
    ]),
  };
}

function canvasesTable({ all, canvases, drawings }: HeatmapEvaluation): ReportTable {
  const peaks = ({ shown, absentShown, absentPeak95, above95 }: Presence): string[] => [
    percent(shown),
    percent(absentShown),
    absentPeak95.toFixed(2),
    percent(above95),
  ];
  const row = (title: string, localisation: Localisation): string[] => [
    title,
    withChance(localisation.hit, localisation.chance),
    auroc(localisation.auroc),
    localisation.iou.toFixed(2),
    ...peaks(localisation),
  ];
  return {
    title: 'canvases',
    head: [
      ...['canvas', 'hottest cell on the object', 'patch AUROC', 'IoU at > 0.5'],
      ...['there: above 0.5', 'absent: above 0.5', 'absent: 95 % are below', 'there: above that'],
    ],
    rows: [
      ...canvasKinds.map((canvas) => row(canvas, canvases[canvas])),
      row('all of them', all),
      ['none, the drawing fills its picture', '–', '–', '–', ...peaks(drawings)],
    ],
  };
}

const orderNames: Readonly<Record<Order, string>> = {
  where: 'where',
  why: 'why',
  elsewhere: 'where, of another picture',
  random: 'random patches',
};

function hidingTable({ faithfulness }: HeatmapEvaluation): ReportTable {
  return {
    title: 'hiding',
    head: ['hidden or shown first', 'deletion (lower is better)', 'insertion (higher is better)'],
    rows: orders.map((order) => {
      const { deletion, insertion } = faithfulness.curves[order];
      return [orderNames[order], deletion.toFixed(3), insertion.toFixed(3)];
    }),
  };
}

function percent(share: number): string {
  return (100 * share).toFixed(0);
}

function withChance(share: number, chance: number): string {
  return `${percent(share)} (${percent(chance)})`;
}

function auroc(value: number): string {
  return value.toFixed(3);
}
