/**
 * Maps items in order, with at most `limit` results pending. It starts at most `limit` items ahead of the reader. It
 * throws an error at its position in the order, after all started items have ended.
 */
export async function* mapConcurrently<T, R>(
  items: Iterable<T>,
  limit: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const pending: Promise<R>[] = [];
  const start = (item: T): void => {
    const result = map(item);
    result.catch(() => undefined); // awaited below, perhaps only after it was rejected
    pending.push(result);
  };
  try {
    for (const item of items) {
      start(item);
      const first = pending.length >= limit ? pending.shift() : undefined;
      if (first) yield await first;
    }
    for (let first = pending.shift(); first; first = pending.shift()) yield await first;
  } finally {
    await Promise.allSettled(pending);
  }
}
