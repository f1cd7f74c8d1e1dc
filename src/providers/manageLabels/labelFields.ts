import type { Label } from '../../clip/index.ts';

/** Fields of a label that the user edits as text, with the separator of their items. */
export const fields = {
  name: { separator: null },
  synonyms: { separator: ',' },
  context: { separator: null },
  /** Not a comma, because prompts are sentences. */
  prompts: { separator: '|' },
} as const;

export type Field = keyof typeof fields;

/** Returns the text of a field. */
export function textOfField(label: Label, field: Field): string {
  const value = label[field];
  if (value === undefined) return '';
  return typeof value === 'string' ? value : value.join(field === 'prompts' ? ' | ' : ', ');
}

/** Returns the label with the typed text in a field, or without the field if the text is empty. */
export function withField(label: Label, field: Field, text: string): Label {
  const { separator } = fields[field];
  const typed = text.trim().replace(/\s+/g, ' ');
  if (field === 'name') return { ...label, name: typed };
  const items = separator === null ? [typed] : typed.split(separator).map((item) => item.trim());
  const filled = [...new Set(items.filter((item) => item !== ''))];
  if (filled.length === 0) return { ...label, [field]: undefined };
  return { ...label, [field]: separator === null ? filled[0] : filled };
}

/**
 * Parses a typed threshold: "30", "30 %" or "0.3".
 * @returns 0 to 1; undefined if the text is not a threshold
 */
export function parseThreshold(text: string): number | undefined {
  const match = /^(\d+(?:[.,]\d+)?|[.,]\d+)\s*(%?)$/.exec(text.trim());
  if (!match) return undefined;
  const typed = Number((match[1] ?? '').replace(',', '.'));
  // "1" means 1 %, as "2" means 2 %. "1.0" and smaller numbers are shares.
  const share = match[2] === '%' || typed > 1 || match[1] === '1' ? typed / 100 : typed;
  return share <= 1 ? Number(share.toFixed(4)) : undefined;
}
