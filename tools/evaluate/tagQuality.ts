import {
  centredText,
  confidenceOf,
  promptsOf,
  templateSets,
  type Calibration,
  type Label,
} from '../../src/clip/index.ts';
import { DEFAULT_THRESHOLD, MAYBE_FROM, type LabelSet } from '../../src/library/index.ts';
import type { Picture } from '../shared/evaluationSets.ts';
import type { EmbeddedSet, Texts } from './embedded.ts';
import { tagLogits } from './scores.ts';

/** The tags of a group of pictures from a confidence on. Shares are in %, NaN without tags. */
export interface TagLevel {
  readonly level: (typeof LEVELS)[number]['level'];
  readonly tags: number;
  /** The share of the tags that are wrong. */
  readonly wrong: number;
  /** The share of the pictures with a wrong tag, with a right tag that names no kind, and without a tag. */
  readonly withWrong: number;
  readonly withRight: number;
  readonly without: number;
}

export interface TagQuality {
  readonly group: string;
  readonly pictures: number;
  readonly levels: readonly TagLevel[];
}

/** The least confidence of a tag, from the threshold of its label. */
const LEVELS = [
  { level: 'maybe', least: (threshold: number) => MAYBE_FROM * threshold },
  { level: 'shown', least: (threshold: number) => threshold },
  { level: 'confident', least: (threshold: number) => Math.max(0.5, threshold) },
] as const;

/** Labels that name the kind of a picture, with the kind. */
const KIND_LABELS = new Map([
  ['photo', 'photo'],
  ['logo', 'logo'],
  ['sprite', 'sprite'],
  ['flag', 'flag'],
]);

/** Pictures of one kind. */
export interface TaggedGroup {
  readonly title: string;
  readonly sets: readonly EmbeddedSet[];
}

/**
 * Counts the wrong tags that the labels give to pictures, and the pictures without a tag. Each group is followed by
 * those of its pictures that show a thing which no label names.
 * @param labelSets the default labels
 */
export async function tagQuality(
  texts: Texts,
  calibration: Calibration,
  groups: readonly TaggedGroup[],
  labelSets: readonly LabelSet[],
): Promise<TagQuality[] | null> {
  const { reference } = calibration;
  if (!reference) return null;
  const labels = labelSets.flatMap((set) =>
    set.labels.map((label) => ({
      label,
      prompts: promptsOf(label, set.templates),
      threshold: label.threshold ?? set.threshold ?? DEFAULT_THRESHOLD,
    })),
  );
  const embedded = await texts.embedPrompts(labels.map(({ prompts }) => prompts));
  const directions = embedded.map((text) => centredText(text, calibration));
  return groups.flatMap(({ title, sets }) => {
    const tagged = sets.flatMap(({ pictures, embeddings }) =>
      tagLogits(embeddings, directions, reference, calibration).map((logits, i) => tagsOf(logits, labels, pictures[i])),
    );
    const unnamed = tagged.filter(({ named }) => !named);
    return [qualityOf(title, tagged), qualityOf(`${title} of things that no label names`, unnamed)];
  });
}

interface TaggedPicture {
  /** Whether a label names the thing that the picture shows, or may do so. */
  readonly named: boolean;
  /** [labels] */
  readonly scores: readonly {
    readonly confidence: number;
    readonly threshold: number;
    readonly truth: Truth;
    readonly isKind: boolean;
  }[];
}

function tagsOf(
  logits: Float32Array,
  labels: readonly { readonly label: Label; readonly threshold: number }[],
  picture: Picture | undefined,
): TaggedPicture {
  const scores = labels.map(({ label, threshold }, l) => ({
    confidence: confidenceOf(logits[l] ?? NaN),
    threshold,
    truth: picture ? truthOf(label, picture) : 'unclear',
    isKind: KIND_LABELS.has(label.name),
  }));
  return { named: labels.some(({ label }) => picture !== undefined && mayName(label, picture)), scores };
}

/** Whether a label names what a picture shows, or may do so. Labels for kinds do not. */
function mayName(label: Label, { labels, unclear }: Picture): boolean {
  if (KIND_LABELS.has(label.name)) return false;
  return namesOf(label).some((word) => labels.includes(word) || unclear.includes(word));
}

/** A synonym applies as the name does. */
function namesOf({ name, synonyms = [] }: Label): string[] {
  return [name, ...synonyms];
}

export type Truth = 'right' | 'wrong' | 'unclear';

/** Whether a label applies to a picture, by its kind and its coarse labels. */
export function truthOf(label: Label, { kind, labels, unclear }: Picture): Truth {
  const kindOfLabel = KIND_LABELS.get(label.name);
  if (kindOfLabel === kind) return 'right';
  // The pictures of spaceships are renderings for a game.
  if (kindOfLabel === 'sprite' && kind === 'render') return 'unclear';
  const words = namesOf(label);
  if (words.some((word) => labels.includes(word))) return 'right';
  // Every photo is an image.
  if (label.name === 'image' && kind === 'photo') return 'unclear';
  return words.some((word) => unclear.includes(word)) ? 'unclear' : 'wrong';
}

function qualityOf(group: string, pictures: readonly TaggedPicture[]): TagQuality {
  const share = (count: number, all: number): number => (100 * count) / all;
  const levels = LEVELS.map(({ level, least }): TagLevel => {
    const tags = pictures.map(({ scores }) => scores.filter((tag) => tag.confidence >= least(tag.threshold)));
    const clear = tags.flat().filter(({ truth }) => truth !== 'unclear');
    const wrong = (all: TaggedPicture['scores']): number => all.filter(({ truth }) => truth === 'wrong').length;
    return {
      level,
      tags: clear.length,
      wrong: share(wrong(clear), clear.length),
      withWrong: share(tags.filter((all) => wrong(all) > 0).length, pictures.length),
      withRight: share(
        tags.filter((all) => all.some(({ truth, isKind }) => truth === 'right' && !isKind)).length,
        pictures.length,
      ),
      without: share(tags.filter((all) => all.length === 0).length, pictures.length),
    };
  });
  return { group, pictures: pictures.length, levels };
}

/** Label sets of a labels file, with the templates that apply to sets without any. */
export function withTemplates(
  sets: readonly (Omit<LabelSet, 'templates'> & { readonly templates?: readonly string[] | undefined })[],
): LabelSet[] {
  return sets.map((set) => ({ ...set, templates: set.templates ?? templateSets.icon }));
}
