/** A label to choose. */
export interface LabelChoice {
  readonly label: string;
  /** Name of the label set; empty for a manual label without a set. */
  readonly set: string;
  /** Whether the label does not exist yet. */
  readonly isNew: boolean;
}

/** Longer texts are probably not meant as labels, for example a paragraph from the clipboard. */
const MAX_LENGTH = 80;

/**
 * Returns the labels to choose from. The typed text comes first as a new label, unless it equals a known label
 * (ignoring case).
 * @param known existing labels by set
 */
export function labelChoices(known: readonly LabelChoice[], typed: string): LabelChoice[] {
  const label = typed.replace(/[\p{Cc}\p{Z}]+/gu, ' ').trim();
  const exists = known.some((choice) => isSameLabel(choice.label, label));
  if (label === '' || label.length > MAX_LENGTH || exists) return [...known];
  return [{ label, set: '', isNew: true }, ...known];
}

/** Lists the labels of label sets and then manual labels. Each label occurs once. */
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

function isSameLabel(a: string, b: string): boolean {
  return a.normalize().toLowerCase() === b.normalize().toLowerCase();
}
