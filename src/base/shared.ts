/** A value that is computed at the first use. Concurrent callers share the computation. */
export interface Shared<T> {
  /** Returns the promise of the last computation, or starts a computation. A failed computation is discarded. */
  readonly get: () => Promise<T>;
  /** Discards the value, so that the next use computes it again. */
  readonly forget: () => void;
  /** Returns the promise of the last computation without starting one; undefined if there is none. */
  readonly peek: () => Promise<T> | undefined;
}

export function shared<T>(compute: () => Promise<T>): Shared<T> {
  let promise: Promise<T> | undefined;
  const forget = (): void => {
    promise = undefined;
  };
  return {
    get() {
      if (promise) return promise;
      const computing = compute().catch((error: unknown) => {
        if (promise === computing) forget();
        throw error;
      });
      promise = computing;
      return computing;
    },
    forget,
    peek: () => promise,
  };
}
