import type { Fit } from '../images/geometry.ts';
import { dot, normalised } from '../base/vectors.ts';

/**
 * What makes a heatmap of the similarities of cells: the background that prompts compete with, and the contrast between them.
 * Pure: the process that computes the similarities and the page that shows the map both use it.
 */

/** What kind of picture an image is; each has another background. */
export type ImageKind = 'drawing' | 'photo';

/**
 * What may be behind the thing that is looked for. The vocabulary matters more than the method: with 26 words in place of the one
 * word "background" the mean IoU on VOC21 rises from 35 to 57 (SCLIP, 2312.01597; ClearCLIP, 2407.12442).
 */
const backgrounds: Readonly<Record<ImageKind, readonly string[]>> = {
  photo: [
    ...['sky', 'wall', 'tree', 'wood', 'grass', 'road', 'sea', 'river', 'mountain', 'sands', 'desk', 'bed', 'building'],
    ...['cloud', 'lamp', 'door', 'window', 'wardrobe', 'ceiling', 'shelf', 'curtain', 'stair', 'floor', 'hill', 'rail'],
    'fence',
  ],
  drawing: ['', 'a photo.', 'plain white background', 'text', 'a texture', 'a pattern'],
};

/** Words for one thing each: who looks for one of them must not have another against it. */
const synonyms: readonly (readonly string[])[] = [
  ['sky', 'heaven'],
  ['tree', 'forest', 'wood', 'woods', 'plant'],
  ['grass', 'lawn', 'meadow', 'field', 'plant'],
  ['road', 'street', 'path', 'highway', 'lane'],
  ['sea', 'ocean', 'water', 'river', 'lake', 'stream', 'beach'],
  ['mountain', 'hill', 'peak'],
  ['sands', 'sand', 'beach', 'desert', 'dune'],
  ['desk', 'table', 'furniture'],
  ['bed', 'mattress', 'furniture'],
  ['wardrobe', 'closet', 'cupboard', 'furniture'],
  ['shelf', 'bookcase', 'furniture'],
  ['building', 'house', 'tower', 'skyscraper', 'home'],
  ['lamp', 'light', 'lantern'],
  ['door', 'gate', 'entrance'],
  ['curtain', 'drape', 'blind'],
  ['stair', 'stairs', 'staircase', 'step'],
  ['floor', 'background'],
  ['rail', 'railing', 'track', 'railway'],
  ['fence', 'barrier'],
  ['photo', 'photograph', 'picture'],
  ['text', 'word', 'letter', 'font', 'typography', 'writing'],
  ['texture', 'pattern', 'background'],
];

/** The background that stands against these prompts: without what they are about themselves. */
export function backgroundPrompts(kind: ImageKind, prompts: readonly string[]): string[] {
  const wanted = new Set(prompts.flatMap(wordsOf));
  const related = new Set(synonyms.filter((group) => group.some((word) => wanted.has(word))).flat());
  return backgrounds[kind].filter((prompt) => !wordsOf(prompt).some((word) => wanted.has(word) || related.has(word)));
}

/** Lower-case words in the singular, without the little ones. */
function wordsOf(text: string): string[] {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  return words.filter((word) => !littleWords.has(word)).flatMap((word) => [word, word.replace(/(?<=..)s$/, '')]);
}

const littleWords = new Set(['a', 'an', 'the', 'of', 'in', 'on', 'with', 'and', 'plain', 'white']);

/** A grid of square cells over an image, without those that lie wholly beside it. */
export interface CellGrid {
  /** The cells of the encoder's square that are kept. */
  readonly left: number;
  readonly top: number;
  readonly columns: number;
  readonly rows: number;
  /** What they cover, in fractions of the image's sides; beyond 0…1 where cells reach over bars. */
  readonly area: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
}

/**
 * The cells of an encoder's square that show the image.
 * @param fit how the image lies in the square
 * @param size pixels a side of the square
 * @param cells a side of the square
 */
export function gridOver(fit: Fit, size: number, cells: number): CellGrid {
  const cell = size / cells;
  const across = (begin: number, length: number) => {
    const first = Math.max(0, Math.floor(-begin / cell));
    const count = Math.min(cells, Math.ceil((length - begin) / cell)) - first;
    return { first, count, from: (begin + first * cell) / length, extent: (count * cell) / length };
  };
  const x = across(fit.left, fit.width);
  const y = across(fit.top, fit.height);
  const area = { left: x.from, top: y.from, width: x.extent, height: y.extent };
  return { left: x.first, top: y.first, columns: x.count, rows: y.count, area };
}

