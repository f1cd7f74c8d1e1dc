import type { Label } from '../../clip/index.ts';

/** The value of the setting, checked by checkLabels: a list of labels, or label sets by name. */
export type WrittenLabels = readonly unknown[] | Readonly<Record<string, unknown>>;

type Fields = Readonly<Record<string, unknown>>;

/** The name of a set of which the setting is nothing but its list. */
const NAMELESS = '';

export function isWrittenLabels(value: unknown): value is WrittenLabels {
  return typeof value === 'object' && value !== null;
}

export function setNames(value: WrittenLabels): string[] {
  return isList(value) ? [NAMELESS] : Object.keys(value);
}

export function hasSet(value: WrittenLabels, set: string): boolean {
  return isList(value) ? set === NAMELESS : Object.hasOwn(value, set);
}

/**
 * The setting with a label in a set: in the place of another, or at the end. What else is written stays as it is.
 * @param set one that is there, or a new one
 * @param replaces the name of the label whose place it takes; from another set it is moved
 * @param nameOfList what a list without a name is called when a second set comes beside it
 */
export function withLabel(
  value: WrittenLabels,
  set: string,
  label: Label,
  { replaces, nameOfList = 'Labels' }: { readonly replaces?: string; readonly nameOfList?: string } = {},
): WrittenLabels {
  if (isList(value) && set !== NAMELESS) {
    return withLabel({ [nameOfList]: value }, set, label, { ...(replaces !== undefined && { replaces }) });
  }
  const old = replaces === undefined ? undefined : findWritten(value, replaces);
  const written = writtenLabel(label, old?.written);
  if (old?.set === set) {
    return mapLabels(value, set, (labels) => labels.map((item) => (nameOf(item) === replaces ? written : item)));
  }
  const rest = old && replaces !== undefined ? withoutLabel(value, replaces) : value;
  return mapLabels(rest, set, (labels) => [...labels, written]);
}

/** The setting without a label, and without its set where that was its last. */
export function withoutLabel(value: WrittenLabels, name: string): WrittenLabels {
  const set = findWritten(value, name)?.set;
  if (set === undefined) return value;
  const less = mapLabels(value, set, (labels) => labels.filter((item) => nameOf(item) !== name));
  if (isList(less) || labelsOf(less[set]).length > 0) return less;
  return Object.fromEntries(Object.entries(less).filter(([key]) => key !== set));
}

/**
 * The setting with other templates for a set; undefined: none of its own.
 * @param templates the name of a template set, or templates
 */
export function withTemplates(
  value: WrittenLabels,
  set: string,
  templates: string | readonly string[] | undefined,
  nameOfList = 'Labels',
): WrittenLabels {
  if (isList(value)) return templates === undefined ? value : { [nameOfList]: { templates, labels: value } };
  const old = value[set];
  const fields: Fields = isFields(old) ? old : { labels: old };
  const rest = Object.fromEntries(Object.entries(fields).filter(([key]) => key !== 'templates'));
  const next: Fields = templates === undefined ? rest : { ...fields, templates };
  const plain = Object.keys(next).length === 1 ? next['labels'] : next;
  return { ...value, [set]: plain };
}

/** How many labels the setting has in all. */
export function countLabels(value: WrittenLabels): number {
  if (isList(value)) return value.length;
  return Object.values(value).reduce<number>((sum, set) => sum + labelsOf(set).length, 0);
}

/** A label as one would write it: its name alone where nothing else is said; the order of its keys stays. */
export function writtenLabel(label: Label, old?: unknown): unknown {
  const said = Object.entries(label).filter(
    ([, field]) => field !== undefined && field !== '' && !(Array.isArray(field) && field.length === 0),
  );
  if (said.length === 1 && !isFields(old)) return label.name;
  if (said.length === 1 && isFields(old) && Object.keys(old).length > 1) return label.name;
  const order = isFields(old) ? Object.keys(old) : ['name', 'synonyms', 'prompts', 'context', 'threshold'];
  const rank = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length);
  return Object.fromEntries(said.sort(([a], [b]) => rank(a) - rank(b)));
}

function findWritten(value: WrittenLabels, name: string): { set: string; written: unknown } | undefined {
  for (const set of setNames(value)) {
    const written = labelsOf(isList(value) ? value : value[set]).find((item) => nameOf(item) === name);
    if (written !== undefined) return { set, written };
  }
  return undefined;
}

function mapLabels(
  value: WrittenLabels,
  set: string,
  change: (labels: readonly unknown[]) => readonly unknown[],
): WrittenLabels {
  if (isList(value)) return change(value);
  const old = value[set];
  return { ...value, [set]: isFields(old) ? { ...old, labels: change(labelsOf(old)) } : change(labelsOf(old)) };
}

function labelsOf(set: unknown): readonly unknown[] {
  const labels = isFields(set) ? set['labels'] : set;
  return Array.isArray(labels) ? labels : [];
}

/** Names are trimmed when they are read. */
function nameOf(written: unknown): string | undefined {
  const name = isFields(written) ? written['name'] : written;
  return typeof name === 'string' ? name.trim() : undefined;
}

function isList(value: WrittenLabels): value is readonly unknown[] {
  return Array.isArray(value);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
