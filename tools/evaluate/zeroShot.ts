import { templateSets, type Inference } from '../../src/clip/index.ts';
import { dot } from '../../src/clip/base/vectors.ts';
import { embedLabels, type EmbeddedSet } from './embedded.ts';
import { hitChance, mean } from './metrics.ts';

/** Bare names, one template, and the sets of templates that users may choose from: ensembles (paper, section 3.1.4). */
export const promptings: Readonly<Record<string, readonly string[]>> = {
  bare: templateSets.name,
  'one template': ['an icon of {}'],
  ...Object.fromEntries(Object.entries(templateSets).filter(([name]) => name !== 'name')),
};

/** All in %. */
export interface Accuracy {
  readonly top1: number;
  readonly top5: number;
}

export interface SetAccuracy {
  readonly set: string;
  readonly pictures: number;
  readonly names: number;
  /** What guessing gives. */
  readonly chance: Accuracy;
  readonly byPrompting: Readonly<Record<string, Accuracy>>;
}

/** Which of the names of its set is it? */
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
 * @param labels [N] of unit vectors [D]: the names' embeddings
 * @param among indices of the pictures to ask of; all without it
 */
export function accuracy(set: EmbeddedSet, labels: readonly Float32Array[], among?: readonly number[]): Accuracy {
  const asked = among ?? [...set.embeddings.keys()];
  const chances = asked.map((picture) => {
    const embedding = set.embeddings[picture] ?? new Float32Array();
    const scores = Float32Array.from(labels, (label) => dot(embedding, label));
    const own = set.nameOf[picture] ?? NaN;
    return [hitChance(scores, own, 1), hitChance(scores, own, 5)] as const;
  });
  return { top1: 100 * mean(chances.map(([first]) => first)), top5: 100 * mean(chances.map(([, five]) => five)) };
}
