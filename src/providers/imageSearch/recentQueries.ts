/** Queries kept for the next time. */
const MOST = 8;

/** The list with a query at its front, once. */
export function remembered(queries: readonly string[], query: string): string[] {
  const wanted = query.trim();
  if (wanted === '') return [...queries];
  const others = queries.filter((other) => other.toLowerCase() !== wanted.toLowerCase());
  return [wanted, ...others].slice(0, MOST);
}

/** The queries in what the workspace has stored, whoever wrote it. */
export function storedQueries(stored: unknown): string[] {
  return Array.isArray(stored) ? stored.filter((query): query is string => typeof query === 'string') : [];
}
