/**
 * Things in the order that they had before, and what is new where it stands by itself. What somebody points at or has the focus on
 * stays where it is, whatever becomes of its score.
 * @param keyOf tells which thing is which, before and now
 */
export function keepOrder<T>(before: readonly T[], now: readonly T[], keyOf: (thing: T) => string): readonly T[] {
  const places = new Map(before.map((thing, place) => [keyOf(thing), place]));
  const known = now.filter((thing) => places.has(keyOf(thing)));
  const ordered = known.toSorted((a, b) => (places.get(keyOf(a)) ?? 0) - (places.get(keyOf(b)) ?? 0));
  let next = 0;
  return now.map((thing) => (places.has(keyOf(thing)) ? (ordered[next++] ?? thing) : thing));
}
