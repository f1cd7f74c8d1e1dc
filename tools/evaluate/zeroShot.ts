import { templateSets, type Inference } from '../../src/clip/index.ts';
import { dot } from '../../src/clip/base/vectors.ts';
import { mean } from '../shared/statistics.ts';
import { embedLabels, type EmbeddedSet } from './embedded.ts';
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
  readonly byPrompting: Readonly<Record<string, Accuracy>>;
}

/** The accuracy of choosing the name of a picture among all names of its set. */
export async function zeroShotAccuracy(inference: Inference, set: EmbeddedSet): Promise<SetAccuracy> {
  const byPrompting: Record<string, Accuracy> = {};
  const known = new Map<string, Float32Array>();
  for (const [prompting, templates] of Object.entries(promptings)) {
    byPrompting[prompting] = accuracy(set, await embedLabels(inference, set.names, templates, known));
  }
  const { name, pictures, names } = set;
  const chance = { top1: 100 / names.length, top5: 500 / names.length };
  return { set: name, pictures: pictures.length, names: names.length, chance, byPrompting };
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
