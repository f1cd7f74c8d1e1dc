import { templateSets } from '../../src/clip/index.ts';
import { dot } from '../../src/clip/base/vectors.ts';
import { spread } from '../shared/spread.ts';
import { mean } from '../shared/statistics.ts';
import type { EmbeddedSet, Texts } from './embedded.ts';
import { hitChance } from './metrics.ts';

/** Bare names, a single template, and the template sets that users can choose, as ensembles (paper, section 3.1.4). */
export const promptings: Readonly<Record<string, readonly string[]>> = {
  bare: templateSets.name,
  'one template': ['an icon of {}'],
  ...Object.fromEntries(Object.entries(templateSets).filter(([name]) => name !== 'name')),
};

/** Shares of the pictures in %. */
export interface Accuracy {
  readonly top1: number;
  readonly top5: number;
}

export interface SetAccuracy {
  readonly set: string;
  readonly pictures: number;
  readonly names: number;
  /** The accuracy by chance. */
  readonly chance: Accuracy;
  /** The accuracy with bare names. */
  readonly accuracy: Accuracy;
  /** The accuracy by prompting, among a part of the names. */
  readonly byPrompting: Readonly<Record<string, Accuracy>>;
}

/** The number of names of a set among which promptings are compared: each needs up to 23 prompts. */
const COMPARED_NAMES = 100;

/**
 * The accuracy of choosing the name of a picture among all names of its set.
 * @param comparedNames the largest number of names among which promptings are compared
 */
export async function zeroShotAccuracy(
  texts: Texts,
  set: EmbeddedSet,
  comparedNames = COMPARED_NAMES,
): Promise<SetAccuracy> {
  const part = partOf(set, comparedNames);
  const byPrompting: Record<string, Accuracy> = {};
  for (const [prompting, templates] of Object.entries(promptings)) {
    byPrompting[prompting] = accuracy(part, await texts.embedLabels(part.names, templates));
  }
  const { name, pictures, names } = set;
  const chance = { top1: 100 / names.length, top5: 500 / names.length };
  const bare = accuracy(set, await texts.embedLabels(names, templateSets.name));
  return { set: name, pictures: pictures.length, names: names.length, chance, accuracy: bare, byPrompting };
}

/** The pictures with some names of a set, evenly spread over the alphabet. */
function partOf(set: EmbeddedSet, most: number): EmbeddedSet {
  const names = spread(set.names, most);
  const column = new Map(names.map((name, i) => [name, i]));
  const kept = [...set.pictures.entries()].filter(([, { name }]) => column.has(name));
  return {
    name: set.name,
    names,
    pictures: kept.map(([, picture]) => picture),
    embeddings: kept.map(([i]) => set.embeddings[i] ?? new Float32Array()),
    nameOf: Uint32Array.from(kept, ([, { name }]) => column.get(name) ?? NaN),
  };
}

/**
 * @param labels [N] unit vectors [D]: the embeddings of the names
 * @param indices the pictures to include, by default all
 */
export function accuracy(set: EmbeddedSet, labels: readonly Float32Array[], indices?: readonly number[]): Accuracy {
  const included = indices ?? [...set.embeddings.keys()];
  const chances = included.map((picture) => {
    const embedding = set.embeddings[picture] ?? new Float32Array();
    const scores = Float32Array.from(labels, (label) => dot(embedding, label));
    const name = set.nameOf[picture] ?? NaN;
    return [hitChance(scores, name, 1), hitChance(scores, name, 5)] as const;
  });
  return { top1: 100 * mean(chances.map(([first]) => first)), top5: 100 * mean(chances.map(([, five]) => five)) };
}
