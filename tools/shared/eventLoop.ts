/** The longest interval between two turns of the event loop. */
export interface LongestBlock {
  /** Elapsed time, which includes time in which other processes used the cores. */
  readonly wallMilliseconds: number;
  /** CPU time of this thread. */
  readonly workMilliseconds: number;
}

/** Starts to measure the blocks of the event loop. @returns a function that ends the measurement */
export function watchEventLoop(): () => LongestBlock {
  let wallMilliseconds = 0;
  let workMilliseconds = 0;
  let lastTurn = performance.now();
  let lastWork = threadMilliseconds();
  const timer = setInterval(() => {
    wallMilliseconds = Math.max(wallMilliseconds, performance.now() - lastTurn);
    workMilliseconds = Math.max(workMilliseconds, threadMilliseconds() - lastWork);
    lastTurn = performance.now();
    lastWork = threadMilliseconds();
  }, 1);
  return () => {
    clearInterval(timer);
    return { wallMilliseconds, workMilliseconds };
  };
}

/** The part of `process` that is missing in the types of the oldest supported Node; tools and tests run on Node 24. */
interface ThreadUsage {
  threadCpuUsage(): { readonly user: number; readonly system: number };
}

/** The CPU time of this thread so far. The load of other processes does not change it. */
export function threadMilliseconds(): number {
  const { user, system } = (process as NodeJS.Process & ThreadUsage).threadCpuUsage();
  return (user + system) / 1000;
}
