import type { ColourFigures } from '../../shared/colourQueries.ts';
import type { ReportTable } from '../../shared/modelCard.ts';
import type { EarlierEvaluation } from '../earlierEvaluation.ts';
import { beside, besideHead, oneDecimal } from './cells.ts';

export function coloursTable({ colour, both, queries }: ColourFigures, earlier: EarlierEvaluation | null): ReportTable {
  const hasEarlier = earlier !== null;
  return {
    title: 'colours',
    head: [`of ${queries} queries, the first result has`, ...besideHead(hasEarlier)],
    rows: [
      ['the colour', ...beside(hasEarlier, earlier?.colours?.colour, colour, oneDecimal)],
      ['the colour and the shape', ...beside(hasEarlier, earlier?.colours?.both, both, oneDecimal)],
    ],
  };
}
