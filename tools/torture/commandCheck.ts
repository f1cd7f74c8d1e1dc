import { differences, snapshot, type Canary } from './canary.ts';
import { hasCrashed, lastLines, type CommandResult } from './command.ts';
import type { Tally } from './trial.ts';

/** Control characters of terminals (C0, DEL, C1), and marks that change the direction of text. */
const CONTROLS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;
/** Folders of a case that the command may write. */
const OWN = /^(models|cache|indexes|home|tmp|images)[/ ]/;

export interface CommandCase {
  readonly number: number;
  readonly how: string;
  /** The folder of the case. */
  readonly folder: string;
  readonly canary: Canary;
  /** Whether the files of the canary may be read, but not printed. */
  readonly mayRead?: boolean | undefined;
}

/** The folder of a case, without its canary, before its commands. */
export function beforeCommands(folder: string, canary: Canary): Promise<Map<string, string>> {
  return snapshot(folder, canary.folder);
}

/** Reports a command that crashed, hung, or printed control characters. @returns whether it ended by itself */
export function checkCommand(tally: Tally, { number, how }: CommandCase, result: CommandResult): boolean {
  tally.memory(result.peak);
  if (result.isHung) tally.fail('hung', number, `${how}: ${lastLines(result)}`);
  else if (hasCrashed(result)) tally.fail('crashed', number, `${how}: ${lastLines(result)}`);
  const control = CONTROLS.exec(result.stderr + result.stdout);
  if (control) {
    const code = control[0].codePointAt(0)?.toString(16) ?? '';
    tally.fail('wrong', number, `${how}: the control character U+${code.padStart(4, '0')} was printed`);
  }
  return !result.isHung && result.code !== null;
}

/** Reports an error that is not clear: without a message of the product for the user. */
export function checkError(tally: Tally, { number, how }: CommandCase, result: CommandResult): void {
  if (result.code === 0) tally.fail('wrong', number, `${how}: no error`);
  else if (!/^assetlens: \S/m.test(result.stderr))
    tally.fail('wrong', number, `${how}: no message: ${lastLines(result)}`);
}

/** Reports everything that was read or written outside of the folders of a case. */
export async function checkOutside(
  tally: Tally,
  { number, how, folder, canary, mayRead }: CommandCase,
  before: ReadonlyMap<string, string>,
  results: readonly CommandResult[],
): Promise<void> {
  const output = results.map(({ stdout, stderr }) => stdout + stderr).join('');
  const changes = differences(before, await snapshot(folder, canary.folder)).filter((change) => !OWN.test(change));
  for (const change of changes) tally.fail('outside', number, `${how}: ${change}`);
  for (const problem of await canary.problems(output, mayRead)) tally.fail('outside', number, `${how}: ${problem}`);
}
