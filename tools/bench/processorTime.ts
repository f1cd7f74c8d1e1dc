import { readFile } from 'node:fs/promises';

/** The unit of times in /proc, which Linux fixes at a hundredth of a second for programs. */
const TICKS_PER_SECOND = 100;

/**
 * The processor time of all threads of a process so far, in seconds, from /proc. The load of other processes changes it
 * much less than the elapsed time.
 * @returns NaN on systems other than Linux
 */
export async function processorSeconds(processId: number): Promise<number> {
  const stat = await readFile(`/proc/${processId}/stat`, 'utf8').catch(() => '');
  // The name of the program, in parentheses, may contain spaces. User time is field 14, and system time field 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
