import { readCategories, readIconSet, svgOf } from './iconSets.ts';

/** A picture of an evaluation set. The model receives only its bytes. */
export interface Picture {
  /** The path or id in the set. A search by file name uses it. */
  readonly id: string;
  /** The name of the picture, which is the correct label for it. */
  readonly name: string;
  /** Further words that the makers of the set give the picture. */
  readonly tags: readonly string[];
  readonly category: string | null;
  readonly kind: string;
  /** The coarse labels ("animal") that apply, and those for which its words leave that open. */
  readonly labels: readonly string[];
  readonly unclear: readonly string[];
  /** Whether the name is a noun in WordNet. */
  readonly noun: boolean;
  /** The synonyms of the name in WordNet. */
  readonly synonyms: readonly string[];
  /** The content of an image file. */
  bytes(): Promise<Uint8Array>;
}

/** The pictures of one drawing style, which is not in the training data. */
export interface EvaluationSet {
  readonly name: string;
  readonly pictures: readonly Picture[];
}

/** The largest number of names in a set. */
const MAX_NAMES = 1500;

const packaged = ['flat-color-icons', 'bi', 'streamline-kameleon-color', 'openmoji'];

/**
 * The sets that are development dependencies, as SVG. Their pictures have a name and a category, and no other metadata.
 */
export function packagedSets(): Promise<EvaluationSet[]> {
  return Promise.all(
    packaged.map(async (name) => {
      const set = await readIconSet(name);
      const categories = new Map(
        Object.entries(await readCategories(name)).flatMap(([category, ids]) =>
          ids.map((id) => [id, category.toLowerCase()] as const),
        ),
      );
      const ids = Object.keys(set.icons).filter((id) => !/skin-tone|^flag-[a-z]{2}-/.test(id));
      return limited({
        name,
        pictures: ids.map((id) => ({
          id,
          // A suffix like "-fill" describes how an icon is drawn, not what it shows.
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

/** The set with at most MAX_NAMES names: every n-th name in alphabetical order, the same ones each time. */
export function limited(set: EvaluationSet): EvaluationSet {
  const names = namesOf(set.pictures);
  const step = Math.max(1, names.length / MAX_NAMES);
  const kept = new Set(
    Array.from({ length: Math.min(names.length, MAX_NAMES) }, (_, i) => names[Math.floor(i * step)]),
  );
  return { ...set, pictures: set.pictures.filter(({ name }) => kept.has(name)) };
}

/** The distinct names, sorted. */
export function namesOf(pictures: readonly Pick<Picture, 'name'>[]): string[] {
  return [...new Set(pictures.map(({ name }) => name))].sort();
}
