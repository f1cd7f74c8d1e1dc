/**
 * `npm run evaluate`: measures a model on drawing styles that are not in its training data. It uses the shipped code
 * for all steps: decoding, preprocessing, tokenizer, ONNX encoders, prompt ensembling, search directions and
 * confidences.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { createInference, UserError, openModelFolder, readCalibration } from '../src/clip/index.ts';
import { table } from '../src/cli/output.ts';
import { writeCard } from './evaluate/card.ts';
import { openCorpus } from './evaluate/corpus.ts';
import { evaluate, readEarlierEvaluation } from './evaluate/evaluation.ts';
import { reportTables } from './evaluate/report.ts';
import { packagedSets } from './shared/evaluationSets.ts';

const root = path.resolve(import.meta.dirname, '..');

const options = new Command('npm run evaluate --')
  .description(
    'Measures a model on drawing styles that are not in its training data. Figures are in %; pairs are top-1 / top-5.',
  )
  .option('--corpus <folder>', 'use the 20 held-out styles of the training corpus instead of the four installed ones')
  .option('--model <folder>', 'a converted model', path.join(root, 'dist/models/assetlens-icons'))
  .option('--earlier <file>', 'figures (--json) of a model to compare with')
  .option('--json <file>', 'write the figures to this file')
  .option('--card <folder>', 'write tables, plots and figures into the model card in this folder; needs --corpus')
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
  const earlier = options.earlier === undefined ? null : await readEarlierEvaluation(options.earlier);
  const model = await openModelFolder(options.model);
  const calibration = await readCalibration(model);
  await using inference = createInference({ model, hostScript: path.join(root, 'dist/inference.js') });
  await using corpus = options.corpus === undefined ? null : await openCorpus(options.corpus);
  const sets = corpus?.sets ?? (await packagedSets());
  const words = corpus?.trainingWords ?? null;
  const evaluation = await evaluate(inference, calibration, sets, words, (line) => {
    console.error(line);
  });

  const tables = reportTables(evaluation, earlier);
  for (const { title, head, rows } of tables) console.log(`\n${title}\n\n${table(head, rows).toString()}`);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(evaluation, null, 1)}\n`);
  if (options.card !== undefined) await writeCard(options.card, tables, evaluation, earlier);
}
