/**
 * `npm run evaluate:heatmaps`: measures whether heatmaps show where objects are. The pictures are openly licensed
 * drawings on canvases, at known positions. The shipped heatmaps are compared with baselines and with models that have
 * random weights.
 */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { table } from '../src/cli/output.ts';
import { progressDisplay } from '../src/cli/progress.ts';
import { evaluateHeatmaps, type HeatmapEvaluation } from './evaluateHeatmaps/evaluation.ts';
import { openMethods } from './evaluateHeatmaps/methods.ts';
import { heatmapTables } from './evaluateHeatmaps/report.ts';
import { fillTables, rounded } from './shared/modelCard.ts';
import { runTool } from './shared/runTool.ts';

const root = path.resolve(import.meta.dirname, '..');

const options = new Command('npm run evaluate:heatmaps --')
  .description(
    'Measures heatmaps on pictures of objects at known positions. Takes 6 minutes on two idle cores, 12 on busy ones.',
  )
  .option('--model <folder>', 'a converted model', path.join(root, 'dist/models/assetlens-icons'))
  .option('--checkpoint <folder>', 'the checkpoint of that model', path.join(root, 'models/assetlens-icons'))
  .option('--count <n>', 'the number of pictures in each test', wholeNumber, 200)
  .option('--json <file>', 'write the figures to this file')
  .option('--card <folder>', 'write tables and figures into the model card in this folder')
  .parse()
  .opts();

await runTool(main);

async function main(): Promise<void> {
  const evaluation = await measure();
  const { seconds, count, objects, equivariance, faithfulness } = evaluation;
  console.log(
    `The model recognises ${objects.known} of ${objects.candidates} drawings (${objects.names} names); ${count} pictures per test, ${seconds} s.`,
  );
  for (const { title, head, rows } of heatmapTables(evaluation))
    console.log(`\n${title}\n\n${table(head, rows).toString()}`);
  console.log(
    `Moving an object by one cell: mean correlation ${equivariance.correlation.toFixed(3)}, above 0.9 in ${(100 * equivariance.high).toFixed(0)} %.`,
  );
  console.log(
    `Mean cosine of whole pictures ${faithfulness.whole.toFixed(3)}, of their mean colours ${faithfulness.nothing.toFixed(3)}.`,
  );
  const json = `${JSON.stringify(evaluation, rounded, 1)}\n`;
  if (options.json !== undefined) await writeFile(options.json, json);
  if (options.card !== undefined) await writeCard(options.card, evaluation, json);
}

async function measure(): Promise<HeatmapEvaluation> {
  await using methods = await openMethods(options.model, options.checkpoint, path.join(root, 'dist/inference.js'));
  let shown: { readonly title: string; readonly display: ReturnType<typeof progressDisplay> } | undefined;
  const evaluation = await evaluateHeatmaps(methods, options.count, (title, done, total) => {
    if (shown?.title !== title) {
      shown?.display[Symbol.dispose]();
      shown = { title, display: progressDisplay(title) };
    }
    shown.display.update({ done, total, note: 'pictures' });
  });
  shown?.display[Symbol.dispose]();
  return evaluation;
}

async function writeCard(folder: string, evaluation: HeatmapEvaluation, json: string): Promise<void> {
  const file = path.join(folder, 'README.md');
  const filled = fillTables(await readFile(file, 'utf8'), heatmapTables(evaluation), 'heatmaps');
  await writeFile(path.join(folder, 'heatmaps.json'), json);
  await writeFile(file, filled);
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}
