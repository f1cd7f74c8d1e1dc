import { Worker } from 'node:worker_threads';

/** Runs in the worker. On Windows, the id of the parent does not change when the parent ends. */
const WATCH = `
const { workerData: parent } = require('node:worker_threads');
const isGone = () => {
  if (process.platform !== 'win32') return process.ppid !== parent;
  try {
    process.kill(parent, 0);
    return false;
  } catch {
    return true;
  }
};
setInterval(() => {
  if (isGone()) process.kill(process.pid, 'SIGKILL');
}, 500);
`;

/**
 * Ends this process when its parent has ended, also while a native call blocks the main thread. A worker watches the
 * parent, because events of the main thread, such as the end of the channel to the parent, would have to wait.
 */
export function dieWithParent(): void {
  const watcher = new Worker(WATCH, { eval: true, workerData: process.ppid, execArgv: [] });
  watcher.unref();
}
