/** `npm run evaluate:search`: measures negative terms, colours and near duplicates on openly licensed icons. */
import path from 'node:path';
import { createInference, openModelFolder, readCalibration } from '../src/clip/index.ts';
import { table } from '../src/cli/output.ts';
import { measureColourQueries } from './shared/colourQueries.ts';
import { measureMinusTerms } from './evaluateSearch/minusTerms.ts';
import { measureNearDuplicates } from './evaluateSearch/nearDuplicates.ts';

const root = path.resolve(import.meta.dirname, '..');
const model = await openModelFolder(path.join(root, 'dist/models/assetlens-icons'));
await using inference = createInference({ model, hostScript: path.join(root, 'dist/inference.js') });

const percent = (value: number): string => `${value.toFixed(1)} %`;
const colours = await measureColourQueries(inference);
console.log(
  `\nColours: of ${colours.queries} queries such as "blue heart", the first result has the colour in ${percent(colours.colour)}, and the colour and the shape in ${percent(colours.both)}.`,
);

const minus = await measureMinusTerms(inference, await readCalibration(model));
console.log('\nNegative terms: "fruit -apple" and 132 similar queries. A strength of 1 is the shipped one.\n');
console.log(
  table(
    ['strength', 'precision of the others', 'excluded images left', 'others kept'],
    minus.map(({ strength, precision, left, kept }) => [
      strength.toFixed(1),
      percent(precision),
      percent(left),
      percent(kept),
    ]),
  ).toString(),
);

const { originals, recall, totalRecall, precision, chained, screenshots } = await measureNearDuplicates(inference);
const parts = Object.entries(recall).map(([change, share]) => `${change} ${percent(share)}`);
console.log(
  `Near duplicates: recall ${percent(totalRecall)} (${parts.join(', ')}) and precision ${percent(precision)} for ${originals} icons; ${chained} of ${screenshots} different screenshots are in a group.`,
);
