import type { HandTag } from '../library/index.ts';

/** What to say so that all is as it was before: what was said then, or nothing. */
export function undoOf(changes: readonly HandTag[], before: readonly HandTag[]): HandTag[] {
  return changes.map(({ hash, label }) => {
    const said = before.find((tag) => tag.hash === hash && tag.label === label);
    return { hash, label, holds: said?.holds ?? null };
  });
}
