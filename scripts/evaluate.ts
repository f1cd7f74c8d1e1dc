/**
 * `npm run evaluate`: zero-shot accuracy of the bundled model on drawing styles that it never saw, through the shipped path:
 * sharp, tokenizer, ONNX encoders and prompt ensembling. The labels are the names of all icons of the set.
 */
import path from 'node:path';
import {
  createInference,
  ensemble,
  openModelFolder,
  promptsOf,
  templateSets,
  type Inference,
} from '../src/clip/index.ts';
import { dot } from '../src/clip/vectors.ts';
import { table } from '../src/cli/output.ts';
import { readIconSet, svgOf } from './sampleWorkspace.ts';

const root = path.resolve(import.meta.dirname, '..');
const sets = ['flat-color-icons', 'bi', 'streamline-kameleon-color', 'openmoji'];
/** Names of one set to tell apart, at most: an even sample of a larger set. */
const MOST_NAMES = 1500;
const BATCH = 64;

interface Picture {
  readonly name: string;
  readonly embedding: Float32Array;
}

const model = await openModelFolder(path.join(root, 'dist/models/assetlens-icons'));
await using inference = createInference({ model, hostScript: path.join(root, 'dist/inference.js') });
const rows: (string | number)[][] = [];
for (const set of sets) {
  const pictures = await embedSet(inference, set);
  const names = [...new Set(pictures.map(({ name }) => name))];
  for (const [templates, patterns] of Object.entries(templateSets)) {
    const labels = await embedLabels(inference, names, patterns);
    const { top1, top5 } = accuracy(pictures, names, labels);
    const chance = (k: number): string => ((100 * k) / names.length).toFixed(1);
    rows.push([set, names.length, templates, top1.toFixed(1), chance(1), top5.toFixed(1), chance(5)]);
  }
}
process.stdout.write(table(['set', 'names', 'templates', 'top-1 %', 'chance', 'top-5 %', 'chance'], rows));

async function embedSet(clip: Inference, set: string): Promise<Picture[]> {
  const icons = await readIconSet(set);
  const all = Object.keys(icons.icons).filter((id) => !/skin-tone|^flag-[a-z]{2}-/.test(id));
  const step = Math.max(1, all.length / MOST_NAMES);
  const ids = Array.from({ length: Math.min(all.length, MOST_NAMES) }, (_, i) => all[Math.floor(i * step)] ?? '');
  const pictures: Picture[] = [];
  for (let at = 0; at < ids.length; at += BATCH) {
    const batch = ids.slice(at, at + BATCH);
    const outcomes = await clip.embedImages(
      batch.map((id) => ({ kind: 'bytes', name: id, bytes: Buffer.from(svgOf(icons, id)) })),
    );
    outcomes.forEach((outcome, i) => {
      // "-fill" and its like say how an icon is drawn, not what it shows.
      const name = (batch[i] ?? '').replace(/-(fill|alt|outline)\b/g, '').replaceAll('-', ' ');
      if (outcome.ok) pictures.push({ name, embedding: outcome.embedding });
    });
  }
  return pictures;
}

async function embedLabels(
  clip: Inference,
  names: readonly string[],
  patterns: readonly string[],
): Promise<Float32Array[]> {
  const dimensions = model.manifest.embeddingSize;
  const prompts = names.map((name) => promptsOf({ name }, patterns));
  const vectors = await clip.embedTexts(prompts.flat());
  let at = 0;
  return prompts.map(({ length }) =>
    ensemble(vectors.subarray(at * dimensions, (at += length) * dimensions), dimensions),
  );
}

function accuracy(pictures: readonly Picture[], names: readonly string[], labels: readonly Float32Array[]) {
  let [first, five] = [0, 0];
  for (const { name, embedding } of pictures) {
    const scores = labels.map((label) => dot(embedding, label));
    const own = scores[names.indexOf(name)] ?? NaN;
    const better = scores.filter((score) => score > own).length;
    if (better < 1) first++;
    if (better < 5) five++;
  }
  return { top1: (100 * first) / pictures.length, top5: (100 * five) / pictures.length };
}
