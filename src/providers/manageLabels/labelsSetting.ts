import type { Label } from '../../clip/index.ts';

/** The value of the labels setting, which checkLabels accepts: a list of labels, or label sets by name. */
export type WrittenLabels = readonly unknown[] | Readonly<Record<string, unknown>>;

type Fields = Readonly<Record<string, unknown>>;

/** Name of the only set of a setting that is a list. */
const UNNAMED = '';

export function isWrittenLabels(value: unknown): value is WrittenLabels {
  return typeof value === 'object' && value !== null;
}

export function setNames(value: WrittenLabels): string[] {
  return isList(value) ? [UNNAMED] : Object.keys(value);
}

export function hasSet(value: WrittenLabels, set: string): boolean {
  return isList(value) ? set === UNNAMED : Object.hasOwn(value, set);
}

/**
 * Returns the setting with a label added to a set, or replacing another label. Everything else stays unchanged.
 * @param set name of an existing set or a new one
 * @param replaces name of the label to replace; it may be in another set
 * @param nameOfList name for a list that becomes a set because a second set is added
 */
export function withLabel(
  value: WrittenLabels,
  set: string,
  label: Label,
  { replaces, nameOfList = 'Labels' }: { readonly replaces?: string; readonly nameOfList?: string } = {},
): WrittenLabels {
  if (isList(value) && set !== UNNAMED) {
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

/** Returns the setting without a label, and without its set if it was the last label of the set. */
export function withoutLabel(value: WrittenLabels, name: string): WrittenLabels {
  const set = findWritten(value, name)?.set;
  if (set === undefined) return value;
  const less = mapLabels(value, set, (labels) => labels.filter((item) => nameOf(item) !== name));
  if (isList(less) || labelsOf(less[set]).length > 0) return less;
  return Object.fromEntries(Object.entries(less).filter(([key]) => key !== set));
}

/**
 * Returns the setting with other templates for a set.
 * @param templates name of a template set, or templates; undefined removes the templates of the set
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

/** Counts the labels of all sets. */
export function countLabels(value: WrittenLabels): number {
  if (isList(value)) return value.length;
  return Object.values(value).reduce<number>((sum, set) => sum + labelsOf(set).length, 0);
}

/**
 * Returns a label in its shortest form: only its name if it has no other properties.
 * @param old the label in the setting, whose order of properties is kept
 */
export function writtenLabel(label: Label, old?: unknown): unknown {
  const properties = Object.entries(label).filter(
    ([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0),
  );
  if (properties.length === 1 && !isFields(old)) return label.name;
  if (properties.length === 1 && isFields(old) && Object.keys(old).length > 1) return label.name;
  const order = isFields(old) ? Object.keys(old) : ['name', 'synonyms', 'prompts', 'context', 'threshold'];
  const rank = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length);
  return Object.fromEntries(properties.sort(([a], [b]) => rank(a) - rank(b)));
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

/** Returns the name of a label, trimmed as checkLabels does. */
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
