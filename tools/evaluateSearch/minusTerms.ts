import { dot, queryScores, rankingLogit, type Calibration, type Inference } from '../../src/clip/index.ts';
import { readCategories, readIconSet, svgOf } from '../shared/iconSets.ts';
import { categories } from './categories.ts';

/** The categories of OpenMoji whose pictures show things. */
const THINGS = ['Food Drink', 'Animals Nature', 'Travel Places', 'Objects', 'Activities', 'Symbols', 'Smileys Emotion'];
const OTHER_SETS = ['flat-color-icons', 'streamline-kameleon-color'];
/** The first results, which a user sees. */
const FIRST = 20;
const BATCH = 64;

/** Figures of a rule for negative terms, in percent. */
export interface MinusFigures {
  /** Multiple of the shipped exponent; 0 ignores negative terms. */
  readonly strength: number;
  /** Mean average precision of the other members of the kind, among all pictures but the excluded ones. */
  readonly precision: number;
  /** Excluded pictures that stay among the first results, of those that are there without the term. */
  readonly left: number;
  /** Other members that stay among the first results, of those that are there without the term. */
  readonly kept: number;
}

/** Measures queries "kind -member", such as "fruit -apple", on the pictures of three icon sets. */
export async function measureMinusTerms(inference: Inference, calibration: Calibration): Promise<MinusFigures[]> {
  const { reference } = calibration;
  if (!reference) throw new Error('The model has no reference sample.');
  const pictures = await embeddedPictures(inference);
  const names = [...new Set(Object.entries(categories).flatMap(([kind, members]) => [kind, ...Object.keys(members)]))];
  const D = reference.mean.length;
  const vectors = await inference.embedTexts(names);
  const textOf = (name: string): Float32Array => {
    const at = names.indexOf(name);
    return vectors.subarray(at * D, (at + 1) * D);
  };
  const ranked = (kind: string, member: string, strength: number): string[] => {
    const terms = [
      { modality: 'text' as const, embedding: textOf(kind), weight: 1 },
      { modality: 'text' as const, embedding: textOf(member), weight: -strength },
    ];
    const { scores } = queryScores(terms, reference, calibration);
    const exclusions = scores.exclusions ?? new Float32Array();
    const score = (embedding: Float32Array): number =>
      rankingLogit(
        scores.bias.map((bias, l) => dot(embedding, scores.weights.subarray(l * D, l * D + D)) + bias),
        exclusions,
      );
    return pictures
      .map(({ id, embedding }) => ({ id, score: score(embedding) }))
      .sort((a, b) => b.score - a.score)
      .map(({ id }) => id);
  };
  return [0, 0.2, 0.4, 1, 2].map((strength) => figuresOf(strength, ranked));
}

function figuresOf(
  strength: number,
  ranked: (kind: string, member: string, strength: number) => string[],
): MinusFigures {
  const precisions: number[] = [];
  const keptShares: number[] = [];
  let named = 0;
  let left = 0;
  for (const [kind, members] of Object.entries(categories)) {
    for (const [member, excluded] of Object.entries(members)) {
      const wanted = new Set(
        Object.values(members)
          .flat()
          .filter((id) => !excluded.includes(id)),
      );
      const results = ranked(kind, member, strength);
      precisions.push(
        averagePrecision(
          results.filter((id) => !excluded.includes(id)),
          wanted,
        ),
      );
      const before = new Set(ranked(kind, member, 0).slice(0, FIRST));
      const after = new Set(results.slice(0, FIRST));
      const wantedBefore = [...wanted].filter((id) => before.has(id));
      if (wantedBefore.length > 0)
        keptShares.push(wantedBefore.filter((id) => after.has(id)).length / wantedBefore.length);
      const excludedBefore = excluded.filter((id) => before.has(id));
      named += excludedBefore.length;
      left += excludedBefore.filter((id) => after.has(id)).length;
    }
  }
  return { strength, precision: 100 * mean(precisions), left: (100 * left) / named, kept: 100 * mean(keptShares) };
}

function averagePrecision(results: readonly string[], wanted: ReadonlySet<string>): number {
  let found = 0;
  let sum = 0;
  for (const [i, id] of results.entries()) if (wanted.has(id)) sum += ++found / (i + 1);
  return sum / wanted.size;
}

async function embeddedPictures(
  inference: Inference,
): Promise<{ readonly id: string; readonly embedding: Float32Array }[]> {
  const openMoji = await readIconSet('openmoji');
  const byCategory = await readCategories('openmoji');
  const drawings = THINGS.flatMap((category) => byCategory[category] ?? [])
    .filter((id) => openMoji.icons[id] && !/oclock|thirty|moon-face/.test(id))
    .map((id) => ({ id, svg: svgOf(openMoji, id) }));
  for (const name of OTHER_SETS) {
    const set = await readIconSet(name);
    drawings.push(...Object.keys(set.icons).map((id) => ({ id: `${name}/${id}`, svg: svgOf(set, id) })));
  }
  const pictures: { id: string; embedding: Float32Array }[] = [];
  for (let start = 0; start < drawings.length; start += BATCH) {
    const batch = drawings.slice(start, start + BATCH);
    const outcomes = await inference.embedImages(
      batch.map(({ svg }) => ({ kind: 'bytes' as const, name: 'icon.svg', bytes: Buffer.from(svg) })),
    );
    for (const [i, outcome] of outcomes.entries()) {
      const id = batch[i]?.id ?? '';
      if (!outcome.ok) throw new Error(`${id}: ${outcome.reason}`);
      pictures.push({ id, embedding: outcome.embedding });
    }
  }
  return pictures;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
