import type { ManualTag } from '../../library/index.ts';

/** What to say so that all is as it was before: what was said then, or nothing. */
export function undoOf(changes: readonly ManualTag[], before: readonly ManualTag[]): ManualTag[] {
  const keyOf = ({ hash, label }: ManualTag): string => `${hash} ${label}`;
  const said = new Map(before.map((tag) => [keyOf(tag), tag.holds]));
  return changes.map((tag) => ({ hash: tag.hash, label: tag.label, holds: said.get(keyOf(tag)) ?? null }));
}
