import { readFile } from 'node:fs/promises';
import { isMap, isNode, isScalar, LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { HumanError, isTemplateSet, messageOf, templateSets, type Label } from '../clip/index.ts';
import { closest } from './closest.ts';

/** A user's own labels. */
export interface LabelsFile {
  readonly labels: readonly Label[];
  /** What label names are put into; none where the file leaves it open. */
  readonly templates?: readonly string[] | undefined;
}

/** Said of a label, and not of its "name" as other mistakes are. */
const NO_NAME = 'has no name';

const words = (missing: string) =>
  z
    .string({
      error: ({ input }) =>
        input === undefined ? missing : input === null ? 'is empty' : 'is no text; put it in quotes',
    })
    .trim()
    .min(1, { error: 'is empty' });
const filled = words('is empty');
const list = { error: 'is no list; write it as [one, two]' };
const outside = { error: 'is outside 0 to 1' };

const labelSchema = z.strictObject(
  {
    name: words(NO_NAME),
    prompts: z.array(filled, list).min(1, { error: 'has no entries' }).optional(),
    context: filled.optional(),
    synonyms: z.array(filled, list).optional(),
    threshold: z.number({ error: 'is no number from 0 to 1' }).min(0, outside).max(1, outside).optional(),
  },
  { error: 'is neither a name nor an object with a name' },
);

const template = filled.includes('{}', { error: 'has no {} for the name of the label' });

const fileSchema = z.strictObject({
  labels: z.array(labelSchema, { error: 'is no list of labels' }).min(1, { error: 'has no label' }),
  templates: z
    .array(template, { error: ({ input }) => noTemplates(input) })
    .min(1, { error: 'has no entries' })
    .optional(),
});

/**
 * Reads a list of labels from JSON or YAML: names, or objects of name, prompts, context, synonyms and threshold; either the
 * list alone, or as `labels` besides `templates` (a list with {} for the name, or the name of one of our sets).
 * @throws HumanError that names every mistake with its line
 */
export async function readLabels(file: string): Promise<LabelsFile> {
  const content = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new HumanError(
      `The labels in ${file} cannot be read (${messageOf(error)}). Check the path; the file is a JSON or YAML list of labels.`,
    );
  });
  return parseLabels(content, file);
}

/** @param file its name, for messages */
export function parseLabels(content: string, file: string): LabelsFile {
  const lines = new LineCounter();
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false });
  const mistakes: Mistake[] = [];
  for (const { pos, message } of document.errors) {
    const { line } = lines.linePos(pos[0]);
    // What follows in a line is mostly said of the same mistake.
    if (mistakes.at(-1)?.line !== line) mistakes.push({ line, reason: message });
  }
  if (mistakes.length > 0) throw mistaken(file, mistakes);

  const { value, prefix } = normalised(javascript(document, file));
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const path = issue.path.slice(prefix).map((key) => (typeof key === 'symbol' ? String(key) : key));
      const keys = issue.code === 'unrecognized_keys' ? issue.keys : [undefined];
      for (const key of keys) {
        const line = lineOf(document, lines, key === undefined ? path : [...path, key]);
        const about = issue.message === NO_NAME ? path.slice(0, -1) : path;
        const reason =
          key === undefined ? `${subject(about)} ${issue.message}` : unknownKey(key, issue.path.length > 0);
        mistakes.push({ line, reason });
      }
    }
    throw mistaken(file, mistakes);
  }
  const first = new Map<string, number>();
  for (const [i, { name }] of parsed.data.labels.entries()) {
    const line = lineOf(document, lines, prefix ? [i] : ['labels', i]);
    const before = first.get(name.toLowerCase()); // tokens have no case, so "Cat" is "cat"
    if (before !== undefined)
      mistakes.push({ line, reason: `the label "${name}" is there already, in line ${before}` });
    else first.set(name.toLowerCase(), line);
  }
  if (mistakes.length > 0) throw mistaken(file, mistakes);
  return parsed.data;
}

interface Mistake {
  readonly line: number;
  readonly reason: string;
}

function mistaken(file: string, mistakes: readonly Mistake[]): HumanError {
  const lines = mistakes.toSorted((a, b) => a.line - b.line).map(({ line, reason }) => `  line ${line}: ${reason}`);
  const count = lines.length === 1 ? 'a mistake' : `${lines.length} mistakes`;
  return new HumanError(`The labels in ${file} have ${count}:\n${lines.join('\n')}`);
}

function javascript(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (error) {
    throw mistaken(file, [{ line: 1, reason: messageOf(error) }]); // an alias of nothing, or too many of them
  }
}

/**
 * Any way of writing the file as the one that the schema knows.
 * @returns how many keys of a path in `value` are not in the file
 */
function normalised(content: unknown): { value: unknown; prefix: number } {
  const named = (items: unknown): unknown =>
    Array.isArray(items)
      ? items.map((item: unknown) => (isObject(item) || Array.isArray(item) ? item : { name: item }))
      : items;
  if (!isObject(content)) return { value: { labels: named(content) }, prefix: 1 };
  const { templates } = content;
  const set = typeof templates === 'string' && isTemplateSet(templates) ? { templates: templateSets[templates] } : {};
  return { value: { ...content, labels: named(content['labels']), ...set }, prefix: 0 };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where the file says what a path leads to; where it does not say it, where that is missing. */
function lineOf(document: Document, lines: LineCounter, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true);
    const key = path[length - 1];
    const pair = isMap(parent) ? parent.items.find((it) => isScalar(it.key) && it.key.value === key) : undefined;
    const node = pair?.key ?? document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

/** What a mistake is about: the last name on the way to it. */
function subject(path: readonly (string | number)[]): string {
  const key = path.findLast((it) => typeof it === 'string');
  const last = path.at(-1);
  if (key === undefined || key === 'labels') return typeof last === 'number' ? `label ${last + 1}` : 'the file';
  return typeof last === 'number' ? `entry ${last + 1} of "${key}"` : `"${key}"`;
}

/** What is wrong with templates that are neither a list nor the name of a set. */
function noTemplates(input: unknown): string {
  if (typeof input !== 'string') return list.error;
  const sets = Object.keys(templateSets);
  const suggestion = closest(input, sets);
  const known = `sets are ${sets.join(', ')}`;
  const hint = suggestion === undefined ? known : `is it "${suggestion}"? ${known}`;
  return `is "${input}", which names no set; ${hint}; or write a list`;
}

function unknownKey(key: string, inLabel: boolean): string {
  const known = Object.keys((inLabel ? labelSchema : fileSchema).shape);
  const suggestion = closest(key, known);
  return `"${key}" is not known here; ${suggestion === undefined ? `known are ${known.join(', ')}` : `is it "${suggestion}"?`}`;
}
