import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Inference } from '../../src/clip/index.ts';
import {
  countKinds,
  fittingPresets,
  MAYBE_FROM,
  openLibrary,
  search,
  tagLibrary,
  updateIndex,
  type LabelSet,
  type Library,
  type Tag,
} from '../../src/library/index.ts';
import { wordsOf } from '../../src/library/search/pathWords.ts';
import { mean } from '../shared/statistics.ts';
import { defaultSets, presetSets } from './labelSets.ts';
import type { Sample, SampleImage } from './samples.ts';
import { isKindLabel, Truth } from './truth.ts';

/** Shares are 0 to 1, and NaN if nothing could be judged. */
export interface TagFigures {
  /** The presets; empty for the default labels. */
  readonly presets: readonly string[];
  /** Share of the judged tags that are right, without labels for kinds of pictures such as "sprite". */
  readonly precision: number;
  /** Share of the images that have such a tag. */
  readonly coverage: number;
  /** Share of the judged tags with labels for kinds of pictures that are right. */
  readonly kindPrecision: number;
  /** Share of the judged maybe labels that are right. */
  readonly maybePrecision: number;
  /** Number of judged tags. */
  readonly judged: number;
}

/** Precision at 5 of searches for labels: right results among the first five, or among as many as there are. */
export interface SearchFigures {
  readonly queries: number;
  /** By the pictures alone, as on the command line. */
  readonly pictures: number;
  /** By pictures and names, as in the editor. */
  readonly withNames: number;
  /** By the names of files alone, as without AssetLens. */
  readonly fileNames: number;
}

export interface SampleFigures {
  readonly kind: string;
  readonly images: number;
  readonly tags: readonly TagFigures[];
  readonly search: SearchFigures;
}

/** Writes the images of a sample into a folder, and measures tags and searches as the product makes them. */
export async function measureSample(inference: Inference, sample: Sample): Promise<SampleFigures> {
  const root = await mkdtemp(path.join(tmpdir(), 'assetlens-repository-'));
  try {
    for (const image of sample.images) {
      const file = path.join(root, image.file);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, await image.read());
    }
    await mkdir(path.join(root, '.assetlens'));
    await using library = await openLibrary({ root, inference });
    const { failures } = await updateIndex(library);
    const [failure] = failures;
    // An image that is left out would change the figures.
    if (failure) throw new Error(`${sample.kind}, ${failure.path}: ${failure.reason}`);
    const presets = fittingPresets(await countKinds(library));
    const sets = await presetSets(presets);
    const tags = [await measureTags(library, sample, await defaultSets(), [])];
    if (presets.length > 0) {
      tags.push(
        await measureTags(
          library,
          sample,
          sets,
          presets.map(({ name }) => name),
        ),
      );
    }
    const all = [...(await defaultSets()), ...sets];
    return { kind: sample.kind, images: sample.images.length, tags, search: await measureSearch(library, sample, all) };
  } finally {
    await rm(root, { recursive: true });
  }
}

async function measureTags(
  library: Library,
  { kind, images }: Sample,
  sets: readonly LabelSet[],
  presets: readonly string[],
): Promise<TagFigures> {
  const truth = new Truth(kind, sets);
  const byFile = new Map(images.map((image) => [image.file, image]));
  const counts = { tags: new Counts(), kinds: new Counts(), maybe: new Counts() };
  const isContent = ({ label }: Tag): boolean => !isKindLabel(label);
  let tagged = 0;
  for await (const page of tagLibrary(library, sets, { maybeFrom: MAYBE_FROM })) {
    for (const { path: file, tags, maybe } of page) {
      const image = byFile.get(file);
      if (!image) throw new Error(`${file} is not in the sample`);
      const content = tags.filter(isContent);
      if (content.length > 0) tagged++;
      counts.tags.add(truth, image, content);
      counts.kinds.add(
        truth,
        image,
        tags.filter((tag) => !isContent(tag)),
      );
      counts.maybe.add(truth, image, maybe.filter(isContent));
    }
  }
  return {
    presets,
    precision: counts.tags.precision,
    coverage: tagged / images.length,
    kindPrecision: counts.kinds.precision,
    maybePrecision: counts.maybe.precision,
    judged: counts.tags.judged,
  };
}

class Counts {
  #right = 0;
  #wrong = 0;

  get judged(): number {
    return this.#right + this.#wrong;
  }

  get precision(): number {
    return this.#right / this.judged;
  }

  add(truth: Truth, image: SampleImage, tags: readonly Tag[]): void {
    for (const { label } of tags) {
      const verdict = truth.verdict(label, image);
      if (verdict === 'right') this.#right++;
      if (verdict === 'wrong') this.#wrong++;
    }
  }
}

/** Results of a search that are judged. */
const FIRST = 5;
/** A label of fewer images is no query. */
const LEAST_IMAGES = 3;

async function measureSearch(
  library: Library,
  { kind, images }: Sample,
  sets: readonly LabelSet[],
): Promise<SearchFigures> {
  const truth = new Truth(kind, sets);
  const relevant = new Map<string, Set<string>>();
  for (const image of images) {
    for (const label of truth.labelsOf(image).labels) {
      relevant.set(label, (relevant.get(label) ?? new Set<string>()).add(image.file));
    }
  }
  const queries = [...relevant].filter(([, files]) => files.size >= LEAST_IMAGES);
  const labels = sets.flatMap((set) => set.labels);
  const figures = { pictures: [] as number[], withNames: [] as number[], fileNames: [] as number[] };
  for (const [query, files] of queries) {
    const precision = (found: readonly string[]): number =>
      found.slice(0, FIRST).filter((file) => files.has(file)).length / Math.min(FIRST, files.size);
    const found = async (options: { readonly names: boolean }): Promise<string[]> =>
      (await search(library, `"${query}"`, { ...options, labels, limit: FIRST })).map((result) => result.path);
    figures.pictures.push(precision(await found({ names: false })));
    figures.withNames.push(precision(await found({ names: true })));
    figures.fileNames.push(precision(namedFiles(images, query)));
  }
  return {
    queries: queries.length,
    pictures: mean(figures.pictures),
    withNames: mean(figures.withNames),
    fileNames: mean(figures.fileNames),
  };
}

/** The files whose path contains all words of the query, the shortest path first. */
function namedFiles(images: readonly SampleImage[], query: string): string[] {
  const words = wordsOf(query);
  return images
    .map(({ file }) => file)
    .filter((file) => {
      const own = new Set(wordsOf(file));
      return words.every((word) => own.has(word));
    })
    .sort((a, b) => a.length - b.length);
}
