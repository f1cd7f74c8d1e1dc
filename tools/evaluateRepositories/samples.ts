import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { UserError } from '../../src/base/userError.ts';
import { hasImageExtension } from '../../src/clip/index.ts';
import { readIconSet, svgOf } from '../shared/iconSets.ts';

/** An image of a sample, with what is known to be true of it. */
export interface SampleImage {
  /** The name of its file in the repository. A search by file names uses it. */
  readonly file: string;
  /** What the picture shows, in words. */
  readonly name: string;
  /** The labels that apply; null if they follow from the name. */
  readonly labels: readonly string[] | null;
  read(): Promise<Uint8Array>;
}

/** Images as a repository of one kind has them. */
export interface Sample {
  /** "icons" */
  readonly kind: string;
  readonly images: readonly SampleImage[];
}

/** The bundled sets by the kind of repository that has such pictures. */
const BUNDLED: Readonly<Record<string, readonly string[]>> = {
  icons: ['bi', 'flat-color-icons'],
  emoji: ['openmoji'],
  illustrations: ['streamline-kameleon-color'],
};

/**
 * The icon sets that are development dependencies. Their names are the truth.
 * @param most maximum number of images of a kind: every n-th one
 */
export async function bundledSamples(most: number): Promise<Sample[]> {
  return Promise.all(
    Object.entries(BUNDLED).map(async ([kind, sets]) => {
      const lists = await Promise.all(
        sets.map(async (set) => {
          const icons = await readIconSet(set);
          const ids = Object.keys(icons.icons).filter((id) => !/skin-tone|^flag-[a-z]{2}-/.test(id));
          return ids.map((id): SampleImage => {
            const read = () => Promise.resolve(Buffer.from(svgOf(icons, id)));
            return { file: `${set}/${id}.svg`, name: nameOf(id), labels: null, read };
          });
        }),
      );
      return { kind, images: everyNth(lists.flat(), most) };
    }),
  );
}

/** A line of rows.jsonl: the truth about an image. */
const rowSchema = z
  .object({ file: z.string(), name: z.string().optional(), labels: z.array(z.string()).optional() })
  .refine(({ name, labels }) => name !== undefined || labels !== undefined, { error: 'has neither name nor labels' });

const ROWS = 'rows.jsonl';

/**
 * Reads samples from a folder: one subfolder for each kind of repository. A file rows.jsonl in it has a line for each
 * image, `{"file": "001.png", "labels": ["weapon"]}` or `{"file": "001.png", "name": "long sword"}`. Without it, the
 * names of the files are the truth.
 * @param most maximum number of images of a kind: every n-th one
 * @throws UserError if the folder has no images or rows.jsonl has a mistake
 */
export async function samplesIn(folder: string, most: number): Promise<Sample[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const samples: Sample[] = [];
  for (const entry of entries.filter((it) => it.isDirectory())) {
    const images = await imagesIn(path.join(folder, entry.name));
    if (images.length > 0) samples.push({ kind: entry.name, images: everyNth(images, most) });
  }
  if (samples.length > 0) return samples;
  throw new UserError(`There are no images in subfolders of ${folder}. See tools/README.md for its structure.`);
}

async function imagesIn(folder: string): Promise<SampleImage[]> {
  const rows = await readFile(path.join(folder, ROWS), 'utf8').catch(() => undefined);
  if (rows === undefined) {
    const files = (await readdir(folder, { recursive: true })).filter(hasImageExtension).sort();
    return files.map((file) => ({
      file,
      name: nameOf(file),
      labels: null,
      read: () => readFile(path.join(folder, file)),
    }));
  }
  return rows
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, i) => {
      const { file, name, labels } = parseRow(line, `${path.join(folder, ROWS)}:${i + 1}`);
      const read = () => readFile(path.join(folder, file));
      // Numbers as file names stand for a repository whose files have the names.
      const shown = name === undefined ? file : `${name.replaceAll(/[^\p{L}\p{N}]+/gu, '-')}${path.extname(file)}`;
      return { file: `${i}/${shown}`, name: name ?? nameOf(file), labels: labels ?? null, read };
    });
}

function parseRow(line: string, place: string): z.infer<typeof rowSchema> {
  try {
    return rowSchema.parse(JSON.parse(line));
  } catch (error) {
    throw new UserError(`${place} has a mistake: ${String(error)}. See tools/README.md for the format of a line.`);
  }
}

/** The words of a file's name: "icons/arrow-left-fill.svg" shows an arrow left. */
function nameOf(file: string): string {
  return path
    .basename(file, path.extname(file))
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .replaceAll(/[^\p{L}]+/gu, ' ')
    .replaceAll(/\b(fill|alt|outline)\b/g, '')
    .trim();
}

function everyNth<T>(items: readonly T[], most: number): T[] {
  const count = Math.min(most, items.length);
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]).filter(
    (item) => item !== undefined,
  );
}
