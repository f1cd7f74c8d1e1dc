import * as z from 'zod';
import { readRegularText } from '../../base/regularFile.ts';
import { UserError, isTemplateSet, messageOf, templateSets, type Label } from '../../clip/index.ts';
import { closest } from './closest.ts';
import type { ParsedYaml } from './parseYaml.ts';

/** A label set as written in a labels file or a setting. */
export interface WrittenSet {
  readonly name: string;
  readonly labels: readonly Label[];
  /** Prompt templates; undefined if the set has none. */
  readonly templates?: readonly string[] | undefined;
  /** Threshold of the labels that have none, 0 to 1. */
  readonly threshold?: number | undefined;
}

/** The labels of a user. */
export interface LabelsFile {
  /** At least one set. A plain list of labels is one set with an empty name. */
  readonly sets: readonly WrittenSet[];
}

/** Maximum size of a labels file, in bytes: tens of thousands of labels. */
const LARGEST = 1_000_000;
/** Maximum number of mistakes in a message. */
const SHOWN_MISTAKES = 20;
/** Maximum number of mistakes whose position is found, so that those with the lowest lines are shown. */
const LOCATED_MISTAKES = 200;
/** Maximum length of a mistake in a message. */
const SHOWN_CHARACTERS = 300;

/** The mistake of a label without a name. It is reported for the label, not for its property "name". */
const NO_NAME = 'has no name';

const words = (missing: string) =>
  z
    .string({
      error: ({ input }) =>
        input === undefined ? missing : input === null ? 'is empty' : 'is not a text; put it in quotes',
    })
    .trim()
    .min(1, { error: 'is empty' });
const filled = words('is empty');
const list = { error: 'is not a list; write it as [one, two]' };
const outside = { error: 'is outside 0 to 1' };

const threshold = z.number({ error: 'is not a number from 0 to 1' }).min(0, outside).max(1, outside);

const labelSchema = z.strictObject(
  {
    name: words(NO_NAME),
    prompts: z.array(filled, list).min(1, { error: 'has no entries' }).optional(),
    context: filled.optional(),
    synonyms: z.array(filled, list).optional(),
    threshold: threshold.optional(),
  },
  { error: 'is neither a name nor an object with a name' },
);

const template = filled.includes('{}', { error: 'has no {} for the name of the label' });

const setSchema = z.strictObject(
  {
    labels: z.array(labelSchema, { error: 'is not a list of labels' }).min(1, { error: 'has no label' }),
    templates: z
      .array(template, { error: ({ input }) => noTemplates(input) })
      .min(1, { error: 'has no entries' })
      .optional(),
    threshold: threshold.optional(),
  },
  { error: 'is neither a list of labels nor an object with labels' },
);

const fileSchema = z.strictObject({
  sets: z
    .record(z.string(), setSchema, { error: 'has no label sets; write them as name: [labels]' })
    .refine((sets) => Object.keys(sets).length > 0, { error: 'has no label sets' }),
});

/**
 * Reads labels from JSON or YAML. A label is a name or an object with name, prompts, context, synonyms and threshold.
 * The file is one of:
 * - a list of labels;
 * - an object with `labels` and optionally `templates` (a list with {} for the name, or the name of a template set) and
 *   `threshold`;
 * - an object with `sets`, which maps names of label sets to either of the above.
 * @throws UserError that lists every mistake with its line
 */
export async function readLabels(file: string): Promise<LabelsFile> {
  const content = await readRegularText(file, LARGEST).catch((error: unknown) => {
    throw new UserError(
      `The labels in ${file} cannot be read (${messageOf(error)}). Check the path. The file must be a JSON or YAML list of labels.`,
    );
  });
  return parseLabels(content, file);
}

/**
 * Parses labels, see readLabels.
 * @param file name of the file for messages
 * @throws UserError that lists every mistake with its line
 */
export async function parseLabels(content: string, file: string): Promise<LabelsFile> {
  const { parseYaml } = await import('./parseYaml.ts');
  const parsed = parseYaml(content);
  const { mistakes } = parsed;
  if (mistakes.length > 0) {
    throw mistaken(
      file,
      mistakes.map(({ line, reason }) => ({ position: line, reason })),
    );
  }
  return checked(javascript(parsed, file), file, (path) => parsed.lineOf(path));
}

/**
 * Checks labels that are already parsed, as in settings.
 * @param name name of the source for messages
 * @throws UserError that lists every mistake with its property path
 */
export function checkLabels(value: unknown, name: string): LabelsFile {
  return checked(value, name, propertyPath);
}

