import { readFile } from 'node:fs/promises';

export interface ProcessMemory {
  /** Resident bytes at this moment. */
  readonly resident: number;
  /** The highest number of resident bytes so far. */
  readonly peak: number;
}

/**
 * The resident memory of a process, from /proc. The value of getrusage would include the parent's before the fork.
 * @returns null on systems other than Linux
 */
export async function processMemory(processId: number): Promise<ProcessMemory | null> {
  const status = await readFile(`/proc/${processId}/status`, 'utf8').catch(() => '');
  const bytes = (name: string): number => 1024 * Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(status)?.[1]);
  const [resident, peak] = [bytes('VmRSS'), bytes('VmHWM')];
  return Number.isNaN(peak) ? null : { resident, peak };
}
