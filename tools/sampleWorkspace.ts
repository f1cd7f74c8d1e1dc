import { createRequire } from 'node:module';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';

/**
 * A workspace of real, openly licensed pictures under names that say nothing, as AssetLens finds them in the wild: icons,
 * emoji and illustrations of four sets that the bundled model never saw, half of the emoji as PNG.
 */
export interface Sample {
  /** The folder of images. */
  readonly folder: string;
  /** What each file shows, by its path in the folder: the names that the sets gave. */
  readonly names: ReadonlyMap<string, string>;
}

export interface IconSet {
  readonly icons: Record<string, { readonly body: string; readonly width?: number; readonly height?: number }>;
  readonly width?: number;
  readonly height?: number;
}

interface Choice {
  readonly set: string;
  readonly folder: string;
  /** Pictures to take, spread evenly over each category that is named (all of the set without). */
  readonly count: number;
  readonly categories?: readonly string[];
  readonly png?: (index: number) => boolean;
}

const choices: readonly Choice[] = [
  {
    set: 'openmoji',
    folder: 'art/emoji',
    count: 240,
    categories: [
      'Animals Nature',
      'Food Drink',
      'Travel Places',
      'Objects',
      'Activities',
      'Smileys Emotion',
      'Symbols',
      'Flags',
    ],
    png: (index) => index % 2 === 1,
  },
  { set: 'flat-color-icons', folder: 'web/public/icons', count: 100 },
  { set: 'streamline-kameleon-color', folder: 'docs/illustrations', count: 80, png: (index) => index % 4 === 3 },
  { set: 'bi', folder: 'app/src/res', count: 80 },
];

const PNG_SIZE = 128;

/** Writes the sample into `folder`, which it empties first. Deterministic. */
export async function assembleSample(folder: string): Promise<Sample> {
  await rm(folder, { recursive: true, force: true });
  const names = new Map<string, string>();
  for (const choice of choices) {
    await mkdir(path.join(folder, choice.folder), { recursive: true });
    for (const [index, { name, svg }] of (await chosenIcons(choice)).entries()) {
      const asPng = choice.png?.(index) ?? false;
      const file = `${choice.folder}/${String(index + 1).padStart(3, '0')}.${asPng ? 'png' : 'svg'}`;
      const bytes = asPng ? await sharp(Buffer.from(svg)).resize(PNG_SIZE, PNG_SIZE).png().toBuffer() : svg;
      await writeFile(path.join(folder, file), bytes);
      names.set(file, name);
    }
  }
  return { folder, names };
}

async function chosenIcons(choice: Choice): Promise<{ name: string; svg: string }[]> {
  const set = await readIconSet(choice.set);
  const metadata = await readSetFile<{ categories?: Record<string, string[]> }>(choice.set, 'metadata.json');
  const pools = choice.categories?.map((category) => metadata.categories?.[category] ?? []) ?? [Object.keys(set.icons)];
  return pools.flatMap((pool) => {
    const drawn = pool.filter((name) => set.icons[name] && !/skin-tone|-(dark|light|medium)/.test(name));
    const count = Math.min(drawn.length, Math.round(choice.count / pools.length));
    // Every n-th of the alphabet: a fair sample, and the same one each time.
    return Array.from({ length: count }, (_, i) => {
      const name = drawn[Math.floor((i * drawn.length) / count)] ?? '';
      return { name: name.replaceAll('-', ' '), svg: svgOf(set, name) };
    });
  });
}

/** An icon as an SVG file. */
export function svgOf(set: IconSet, name: string): string {
  const icon = set.icons[name];
  const width = icon?.width ?? set.width ?? 16;
  const height = icon?.height ?? set.height ?? 16;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${icon?.body ?? ''}</svg>\n`;
}

/** The icons of one of the sets that are development dependencies. */
export function readIconSet(set: string): Promise<IconSet> {
  return readSetFile<IconSet>(set, 'icons.json');
}

async function readSetFile<T>(set: string, file: string): Promise<T> {
  const resolved = createRequire(import.meta.url).resolve(`@iconify-json/${set}/${file}`);
  return JSON.parse(await readFile(resolved, 'utf8')) as T;
}