/** @param locate returns the position of a path in the content: a line number or a property path */
function checked(content: unknown, file: string, locate: (path: readonly Key[]) => number | string): LabelsFile {
  const { value, prefix } = normalised(content);
  /** Converts a path in `value` to the path in the content. */
  const written = (path: readonly PropertyKey[]): Key[] => {
    const keys = path.slice(prefix).map((key) => (typeof key === 'symbol' ? String(key) : key));
    const isList =
      prefix === 0 && isObject(content) && isObject(content['sets']) && Array.isArray(content['sets'][String(path[1])]);
    return isList ? keys.filter((_, i) => i !== 2) : keys; // a set that is a list has no key "labels"
  };
  const parsed = parsedOrTooMany(value, () => mistaken(file, [{ position: locate([]), reason: 'too many mistakes' }]));
  const mistakes: Mistake[] = [];
  let unlocated = 0;
  for (const issue of parsed.error?.issues ?? []) {
    const path = written(issue.path);
    const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
    for (const key of keys) {
      // Finding a position takes a time that is proportional to the size of the file.
      if (mistakes.length >= LOCATED_MISTAKES) {
        unlocated++;
        continue;
      }
      const about = issue.message === NO_NAME ? path.slice(0, -1) : path;
      const position = locate(key === undefined ? path : [...path, key]);
      const reason = key === undefined ? `${subject(about)} ${issue.message}` : unknownKey(key, issue.path.length);
      mistakes.push({ position, reason });
    }
  }
  if (!parsed.success) throw mistaken(file, mistakes, unlocated);

  const firstPositions = new Map<string, number | string>();
  for (const [name, { labels }] of Object.entries(parsed.data.sets)) {
    for (const [i, label] of labels.entries()) {
      const position = locate(written(['sets', name, 'labels', i]));
      const key = label.name.toLowerCase(); // tokens have no case, so "Cat" equals "cat"
      const first = firstPositions.get(key);
      if (first === undefined) firstPositions.set(key, position);
      else mistakes.push({ position, reason: `duplicate label "${label.name}", first defined in ${shown(first)}` });
    }
  }
  if (mistakes.length > 0) throw mistaken(file, mistakes);
  return { sets: Object.entries(parsed.data.sets).map(([name, set]) => ({ name, ...set })) };
}

/** The schemas copy their mistakes as arguments of a function, whose number is limited. */
function parsedOrTooMany(value: unknown, tooMany: () => UserError): ReturnType<typeof fileSchema.safeParse> {
  try {
    return fileSchema.safeParse(value);
  } catch (error) {
    throw error instanceof RangeError ? tooMany() : error;
  }
}

type Key = string | number;

interface Mistake {
  /** A line number or a property path. */
  readonly position: number | string;
  readonly reason: string;
}

function shown(position: number | string): string {
  return typeof position === 'number' ? `line ${position}` : position;
}

/** @param others number of further mistakes */
function mistaken(file: string, mistakes: readonly Mistake[], others = 0): UserError {
  const sorted = mistakes.toSorted(({ position: a }, { position: b }) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : 0,
  );
  const cut = (text: string): string => (text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text);
  const lines = sorted.slice(0, SHOWN_MISTAKES).map(({ position, reason }) => `  ${shown(position)}: ${cut(reason)}`);
  const total = sorted.length + others;
  const count = total === 1 ? 'a mistake' : `${total} mistakes`;
  if (total > lines.length) lines.push(`  … and ${total - lines.length} more`);
  return new UserError([`The labels in ${file} have ${count}:`, ...lines]);
}

/** Formats a path as JavaScript writes it: Things.labels[2].threshold */
function propertyPath(path: readonly Key[]): string {
  const keys = path[0] === 'sets' ? path.slice(1) : path;
  const written = keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
  return written.replace(/^\./, '') || 'the whole value';
}

function javascript(parsed: ParsedYaml, file: string): unknown {
  try {
    return parsed.toJavaScript();
  } catch (error) {
    throw mistaken(file, [{ position: 1, reason: messageOf(error) }]);
  }
}

/**
 * Converts every form of the file to the form that the schema describes.
 * @returns the converted value, and the number of leading keys of its paths that the file does not contain
 */
function normalised(content: unknown): { value: unknown; prefix: number } {
  if (!isObject(content)) return { value: { sets: { '': normalisedSet(content) } }, prefix: 3 };
  const { sets } = content;
  if (!('sets' in content)) return { value: { sets: { '': normalisedSet(content) } }, prefix: 2 };
  if (!isObject(sets)) return { value: content, prefix: 0 };
  const each = Object.entries(sets).map(([name, set]) => [name, normalisedSet(set)] as const);
  return { value: { ...content, sets: Object.fromEntries(each) }, prefix: 0 };
}

function normalisedSet(content: unknown): unknown {
  const named = (items: unknown): unknown =>
    Array.isArray(items)
      ? items.map((item: unknown) => (isObject(item) || Array.isArray(item) ? item : { name: item }))
      : items;
  if (!isObject(content)) return { labels: named(content) };
  const { templates } = content;
  const set = typeof templates === 'string' && isTemplateSet(templates) ? { templates: templateSets[templates] } : {};
  return { ...content, labels: named(content['labels']), ...set };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the subject of a mistake: the last property of the path. */
function subject(path: readonly (string | number)[]): string {
  const key = path.findLast((it) => typeof it === 'string');
  const last = path.at(-1);
  if (key === undefined || key === 'labels') return typeof last === 'number' ? `label ${last + 1}` : 'the file';
  return typeof last === 'number' ? `entry ${last + 1} of "${key}"` : `"${key}"`;
}

/** Describes why templates that are neither a list nor the name of a template set are invalid. */
function noTemplates(input: unknown): string {
  if (typeof input !== 'string') return list.error;
  const sets = Object.keys(templateSets);
  const suggestion = closest(input, sets);
  const known = `the sets are ${sets.join(', ')}`;
  const hint = suggestion === undefined ? known : `did you mean "${suggestion}"? ${known}`;
  return `is "${input}", which is not a template set; ${hint}; or write a list`;
}

/** @param depth length of the path of the object: 0 for the file, 2 for a set, 4 for a label */
function unknownKey(key: string, depth: number): string {
  const known = Object.keys((depth > 2 ? labelSchema : depth > 0 ? setSchema : fileSchema).shape);
  const suggestion = closest(key, known);
  return `unknown property "${key}"; ${suggestion === undefined ? `the properties are ${known.join(', ')}` : `did you mean "${suggestion}"?`}`;
}
