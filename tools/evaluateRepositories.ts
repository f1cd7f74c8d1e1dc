/**
 * `npm run evaluate:repositories`: measures tags and searches on the pictures of several kinds of repositories, with
 * the default labels and with the presets that AssetLens proposes.
 */
import path from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { createInference, openModelFolder } from '../src/clip/index.ts';
import { table } from '../src/cli/output.ts';
import { measureSample } from './evaluateRepositories/measure.ts';
import { bundledSamples, samplesIn } from './evaluateRepositories/samples.ts';
import { runTool } from './shared/runTool.ts';

const root = path.resolve(import.meta.dirname, '..');
const MOST = 500;
const MOST_SHORT = 120;

const options = new Command('npm run evaluate:repositories --')
  .description('Measures tags and searches on the pictures of several kinds of repositories.')
  .option('--folder <folder>', 'a folder with a subfolder of pictures for each further kind, see tools/README.md')
  .option('--model <folder>', 'a converted model', path.join(root, 'dist/models/assetlens-icons'))
  .option('--short', `measure ${MOST_SHORT} instead of ${MOST} pictures of each kind`)
  .parse()
  .opts();

await runTool(main);

async function main(): Promise<void> {
  const most = options.short === true ? MOST_SHORT : MOST;
  const model = await openModelFolder(options.model);
  await using inference = createInference({ model, hostScript: path.join(root, 'dist/inference.js') });
  const samples = await bundledSamples(most);
  if (options.folder !== undefined) samples.push(...(await samplesIn(options.folder, most)));
  const tagRows: (string | number)[][] = [];
  const searchRows: (string | number)[][] = [];
  for (const sample of samples) {
    console.error(`Measuring ${sample.kind} …`);
    const { kind, images, tags, search } = await measureSample(inference, sample);
    for (const { presets, judged, ...shares } of tags) {
      const labels = presets.length === 0 ? 'default' : presets.join(', ');
      const [precision, coverage] = [percent(shares.precision), percent(shares.coverage)];
      const [maybe, kinds] = [percent(shares.maybePrecision), percent(shares.kindPrecision)];
      tagRows.push([kind, images, labels, precision, judged, coverage, maybe, kinds]);
    }
    const { queries, pictures, withNames, fileNames } = search;
    searchRows.push([kind, queries, percent(pictures), percent(withNames), percent(fileNames)]);
  }
  const tagHead = [
    'kind',
    'images',
    'labels',
    'right tags',
    'judged',
    'tagged images',
    'right maybe labels',
    'right kinds',
  ];
  console.log(`\nTags, with the default labels and with the proposed presets:\n\n${String(table(tagHead, tagRows))}`);
  const searchHead = ['kind', 'queries', 'by pictures', 'by pictures and names', 'by file names'];
  console.log(`Right results among the first five:\n\n${String(table(searchHead, searchRows))}`);
}

function percent(share: number): string {
  return Number.isNaN(share) ? '–' : `${(100 * share).toFixed(1)} %`;
}
