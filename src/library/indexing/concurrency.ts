/**
 * Maps in order with up to `limit` results under way; no more are begun than the reader will soon ask for.
 * A failure is thrown at its place in the order, after the rest that was begun has ended.
 */
export async function* mapConcurrently<T, R>(
  items: Iterable<T>,
  limit: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const underWay: Promise<R>[] = [];
  const begin = (item: T): void => {
    const result = map(item);
    result.catch(() => undefined); // it is awaited below, perhaps only after it failed
    underWay.push(result);
  };
  try {
    for (const item of items) {
      begin(item);
      const first = underWay.length >= limit ? underWay.shift() : undefined;
      if (first) yield await first;
    }
    for (let first = underWay.shift(); first; first = underWay.shift()) yield await first;
  } finally {
    await Promise.allSettled(underWay);
  }
}
