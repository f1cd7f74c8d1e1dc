/** A CLIP with random weights and the smallest sizes that all layouts support. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { tokenizerOfMerges } from '../../src/clip/text/mergesFile.ts';
import { writeRandomCheckpoint, type RandomShape } from './randomCheckpoint.ts';

/** Side of the images of the encoder, length of its texts in tokens, and length of its embeddings. */
export const SIZE = 32;
export const CONTEXT = 16;
export const EMBEDDING = 24;

const FIRST_MERGES = ['c a', 'ca t</w>', 'd o', 'do g</w>', 'r e', 're d</w>'];
/** Pieces of a vocabulary that are no merges: bytes, bytes at the end of a word, and the start and the end token. */
const NO_MERGES = 2 * 256 + 2;

/** Merges for a vocabulary of so many tokens: some words, then pairs of letters. */
export function mergesFileOf(vocabulary: number): Buffer {
  const letters = Array.from({ length: 255 }, (_, code) => String.fromCharCode(code)).filter((one) =>
    /[!-~¡-¬®-ÿ]/.test(one),
  );
  const pairs = letters.flatMap((one) => letters.flatMap((other) => [`${one} ${other}`, `${one} ${other}</w>`]));
  const merges = [...new Set([...FIRST_MERGES, ...pairs])].slice(0, vocabulary - NO_MERGES);
  return gzipSync(['"version"', ...merges].join('\n'));
}

export const SMALL: RandomShape = {
  vision: { imageSize: SIZE, patchSize: 8, width: 48, layers: 2, heads: 4, mlpWidth: 96, embeddingSize: EMBEDDING },
  text: { context: CONTEXT, vocabulary: NO_MERGES + FIRST_MERGES.length, width: 32, layers: 2, heads: 4, mlpWidth: 64 },
};
// In widths as small as these, weights have to be larger for different images to get embeddings that differ.
const SMALL_DEVIATION = 0.3;

/** Writes a checkpoint as transformers saves it, by default a small one. */
export async function writeCheckpoint(
  folder: string,
  shape: Partial<RandomShape> = {},
  deviation = SMALL_DEVIATION,
): Promise<void> {
  const { vision, text } = { ...SMALL, ...shape };
  const { imageSize } = vision;
  await writeRandomCheckpoint(folder, { vision, text }, deviation);
  const json = (name: string, value: unknown) => writeFile(path.join(folder, name), JSON.stringify(value));
  await json('tokenizer.json', tokenizerOfMerges(mergesFileOf(text.vocabulary), 'merges'));
  await json('preprocessor_config.json', {
    size: { shortest_edge: imageSize },
    crop_size: { height: imageSize, width: imageSize },
    resample: 3,
    image_mean: [0.4, 0.5, 0.6],
    image_std: [0.2, 0.3, 0.25],
  });
  await writeFile(path.join(folder, 'README.md'), '---\nlicense: mit\n---\n# A small CLIP\n');
}
