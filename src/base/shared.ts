/** A value that is computed at the first use. Calls during the computation share its promise. */
export interface Shared<T> {
  /** Returns the promise of the last computation, or starts one. A failed computation is forgotten. */
  readonly get: () => Promise<T>;
  /** Makes the next use compute the value again. */
  readonly forget: () => void;
  /** Returns the promise without starting a computation; undefined before the first use. */
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
