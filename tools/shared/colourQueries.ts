import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Inference } from '../../src/clip/index.ts';
import { openLibrary, search, updateIndex } from '../../src/library/index.ts';
import { readIconSet, svgOf } from './iconSets.ts';

/** Drawings of one colour from Bootstrap Icons, by the word for what they show. */
const SHAPES = {
  heart: 'heart-fill',
  star: 'star-fill',
  house: 'house-fill',
  cloud: 'cloud-fill',
  bell: 'bell-fill',
  car: 'car-front-fill',
  umbrella: 'umbrella-fill',
  gift: 'gift-fill',
  tree: 'tree-fill',
  key: 'key-fill',
};
const COLOURS = {
  red: '#e11d2e',
  green: '#1a9e3c',
  blue: '#1f4fd8',
  yellow: '#f5c518',
  purple: '#7b1fa2',
  black: '#000000',
};

/** Shares of the queries "colour shape" in percent. */
export interface ColourFigures {
  /** The first result has the colour. */
  readonly colour: number;
  /** The first result has the colour and the shape. */
  readonly both: number;
  readonly queries: number;
}

/** Searches sixty recoloured icons with numbers as names for each colour and shape. */
export async function measureColourQueries(inference: Inference): Promise<ColourFigures> {
  const root = await mkdtemp(path.join(tmpdir(), 'assetlens-colours-'));
  try {
    const shown = await writeIcons(root);
    await mkdir(path.join(root, '.assetlens'));
    await using library = await openLibrary({ root, inference });
    await updateIndex(library);
    let [colours, both] = [0, 0];
    for (const { colour, shape } of shown.values()) {
      const [first] = await search(library, `${colour} ${shape}`, { limit: 10 });
      const found = shown.get(first?.path ?? '');
      if (found?.colour === colour) colours++;
      if (found?.colour === colour && found.shape === shape) both++;
    }
    const percent = (count: number): number => (100 * count) / shown.size;
    return { colour: percent(colours), both: percent(both), queries: shown.size };
  } finally {
    await rm(root, { recursive: true });
  }
}

async function writeIcons(root: string): Promise<Map<string, { readonly colour: string; readonly shape: string }>> {
  const set = await readIconSet('bi');
  const shown = new Map<string, { colour: string; shape: string }>();
  for (const [shape, icon] of Object.entries(SHAPES)) {
    for (const [colour, value] of Object.entries(COLOURS)) {
      const file = `${shown.size + 1}.svg`;
      await writeFile(path.join(root, file), svgOf(set, icon).replaceAll('currentColor', value));
      shown.set(file, { colour, shape });
    }
  }
  return shown;
}
