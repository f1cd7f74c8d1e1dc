import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { readCategories, readIconSet, svgOf } from './iconSets.ts';

/**
 * A workspace of 500 openly licensed icons, emoji and illustrations whose file names are numbers. Their styles are not
 * in the training data of the bundled model. Half of the emoji are PNG files.
 */
export interface Sample {
  /** The folder of images. */
  readonly folder: string;
  /** The name that the icon set gives to each picture, by the path of its file in the folder. */
  readonly names: ReadonlyMap<string, string>;
}

interface Choice {
  readonly set: string;
  readonly folder: string;
  /** The number of pictures, spread evenly over the named categories, or over the whole set. */
  readonly count: number;
  readonly categories?: readonly string[];
  readonly isPng?: (index: number) => boolean;
}

const EMOJI_CATEGORIES = ['Animals Nature', 'Food Drink', 'Travel Places', 'Objects', 'Activities'];
const SYMBOL_CATEGORIES = ['Smileys Emotion', 'Symbols', 'Flags'];

const choices: readonly Choice[] = [
  {
    set: 'openmoji',
    folder: 'art/emoji',
    count: 240,
    categories: [...EMOJI_CATEGORIES, ...SYMBOL_CATEGORIES],
    isPng: (index) => index % 2 === 1,
  },
  { set: 'flat-color-icons', folder: 'web/public/icons', count: 100 },
  { set: 'streamline-kameleon-color', folder: 'docs/illustrations', count: 80, isPng: (index) => index % 4 === 3 },
  { set: 'bi', folder: 'app/src/res', count: 80 },
];

const PNG_SIZE = 128;

/** Writes the sample into `folder`, which it empties first. The result is the same every time. */
export async function assembleSample(folder: string): Promise<Sample> {
  await rm(folder, { recursive: true, force: true });
  const names = new Map<string, string>();
  for (const choice of choices) {
    await mkdir(path.join(folder, choice.folder), { recursive: true });
    for (const [index, { name, svg }] of (await chosenIcons(choice)).entries()) {
      const isPng = choice.isPng?.(index) ?? false;
      const file = `${choice.folder}/${String(index + 1).padStart(3, '0')}.${isPng ? 'png' : 'svg'}`;
      const bytes = isPng ? await sharp(Buffer.from(svg)).resize(PNG_SIZE, PNG_SIZE).png().toBuffer() : svg;
      await writeFile(path.join(folder, file), bytes);
      names.set(file, name);
    }
  }
  return { folder, names };
}

async function chosenIcons(choice: Choice): Promise<{ name: string; svg: string }[]> {
  const set = await readIconSet(choice.set);
  const categories = await readCategories(choice.set);
  const pools = choice.categories?.map((category) => categories[category] ?? []) ?? [Object.keys(set.icons)];
  return pools.flatMap((pool) => {
    const drawn = pool.filter((name) => set.icons[name] && !/skin-tone|-(dark|light|medium)/.test(name));
    const count = Math.min(drawn.length, Math.round(choice.count / pools.length));
    // Every n-th icon of the list: an even sample, and the same one each time.
    return Array.from({ length: count }, (_, i) => {
      const name = drawn[Math.floor((i * drawn.length) / count)] ?? '';
      return { name: name.replaceAll('-', ' '), svg: svgOf(set, name) };
    });
  });
}
