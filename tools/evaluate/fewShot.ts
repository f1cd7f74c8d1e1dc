import { templateSets, type LinearScores } from '../../src/clip/index.ts';
import { trainLinearProbe, zeroShotClassifier } from '../../src/clip/scoring/fewShot.ts';
import { dot } from '../../src/clip/base/vectors.ts';
import { randomSource } from '../shared/random.ts';
import { mean } from '../shared/statistics.ts';
import type { EmbeddedSet, Texts } from './embedded.ts';

export const SHOTS = [1, 2, 4, 8, 16] as const;
const SEEDS = [1, 2, 3];
/** Limits on the pictures of a class: for training, and the smallest and largest number for the test. */
const [MAX_SHOTS, MIN_TESTS, MAX_TESTS] = [16, 8, 40];
const MIN_CLASSES = 4;

/**
 * A classification task. The pictures of a class have different names, so no variant of a training picture is in the
 * test.
 */
interface Task {
  readonly name: string;
  readonly classes: readonly { readonly name: string; readonly pictures: readonly Float32Array[] }[];
}

export interface FewShotCurve {
  readonly task: string;
  readonly classes: number;
  /** Accuracies are in %, and means over three draws. */
  readonly chance: number;
  readonly zeroShot: number;
  /** [SHOTS] Accuracy of the linear probe, and of the one that starts from the class names. */
  readonly probe: readonly number[];
  readonly probeWithNames: readonly number[];
}

/**
 * Compares linear probes of 1 to 16 pictures per class with zero-shot, as figure 6 of the paper does. Each set with
 * categories is a task with these as classes. One more task has the coarse labels as classes, over all sets.
 */
export async function fewShotCurves(
  texts: Texts,
  logitScale: number,
  sets: readonly EmbeddedSet[],
): Promise<FewShotCurve[]> {
  const curves: FewShotCurve[] = [];
  for (const task of tasksOf(sets)) {
    const names = task.classes.map(({ name }) => name);
    const labels = await texts.embedLabels(names, templateSets.icon);
    curves.push(curve(task, zeroShotClassifier(labels, logitScale)));
  }
  return curves;
}

function curve({ name, classes }: Task, zeroShot: LinearScores): FewShotCurve {
  const byShots = () => SHOTS.map((): number[] => []);
  const [plain, named] = [byShots(), byShots()];
  const untrained: number[] = [];
  for (const seed of SEEDS) {
    const random = randomSource(seed);
    const drawn = classes.map(({ pictures }) => shuffled(pictures, random));
    const test = drawn.map((pictures) => pictures.slice(MAX_SHOTS, MAX_SHOTS + MAX_TESTS));
    untrained.push(accuracy(zeroShot, test));
    SHOTS.forEach((shots, i) => {
      const rows = drawn.flatMap((pictures, label) => pictures.slice(0, shots).map((vector) => ({ vector, label })));
      const columns = rows[0]?.vector.length ?? 0;
      const embeddings = new Float32Array(rows.length * columns);
      rows.forEach(({ vector }, row) => {
        embeddings.set(vector, row * columns);
      });
      const labels = Uint32Array.from(rows, ({ label }) => label);
      const examples = { embeddings, columns, labels, classes: classes.length };
      plain[i]?.push(accuracy(trainLinearProbe(examples), test));
      named[i]?.push(accuracy(trainLinearProbe(examples, { prior: zeroShot }), test));
    });
  }
  return {
    task: name,
    classes: classes.length,
    chance: 100 / classes.length,
    zeroShot: mean(untrained),
    probe: plain.map(mean),
    probeWithNames: named.map(mean),
  };
}

/** The mean of the classes' accuracies, in %. */
function accuracy({ weights, bias }: LinearScores, test: readonly (readonly Float32Array[])[]): number {
  const isCorrect = (image: Float32Array, label: number): boolean => {
    const D = image.length;
    const scores = Array.from(bias, (offset, c) => offset + dot(image, weights.subarray(c * D, (c + 1) * D)));
    return scores.indexOf(Math.max(...scores)) === label;
  };
  return 100 * mean(test.map((images, label) => mean(images.map((image) => (isCorrect(image, label) ? 1 : 0)))));
}

function tasksOf(sets: readonly EmbeddedSet[]): Task[] {
  const task = (name: string, taskSets: readonly EmbeddedSet[], classOf: ClassOf): Task[] => {
    // class → set and name of a picture → its embedding
    const classes = new Map<string, Map<string, Float32Array>>();
    for (const set of taskSets) {
      set.pictures.forEach((picture, i) => {
        const className = classOf(picture);
        const embedding = set.embeddings[i];
        if (className === null || !embedding) return;
        const pictures = classes.get(className) ?? new Map<string, Float32Array>();
        classes.set(className, pictures);
        const key = `${family(set.name)} ${picture.name}`;
        if (!pictures.has(key)) pictures.set(key, embedding);
      });
    }
    const large = [...classes].filter(([, pictures]) => pictures.size >= MAX_SHOTS + MIN_TESTS);
    if (large.length < MIN_CLASSES) return [];
    return [
      {
        name,
        classes: large
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([label, pictures]) => ({ name: label, pictures: [...pictures.values()] })),
      },
    ];
  };
  return [
    ...sets
      .filter(({ name }) => !sets.some((other) => other.name !== name && other.name === family(name)))
      .flatMap((set) => task(set.name, [set], categoryOf)),
    ...task('coarse labels', sets, ({ labels }) => (labels.length === 1 ? (labels[0] ?? null) : null)),
  ];
}

type ClassOf = (picture: EmbeddedSet['pictures'][number]) => string | null;

/** The category of a picture in its set; null for the category "extras", which holds unrelated pictures. */
function categoryOf({ category }: EmbeddedSet['pictures'][number]): string | null {
  return category && !category.startsWith('extras') ? category.replaceAll(' n ', ' and ') : null;
}

/** The common name of a set and its coloured variant. */
function family(set: string): string {
  return set.replace(/-color$/, '');
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