/** The kept cells of maps over the whole square: [P, cells, cells] → [P, rows, columns] */
export function cropMaps(maps: Float32Array, cells: number, { left, top, columns, rows }: CellGrid): Float32Array {
  const count = maps.length / cells ** 2;
  const result = new Float32Array(count * rows * columns);
  for (let map = 0; map < count; map++) {
    for (let row = 0; row < rows; row++) {
      const from = (map * cells + top + row) * cells + left;
      result.set(maps.subarray(from, from + columns), (map * rows + row) * columns);
    }
  }
  return result;
}

/** Products of every prompt with every cell: prompts [P, D] and cells [n, D] → [P, n] */
export function products(prompts: Float32Array, cells: Float32Array, dimensions: number): Float32Array {
  const n = cells.length / dimensions;
  const count = prompts.length / dimensions;
  const result = new Float32Array(count * n);
  for (let prompt = 0; prompt < count; prompt++) {
    const row = prompts.subarray(prompt * dimensions, (prompt + 1) * dimensions);
    for (let cell = 0; cell < n; cell++) {
      result[prompt * n + cell] = dot(row, cells.subarray(cell * dimensions, (cell + 1) * dimensions));
    }
  }
  return result;
}

/** How sharply prompts and background compete: cosines are multiplied by it. */
export const CONTRAST = 40;

/**
 * Contrast: the softmax over all prompts and the background in each cell, which says "none of them" where the background wins.
 * @param similarities [P, n] and background [M, n], cosines
 * @returns [P, n] probabilities
 */
export function contrast(similarities: Float32Array, background: Float32Array, n: number): Float32Array {
  const result = new Float32Array(similarities.length);
  const columnSum = (rows: Float32Array, cell: number, largest: number): number => {
    let sum = 0;
    for (let at = cell; at < rows.length; at += n) sum += Math.exp(CONTRAST * ((rows[at] ?? 0) - largest));
    return sum;
  };
  for (let cell = 0; cell < n; cell++) {
    let largest = -Infinity; // taken off first: exp does not overflow then
    for (const rows of [similarities, background]) {
      for (let at = cell; at < rows.length; at += n) largest = Math.max(largest, rows[at] ?? 0);
    }
    const total = columnSum(similarities, cell, largest) + columnSum(background, cell, largest);
    for (let at = cell; at < result.length; at += n) {
      result[at] = Math.exp(CONTRAST * ((similarities[at] ?? 0) - largest)) / total;
    }
  }
  return result;
}

/** The scale that maps of all images share: from what a prompt has by chance among M backgrounds to certainty. */
export function whereRange(backgrounds: number): readonly [number, number] {
  return backgrounds === 0 ? [0, 1] : [1 / (backgrounds + 1), 1];
}

/** As far to one side of zero as to the other. */
export function whyRange(values: Float32Array): readonly [number, number] {
  const most = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  return [-most, most];
}

/** Beyond the median, in median absolute deviations. */
const OUTLIER = 3;

/**
 * Some tokens of a vision transformer keep notes on the whole image instead of their patch, and are far longer than the others
 * (2309.16588). Their cells say what the cells around them say.
 * @param rows [cells², D], unit rows
 * @param lengths [cells²] of the tokens that enter the last block
 */
export function repairOutliers(rows: Float32Array, lengths: Float32Array, cells: number): Float32Array {
  const middle = median(lengths);
  const limit = middle + OUTLIER * median(lengths.map((length) => Math.abs(length - middle)));
  const isOutlier = (cell: number): boolean => (lengths[cell] ?? 0) > limit;
  const dimensions = rows.length / lengths.length;
  const result = rows.slice();
  for (let cell = 0; cell < lengths.length; cell++) {
    const around = isOutlier(cell) ? neighbours(cell, cells).filter((other) => !isOutlier(other)) : [];
    if (around.length === 0) continue;
    const mean = new Float32Array(dimensions);
    for (const other of around) {
      for (let i = 0; i < dimensions; i++) mean[i] = (mean[i] ?? 0) + (rows[other * dimensions + i] ?? 0);
    }
    result.set(normalised(mean), cell * dimensions);
  }
  return result;
}

function neighbours(cell: number, side: number): number[] {
  const [row, column] = [Math.floor(cell / side), cell % side];
  return [
    ...(row > 0 ? [cell - side] : []),
    ...(column > 0 ? [cell - 1] : []),
    ...(column < side - 1 ? [cell + 1] : []),
    ...(row < side - 1 ? [cell + side] : []),
  ];
}

function median(values: Float32Array): number {
  const sorted = values.toSorted();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[half] ?? 0) : ((sorted[half - 1] ?? 0) + (sorted[half] ?? 0)) / 2;
}
