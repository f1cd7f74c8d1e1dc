import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { readIconSet, svgOf } from '../sampleWorkspace.ts';

/** One picture of an evaluation set. What is known of it never reaches the model. */
export interface Picture {
  /** Its path or id in the set: what a search by file name has to go by. */
  readonly id: string;
  /** What it is called, and the label to be found for it. */
  readonly name: string;
  /** Further words that its makers gave it. */
  readonly tags: readonly string[];
  readonly category: string | null;
  readonly kind: string;
  /** Coarse labels that hold for it ("animal"), and those that nobody can tell from its words. */
  readonly labels: readonly string[];
  readonly unclear: readonly string[];
  /** Whether WordNet knows the name as a noun. */
  readonly noun: boolean;
  /** What WordNet also calls its name. */
  readonly synonyms: readonly string[];
  /** An image file. */
  bytes(): Promise<Uint8Array>;
}

/** A drawing style that training never saw. */
export interface EvaluationSet {
  readonly name: string;
  readonly pictures: readonly Picture[];
}

/** Names of one set to tell apart, at most. */
const MOST_NAMES = 1500;

const packaged = ['flat-color-icons', 'bi', 'streamline-kameleon-color', 'openmoji'];

/** The sets that come as development dependencies, as SVG. Of their pictures only names and categories are known. */
export function packagedSets(): Promise<EvaluationSet[]> {
  return Promise.all(
    packaged.map(async (name) => {
      const set = await readIconSet(name);
      const categories = await readCategories(name);
      const ids = Object.keys(set.icons).filter((id) => !/skin-tone|^flag-[a-z]{2}-/.test(id));
      return limited({
        name,
        pictures: ids.map((id) => ({
          id,
          // "-fill" and its like say how an icon is drawn, not what it shows.
          name: id.replace(/-(fill|alt|outline)\b/g, '').replaceAll('-', ' '),
          tags: [],
          category: categories.get(id) ?? null,
          kind: name === 'openmoji' ? 'emoji' : 'icon',
          labels: [],
          unclear: [],
          noun: false,
          synonyms: [],
          bytes: () => Promise.resolve(Buffer.from(svgOf(set, id))),
        })),
      });
    }),
  );
}

/** icon → the category that the makers of the set put it in. */
async function readCategories(set: string): Promise<Map<string, string>> {
  const file = createRequire(import.meta.url).resolve(`@iconify-json/${set}/metadata.json`);
  const { categories = {} } = JSON.parse(await readFile(file, 'utf8')) as { categories?: Record<string, string[]> };
  const pairs = Object.entries(categories).flatMap(([name, ids]) => ids.map((id) => [id, name.toLowerCase()] as const));
  return new Map(pairs);
}

/** The set with at most 1,500 names: every n-th of the alphabet, so the same ones each time. */
export function limited(set: EvaluationSet): EvaluationSet {
  const names = namesOf(set.pictures);
  const step = Math.max(1, names.length / MOST_NAMES);
  const kept = new Set(
    Array.from({ length: Math.min(names.length, MOST_NAMES) }, (_, i) => names[Math.floor(i * step)]),
  );
  return { ...set, pictures: set.pictures.filter(({ name }) => kept.has(name)) };
}

/** The different names, sorted. */
export function namesOf(pictures: readonly Pick<Picture, 'name'>[]): string[] {
  return [...new Set(pictures.map(({ name }) => name))].sort();
}
