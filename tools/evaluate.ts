/**
 * `npm run evaluate`: measures a model on drawing styles that are not in its training data, and on game sprites and
 * photos. It uses the shipped code for all steps: decoding, preprocessing, tokenizer, ONNX encoders, prompt ensembling,
 * search, tags and confidences.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { createInference, UserError, openModelFolder, readCalibration } from '../src/clip/index.ts';
import { table } from '../src/cli/output.ts';
import { readLabels } from '../src/library/index.ts';
import { writeCard } from './evaluate/card.ts';
import { fileOfCorpus, openCorpus } from './evaluate/corpus.ts';
import { readEarlierEvaluation } from './evaluate/earlierEvaluation.ts';
import { evaluate } from './evaluate/evaluation.ts';
import { readPhotos } from './evaluate/photoSet.ts';
import { reportTables } from './evaluate/report.ts';
import { withTemplates } from './evaluate/tagQuality.ts';
import { packagedSets } from './shared/evaluationSets.ts';
import { runTool } from './shared/runTool.ts';

const root = path.resolve(import.meta.dirname, '..');

const options = new Command('npm run evaluate --')
  .description(
    'Measures a model on drawing styles that are not in its training data. Figures are in %; pairs are top-1 / top-5.',
  )
  .option('--corpus <folder>', 'use the held-out pictures of the training corpus instead of the four installed styles')
  .option('--photos <file>', 'also measure the photos in this ZIP file; needs --corpus')
  .option('--model <folder>', 'a converted model', path.join(root, 'dist/models/assetlens-icons'))
  .option('--earlier <file>', 'figures (--json) of a model to compare with')
  .option('--json <file>', 'write the figures to this file')
  .option('--card <folder>', 'write tables, plots and figures into the model card in this folder; needs --corpus')
  .parse()
  .opts();

await runTool(main);

async function main(): Promise<void> {
  const earlier = options.earlier === undefined ? null : await readEarlierEvaluation(options.earlier);
  const labelSets = withTemplates((await readLabels(path.join(root, 'models/labels/default.yaml'))).sets);
  const model = await openModelFolder(options.model);
  const calibration = await readCalibration(model);
  await using inference = createInference({ model, hostScript: path.join(root, 'dist/inference.js') });
  const photos = await photosOf(options);
  await using corpus = options.corpus === undefined ? null : await openCorpus(options.corpus);
  const styles = corpus?.styles ?? (await packagedSets());
  const evaluation = await evaluate(inference, calibration, { styles, labelSets, corpus, photos }, (line) => {
    console.error(`${(performance.now() / 1000).toFixed(0)} s  ${line}`);
  });

  const tables = reportTables(evaluation, earlier);
  for (const { title, head, rows } of tables) console.log(`\n${title}\n\n${table(head, rows).toString()}`);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(evaluation, null, 1)}\n`);
  if (options.card !== undefined) await writeCard(options.card, tables, evaluation, earlier);
}

async function photosOf({
  photos,
  corpus,
}: {
  readonly photos?: string | undefined;
  readonly corpus?: string | undefined;
}) {
  if (photos === undefined) return null;
  if (corpus === undefined) throw new UserError('--photos needs --corpus, which has the names of the classes.');
  return readPhotos(photos, fileOfCorpus(corpus, 'photo-classes.jsonl'));
}
