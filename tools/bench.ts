/**
 * `npm run bench [-- --quick] [--only <section>]`: compares AssetLens with another library, @huggingface/transformers,
 * on the same weights and images, compares its matrix operations with plain loops, and measures the indexing of a
 * folder. It prints a Markdown table. --quick runs every section in about a minute with small sizes, to check that the
 * benchmark itself works.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openCorpus, writeCorpus, type Corpus } from './bench/corpus.ts';
import { encoderOnly, endToEnd, type EncoderComparison } from './bench/encoderSection.ts';
import { indexing } from './bench/indexSection.ts';
import { matrixOperations } from './bench/matrixSection.ts';
import { bundledModel, cacheFolder, randomVit } from './bench/models.ts';
import { installPeer } from './bench/peer.ts';
import { FULL, QUICK } from './bench/sizes.ts';
import { machineLine, markdownTable, type Row } from './bench/table.ts';
import { spread } from './shared/spread.ts';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
});
const { only } = options;
const size = options.quick ? QUICK : FULL;
let openedCorpus: Promise<Corpus> | undefined;

const sections: Record<string, () => Promise<Row[]>> = {
  vit: async () =>
    compare({
      title: size.vit.title,
      model: await randomVit(size.vit),
      files: spread((await corpus()).photos, size.photoFiles),
      rounds: size.rounds,
      targets: { fp32: '≥ 1.25×', int8: '≥ 2.5×' },
      vision: size.vit.vision,
    }),
  bundled: async () => [
    ...(await compareFiles({
      title: 'bundled model, icon folder',
      model: await bundledModel(),
      files: spread((await corpus()).icons, size.iconFiles),
      rounds: size.rounds,
      targets: { fp32: '≥ 3×' },
    })),
    ...(await compare({
      title: 'bundled model, mixed folder',
      model: await bundledModel(),
      files: spread((await corpus()).mixed, size.mixedFiles),
      rounds: size.rounds,
      targets: { fp32: '≥ 2×' },
    })),
  ],
  matrix: async () => matrixOperations((await bundledModel()).ours.fp32, size.matrix, size.rounds),
  index: async () => indexing((await bundledModel()).ours.fp32, (await corpus()).folder, size.indexRounds),
};

const chosen = Object.entries(sections).filter(([name]) => only === undefined || name === only);
if (chosen.length === 0)
  throw new Error(`No section "${only ?? ''}". The sections: ${Object.keys(sections).join(', ')}.`);
const needsPeer = chosen.some(([name]) => name === 'vit' || name === 'bundled');
const peerVersion = needsPeer ? await installPeer() : null;

const rows: Row[] = [];
for (const [name, measure] of chosen) {
  console.error(`Measuring ${name} …`);
  rows.push(...(await measure()));
}
console.log(`${markdownTable(rows)}\n\n${await machineLine(peerVersion)}`);

type Comparison = Omit<EncoderComparison, 'hasPeer'>;

async function compare(comparison: Comparison): Promise<Row[]> {
  const encoders = await encoderOnly({ ...comparison, hasPeer: peerVersion !== null });
  return [...(await compareFiles(comparison)), ...encoders];
}

function compareFiles(comparison: Comparison): Promise<Row[]> {
  return endToEnd({ ...comparison, hasPeer: peerVersion !== null });
}

function corpus(): Promise<Corpus> {
  openedCorpus ??= openOrWriteCorpus();
  return openedCorpus;
}

async function openOrWriteCorpus(): Promise<Corpus> {
  const folder = path.join(cacheFolder, size.corpus.name);
  const existing = await openCorpus(folder, size.corpus);
  if (existing) return existing;
  console.error(`Preparing ${path.basename(folder)} …`);
  await writeCorpus(folder, size.corpus);
  const written = await openCorpus(folder, size.corpus);
  if (!written) throw new Error(`${folder} is not complete.`);
  return written;
}
