import { templateSets, type Inference, type LinearScores } from '../../src/clip/index.ts';
import { trainLinearProbe, zeroShotClassifier } from '../../src/clip/scoring/fewShot.ts';
import { dot } from '../../src/clip/base/vectors.ts';
import { randomSource } from '../bench/random.ts';
import { embedLabels, type EmbeddedSet } from './embedded.ts';
import { mean } from './metrics.ts';

export const SHOTS = [1, 2, 4, 8, 16] as const;
const SEEDS = [1, 2, 3];
/** Pictures of a class to train on and to test with, at least; and to test with at most. */
const [MOST_SHOTS, FEWEST_TESTS, MOST_TESTS] = [16, 8, 40];
const FEWEST_CLASSES = 4;

/** A classification task: its classes have pictures of names that differ, so that no variant of a trained one is tested. */
interface Task {
  readonly name: string;
  readonly classes: readonly { readonly name: string; readonly pictures: readonly Float32Array[] }[];
}

export interface FewShotCurve {
  readonly task: string;
  readonly classes: number;
  /** Accuracy in %, means over three draws. */
  readonly chance: number;
  readonly zeroShot: number;
  /** [SHOTS] of the linear probe, and of the one that starts from the class names. */
  readonly probe: readonly number[];
  readonly probeWithNames: readonly number[];
}

/**
 * Linear probes of 1 to 16 pictures a class beside zero-shot, as in the paper's figure 6: for each set whose makers sorted it
 * into categories these are the classes, and coarse labels are those of a task over all sets.
 */
export async function fewShotCurves(inference: Inference, sets: readonly EmbeddedSet[]): Promise<FewShotCurve[]> {
  const curves: FewShotCurve[] = [];
  for (const task of tasksOf(sets)) {
    const names = task.classes.map(({ name }) => name);
    const texts = await embedLabels(inference, names, templateSets.icon);
    curves.push(curve(task, zeroShotClassifier(texts, inference.model.manifest.logitScale)));
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
    const test = drawn.map((pictures) => pictures.slice(MOST_SHOTS, MOST_SHOTS + MOST_TESTS));
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

/** In %: each class counts alike. */
function accuracy({ weights, bias }: LinearScores, test: readonly (readonly Float32Array[])[]): number {
  const right = (image: Float32Array, label: number): boolean => {
    const D = image.length;
    const scores = Array.from(bias, (offset, c) => offset + dot(image, weights.subarray(c * D, (c + 1) * D)));
    return scores.indexOf(Math.max(...scores)) === label;
  };
  return 100 * mean(test.map((images, label) => mean(images.map((image) => (right(image, label) ? 1 : 0)))));
}

function tasksOf(sets: readonly EmbeddedSet[]): Task[] {
  const task = (name: string, of: readonly EmbeddedSet[], classOf: ClassOf): Task[] => {
    // class → name of the picture (and its set) → one picture of that name
    const classes = new Map<string, Map<string, Float32Array>>();
    for (const set of of) {
      set.pictures.forEach((picture, i) => {
        const own = classOf(picture);
        const embedding = set.embeddings[i];
        if (own === null || !embedding) return;
        const pictures = classes.get(own) ?? new Map<string, Float32Array>();
        classes.set(own, pictures);
        const key = `${family(set.name)} ${picture.name}`;
        if (!pictures.has(key)) pictures.set(key, embedding);
      });
    }
    const large = [...classes].filter(([, pictures]) => pictures.size >= MOST_SHOTS + FEWEST_TESTS);
    if (large.length < FEWEST_CLASSES) return [];
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

/** The category that the makers put it in; their rest ("extras") is none. */
function categoryOf({ category }: EmbeddedSet['pictures'][number]): string | null {
  return category && !category.startsWith('extras') ? category.replaceAll(' n ', ' and ') : null;
}

/** The same drawings in colour and without are one set. */
function family(set: string): string {
  return set.replace(/-color$/, '');
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
