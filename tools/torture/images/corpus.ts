import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Canary } from '../canary.ts';
import { randomOf } from '../random.ts';
import { anyImage } from './baseImages.ts';
import { bomb, type HostileFile } from './bombs.ts';
import { hostileSvg, type Outside } from './hostileSvg.ts';
import { mutate } from './mutations.ts';
import { oddName } from './oddNames.ts';
import { specialFile, type SpecialFile } from './specialFiles.ts';

/** A case of the corpus: a folder, named after its number, with one image, or with special files. */
export interface CorpusCase {
  readonly number: number;
  /** Relative to the root, with '/' at its end. */
  readonly prefix: string;
  readonly how: string;
  /** Whether it has one regular file with the extension of an image, which the product has to report once. */
  readonly isImage: boolean;
  readonly close?: (() => void) | undefined;
}

/** Writes the folder of a case. The same seed and number give the same files. */
export async function writeCase(
  root: string,
  { seed, number, outside, canary }: { seed: number; number: number; outside: Outside; canary: Canary },
): Promise<CorpusCase> {
  const random = randomOf(seed, 'images', number);
  const prefix = `${number}/`;
  const folder = path.join(root, prefix);
  await mkdir(folder, { recursive: true });
  const kind = random.below(100);
  if (kind >= 95) {
    const { how, close }: SpecialFile = await specialFile(folder, canary, random);
    return { number, prefix, how, isImage: false, close };
  }
  let file: HostileFile;
  let name: Buffer | undefined;
  if (kind < 65) {
    const { format, bytes } = await anyImage(random);
    file = { extension: `.${format}`, ...mutate(bytes, format, random) };
  } else if (kind < 72) file = await bomb(random);
  else if (kind < 87) file = hostileSvg(outside, random);
  else {
    const { format, bytes } = await anyImage(random);
    file = { extension: `.${format}`, bytes, how: 'odd name' };
    name = oddName(file.extension, random);
  }
  name ??= Buffer.from(`image${file.extension}`);
  await writeFile(Buffer.concat([Buffer.from(folder), name]), file.bytes);
  return { number, prefix, how: `${file.how} (${file.extension})`, isImage: true };
}
