/** A label that may be picked, or typed. */
export interface LabelChoice {
  readonly label: string;
  /** The label set it is of; empty where it is in none, as labels that were given by hand. */
  readonly set: string;
  /** Whether it does not exist yet. */
  readonly isNew: boolean;
}

/** Longer names are no labels but an accident, as with a paragraph in the clipboard. */
const LONGEST = 80;

/**
 * The labels to choose from, and above them what was typed, unless it is a label (in any case) already.
 * @param known by set, without the new one
 */
export function labelChoices(known: readonly LabelChoice[], typed: string): LabelChoice[] {
  const label = typed.replace(/[\p{Cc}\p{Z}]+/gu, ' ').trim();
  const exists = known.some((choice) => sameLabel(choice.label, label));
  if (label === '' || label.length > LONGEST || exists) return [...known];
  return [{ label, set: '', isNew: true }, ...known];
}

/** All labels of some sets and those given by hand, each once, by set. */
export function knownLabels(
  sets: readonly { readonly name: string; readonly labels: readonly { readonly name: string }[] }[],
  manual: readonly string[],
): LabelChoice[] {
  const choices = sets.flatMap(({ name, labels }) =>
    labels.map((label) => ({ label: label.name, set: name, isNew: false })),
  );
  choices.push(...manual.map((label) => ({ label, set: '', isNew: false })));
  return choices.filter((choice, i) => choices.findIndex(({ label }) => label === choice.label) === i);
}

function sameLabel(a: string, b: string): boolean {
  return a.normalize().toLowerCase() === b.normalize().toLowerCase();
}
