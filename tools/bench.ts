/**
 * `npm run bench`: AssetLens against a peer, @huggingface/transformers, with the same weights and images; matrix operations against
 * plain loops; and the indexing of a folder. One run gives one Markdown table. `--quick` measures less, `--only <section>` one part.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openCorpus, writeCorpus, type Corpus } from './bench/corpus.ts';
import { encoderOnly, endToEnd, type EncoderComparison } from './bench/encoderSection.ts';
import { indexing } from './bench/indexSection.ts';
import { matrixOperations } from './bench/matrixSection.ts';
import { bundledModel, cacheFolder, vitB32 } from './bench/models.ts';
import { installPeer } from './bench/peer.ts';
import { machineLine, markdownTable, type Row } from './bench/table.ts';

/** Images of the whole corpus: the indexed folder holds about a thousand with the 500 of the sample workspace. */
const CORPUS = { photos: 150, pngIcons: 350 };

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
});
const { quick, only } = options;
let known: Promise<Corpus> | undefined;
const rounds = quick ? 1 : 5;

const sections: Record<string, () => Promise<Row[]>> = {
  vit: async () => compare(await vitComparison()),
  bundled: async () => compare(await bundledComparison()),
  matrix: async () =>
    matrixOperations((await bundledModel()).ours.fp32, quick ? [100_000] : [100_000, 1_000_000], rounds),
  index: async () => indexing((await bundledModel()).ours.fp32, (await corpus()).folder, quick ? 1 : 3),
};

const chosen = Object.entries(sections).filter(([name]) => only === undefined || name === only);
if (chosen.length === 0) throw new Error(`No section "${only ?? ''}". There are: ${Object.keys(sections).join(', ')}.`);
const needsPeer = chosen.some(([name]) => name === 'vit' || name === 'bundled');
const peerVersion = needsPeer ? await installPeer() : undefined;

const rows: Row[] = [];
for (const [name, measure] of chosen) {
  console.error(`Measuring ${name} …`);
  rows.push(...(await measure()));
}
console.log(`${markdownTable(rows)}\n\n${await machineLine(peerVersion)}`);

async function compare(comparison: EncoderComparison): Promise<Row[]> {
  return [...(await endToEnd(comparison)), ...(await encoderOnly(comparison))];
}

async function vitComparison(): Promise<EncoderComparison> {
  return {
    title: 'ViT-B/32',
    model: await vitB32(),
    files: (await corpus()).photos.slice(0, quick ? 12 : 48),
    rounds,
    targets: { fp32: '≥ 1.25×', int8: '≥ 2.5×' },
    isVitB32: true,
  };
}

async function bundledComparison(): Promise<EncoderComparison> {
  return {
    title: 'bundled model',
    model: await bundledModel(),
    files: (await corpus()).icons.slice(0, quick ? 96 : 320),
    rounds,
    targets: { fp32: '≥ 2×' },
    isVitB32: false,
  };
}

function corpus(): Promise<Corpus> {
  known ??= openOrWrite();
  return known;
}

async function openOrWrite(): Promise<Corpus> {
  const folder = path.join(cacheFolder, 'corpus');
  const there = await openCorpus(folder, CORPUS);
  if (there) return there;
  console.error(`Preparing ${path.basename(folder)} …`);
  return writeCorpus(folder, CORPUS);
}
