/**
 * `npm run evaluate:heatmaps`: whether heatmaps show where things are. Openly licensed drawings of known names are pasted on canvases,
 * so that it is known what is where; maps come by the path that ships, beside baselines and a model that learned nothing.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { table } from '../src/cli/output.ts';
import { progressDisplay } from '../src/cli/progress.ts';
import { UserError } from '../src/clip/index.ts';
import { fillPlaces, rounded } from './evaluate/card.ts';
import { evaluateHeatmaps, type HeatmapEvaluation } from './evaluateHeatmaps/evaluation.ts';
import { openMethods } from './evaluateHeatmaps/methods.ts';
import { heatmapReports } from './evaluateHeatmaps/report.ts';

const root = path.resolve(import.meta.dirname, '..');

const options = new Command('npm run evaluate:heatmaps --')
  .description(
    'Scores heatmaps on pictures in which it is known what is where. 6 minutes on two quiet cores, 12 on busy ones.',
  )
  .option('--model <folder>', 'a converted model', path.join(root, 'dist/models/assetlens-icons'))
  .option('--checkpoint <folder>', 'what it was converted from', path.join(root, 'models/assetlens-icons'))
  .option('--count <n>', 'pictures of each test', wholeNumber, 200)
  .option('--json <file>', 'write the figures there')
  .option('--card <folder>', 'write tables and figures into the model card there')
  .parse()
  .opts();

try {
  await main();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const evaluation = await measure();
  const { seconds, count, objects, equivariance, faithfulness } = evaluation;
  console.log(
    `${objects.known} of ${objects.candidates} drawings are called by their name (${objects.names} names); ${count} pictures a test, ${seconds} s.`,
  );
  for (const { title, head, rows } of heatmapReports(evaluation)) console.log(`\n${title}\n\n${table(head, rows)}`);
  console.log(
    `An object that moves by a cell: correlation ${equivariance.correlation.toFixed(3)} on average, above 0.9 in ${(100 * equivariance.high).toFixed(0)} %.`,
  );
  console.log(
    `Cosine of whole pictures ${faithfulness.whole.toFixed(3)}, of their mean colour ${faithfulness.nothing.toFixed(3)}.`,
  );
  const json = `${JSON.stringify(evaluation, rounded, 1)}\n`;
  if (options.json !== undefined) await writeFile(options.json, json);
  if (options.card !== undefined) await writeCard(options.card, evaluation, json);
}

async function measure(): Promise<HeatmapEvaluation> {
  await using methods = await openMethods(options.model, options.checkpoint, path.join(root, 'dist/inference.js'));
  let shown: { readonly what: string; readonly display: ReturnType<typeof progressDisplay> } | undefined;
  const evaluation = await evaluateHeatmaps(methods, options.count, (what, done, total) => {
    if (shown?.what !== what) {
      shown?.display[Symbol.dispose]();
      shown = { what, display: progressDisplay(what) };
    }
    shown.display.update({ done, total, note: 'pictures' });
  });
  shown?.display[Symbol.dispose]();
  return evaluation;
}

async function writeCard(folder: string, evaluation: HeatmapEvaluation, json: string): Promise<void> {
  const file = path.join(folder, 'README.md');
  const filled = fillPlaces(await readFile(file, 'utf8'), heatmapReports(evaluation), 'heatmaps');
  await writeFile(path.join(folder, 'heatmaps.json'), json);
  await writeFile(file, filled);
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}
