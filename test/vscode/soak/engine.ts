import { mkdir, writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Returns a function that collects all garbage of this process, which was not started with --expose-gc. */
export function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** Records CPU profiles of this thread, one after another. */
export interface Profiler {
  /** Ends the current profile and starts the next one. @param name the file of the current one; undefined drops it */
  next(name: string | undefined): Promise<void>;
}

export async function startProfiler(folder: string): Promise<Profiler> {
  await mkdir(folder, { recursive: true });
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  return {
    async next(name) {
      const { profile } = await session.post('Profiler.stop');
      if (name !== undefined) await writeFile(path.join(folder, name), JSON.stringify(profile));
      await session.post('Profiler.start');
    },
  };
}
