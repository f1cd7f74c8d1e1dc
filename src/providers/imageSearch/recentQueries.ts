/** Queries that are remembered. */
const MOST = 8;

/** The list with a query moved to its front. */
export function remembered(queries: readonly string[], query: string): string[] {
  const wanted = query.trim();
  if (wanted === '') return [...queries];
  const others = queries.filter((other) => other.toLowerCase() !== wanted.toLowerCase());
  return [wanted, ...others].slice(0, MOST);
}

/** The queries in a stored value, which may be of any type. */
export function storedQueries(stored: unknown): string[] {
  return Array.isArray(stored) ? stored.filter((query): query is string => typeof query === 'string') : [];
}
