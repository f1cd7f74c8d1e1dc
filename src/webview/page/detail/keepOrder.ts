/**
 * Sorts items as before; a new item stays at its index. An item that the pointer or the focus is on does not move when
 * its score changes.
 * @param keyOf identifies an item, before and now
 */
export function keepOrder<T>(before: readonly T[], now: readonly T[], keyOf: (item: T) => string): readonly T[] {
  const indices = new Map(before.map((item, index) => [keyOf(item), index]));
  const known = now.filter((item) => indices.has(keyOf(item)));
  const ordered = known.toSorted((a, b) => (indices.get(keyOf(a)) ?? 0) - (indices.get(keyOf(b)) ?? 0));
  let next = 0;
  return now.map((item) => (indices.has(keyOf(item)) ? (ordered[next++] ?? item) : item));
}
