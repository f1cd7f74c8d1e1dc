/** The longest time that the event loop did not turn. */
export interface LongestBlock {
  /** By the clock: work of this process, and time in which others had the cores. */
  readonly wallMilliseconds: number;
  /** The processor time of this thread between two turns: work alone. */
  readonly workMilliseconds: number;
}

/** @returns a function that ends the watch and tells what it saw */
export function watchEventLoop(): () => LongestBlock {
  let wallMilliseconds = 0;
  let workMilliseconds = 0;
  let turned = performance.now();
  let worked = process.threadCpuUsage();
  const timer = setInterval(() => {
    const now = performance.now();
    const { user, system } = process.threadCpuUsage(worked);
    wallMilliseconds = Math.max(wallMilliseconds, now - turned);
    workMilliseconds = Math.max(workMilliseconds, (user + system) / 1000);
    turned = performance.now();
    worked = process.threadCpuUsage();
  }, 1);
  return () => {
    clearInterval(timer);
    return { wallMilliseconds, workMilliseconds };
  };
}
