const PROGRESS_MILLISECONDS = 100;

/**
 * Returns a function that computes images per second from the number of images so far. From the second batch on, it
 * ignores the first batch, which includes the start of the encoder.
 */
export function imageRate(): (images: number) => number {
  const start = performance.now();
  let first: { readonly images: number; readonly time: number } | undefined;
  return (images) => {
    const now = performance.now();
    if (images > 0) first ??= { images, time: now };
    if (!first || images === first.images) return (1000 * images) / (now - start);
    return (1000 * (images - first.images)) / (now - first.time);
  };
}

/** Limits how often a listener is called. An event marked `always` is never dropped. */
export function throttled<T>(listener: ((event: T) => void) | undefined): (event: T, always: boolean) => void {
  let next = 0;
  return (event, always) => {
    const now = performance.now();
    if (!listener || (now < next && !always)) return;
    next = now + PROGRESS_MILLISECONDS;
    listener(event);
  };
}
