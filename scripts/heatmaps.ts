/**
 * `npm run heatmaps`: how well the heatmaps of a model find things, through the path that ships. Drawings of a style that the
 * bundled model never saw are pasted on canvases; only those that it names rightly when they are alone.
 */
import path from 'node:path';
import { Command } from '@commander-js/extra-typings';
import { randomSource } from '../bench/random.ts';
import { table } from '../src/cli/output.ts';
import { createInference, explainImage, openModelFolder, type Heatmap, type Inference } from '../src/clip/index.ts';
import { valueAt } from '../src/heatmapPicture.ts';
import { namesOf, packagedSets } from './evaluate/evaluationSets.ts';
import { mean } from './evaluate/metrics.ts';
import { fourThings, MASK_SIDE, oneThing, type Composite, type Mask, type Thing } from './heatmaps/composites.ts';

const root = path.resolve(import.meta.dirname, '..');
const SET = 'openmoji';

const options = new Command('npm run heatmaps --')
  .description('Scores the heatmaps of a model on drawings that are pasted on canvases.')
  .option('--model <folder>', 'a converted model', path.join(root, 'dist/models/assetlens-icons'))
  .option('--pictures <number>', 'of one thing; half as many of four', Number, 240)
  .parse()
  .opts();

/** Of one prompt over one picture. */
interface Found {
  readonly auroc: number;
  /** Whether the maximum lies on the thing, or next to it. */
  readonly pointed: boolean;
  /** The highest value, and that of a prompt for something that is not there. */
  readonly peak: number;
  readonly absent: number;
}

await using inference = createInference({
  model: await openModelFolder(options.model),
  hostScript: path.join(root, 'dist/inference.js'),
});
const things = await knownThings(inference);
console.log(`${things.length} drawings of ${SET} that the model names rightly`);
const random = randomSource(1);
const draw = (): Thing => things[Math.floor(things.length * random())] ?? { name: '', drawing: new Uint8Array() };
const one = await scores(options.pictures, (i) => oneThing(draw(), i, random));
const four = await scores(Math.ceil(options.pictures / 2), (i) => {
  const different = new Map<string, Thing>();
  for (; different.size < 4;) {
    const thing = draw();
    different.set(thing.name, thing);
  }
  return fourThings([...different.values()], i, random);
});
console.log(
  table(
    ['', 'AUROC', 'maximum on the thing', 'peak > ½', 'absent: peak > ½', 'absent: 95 % below'],
    Object.entries({ one, four }).flatMap(([pictures, kinds]) =>
      Object.entries(kinds).map(([kind, found]) => {
        const share = (test: (one: Found) => boolean): number => mean(found.map((each) => Number(test(each))));
        const absent = found.map((each) => each.absent).sort((a, b) => a - b);
        const figures = [mean(found.map(({ auroc }) => auroc)), share(({ pointed }) => pointed)];
        const contrast = [share(({ peak }) => peak > 0.5), share((each) => each.absent > 0.5), absent[Math.floor(0.95 * absent.length)] ?? NaN]; // prettier-ignore
        return [`${kind}, ${pictures} a picture`, ...[...figures, ...(kind === 'where' ? contrast : [])].map((figure) => figure.toFixed(3))]; // prettier-ignore
      }),
    ),
  ),
);

async function knownThings(of: Inference): Promise<Thing[]> {
  const set = (await packagedSets()).find(({ name }) => name === SET);
  const pictures = set?.pictures.filter(({ name }) => /^[a-z]{3,}$/.test(name)) ?? [];
  const names = namesOf(pictures);
  const texts = await of.embedTexts(names);
  const drawings = await Promise.all(pictures.map((picture) => picture.bytes()));
  const outcomes = await of.embedImages(drawings.map((bytes, i) => ({ kind: 'bytes', name: `${i}.svg`, bytes })));
  return outcomes.flatMap((outcome, i) => {
    if (!outcome.ok) return [];
    const { embedding } = outcome;
    const size = embedding.length;
    const cosines = names.map((_, n) =>
      embedding.reduce((sum, value, d) => sum + value * (texts[n * size + d] ?? 0), 0),
    );
    const best = names[cosines.indexOf(Math.max(...cosines))];
    const drawing = drawings[i];
    return best === pictures[i]?.name && best !== undefined && drawing ? [{ name: best, drawing }] : [];
  });
}

async function scores(count: number, make: (number: number) => Promise<Composite>) {
  const found: Record<'where' | 'why', Found[]> = { where: [], why: [] };
  for (let i = 0; i < count; i++) {
    const { png, things: pasted } = await make(i);
    let absent = draw().name;
    while (pasted.some(({ name }) => name === absent)) absent = draw().name;
    for (const kind of ['where', 'why'] as const) {
      const map = (prompt: string): Promise<Heatmap> =>
        explainImage(inference, { kind: 'bytes', name: `${i}.png`, bytes: png }, { kind, prompts: [[prompt]], imageKind: 'drawing' }); // prettier-ignore
      const none = Math.max(...(await map(absent)).values);
      for (const { name, mask } of pasted)
        if (mask.includes(true)) found[kind].push(scored(await map(name), mask, none));
    }
  }
  return found;
}

function scored(map: Heatmap, mask: Mask, absent: number): Found {
  const values = mask.map((_, i) => {
    const [x, y] = [(i % MASK_SIDE) + 0.5, Math.floor(i / MASK_SIDE) + 0.5];
    return valueAt(map, x / MASK_SIDE, y / MASK_SIDE, false);
  });
  const order = values.map((_, i) => i).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const inside = mask.filter(Boolean).length;
  // Mann–Whitney: how often a square of the thing is above one beside it.
  const ranks = order.reduce((sum, i, rank) => sum + (mask[i] ? rank : 0), 0);
  const auroc = (ranks - (inside * (inside - 1)) / 2) / (inside * (mask.length - inside));
  const top = order.at(-1) ?? 0;
  const pointed = [-2, -1, 0, 1, 2].some((dy) => [-2, -1, 0, 1, 2].some((dx) => mask[top + dy * MASK_SIDE + dx]));
  return { auroc, pointed, peak: Math.max(...map.values), absent };
}
