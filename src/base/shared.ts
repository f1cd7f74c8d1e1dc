/** A value that is computed at the first use, and once for all who ask meanwhile. */
export interface Shared<T> {
  /** The promise of the last computation; a failed one is forgotten. */
  readonly get: () => Promise<T>;
  /** The next use computes anew. */
  readonly forget: () => void;
  /** What was computed or is being computed; undefined where nobody asked yet. */
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
