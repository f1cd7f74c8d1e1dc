import type { CommandPeak } from './command.ts';

/**
 * The kinds of failures. `lost`: an image, a row or a tag is missing. `wrong`: a result differs from the expected one,
 * or an error is not clear. `crashed`: a process ended by a signal or with a bug report. `hung`: a time limit passed.
 * `outside`: something outside the allowed folders was read or written.
 */
export const FAILURE_KINDS = ['lost', 'wrong', 'crashed', 'hung', 'outside'] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

export interface TrialFailure {
  readonly kind: FailureKind;
  /** The case to repeat with --case. */
  readonly number: number;
  readonly what: string;
}

/** The counts of one trial, for its row of the table. */
export class Tally {
  readonly #onFailure: (failure: TrialFailure) => void;
  readonly failures: TrialFailure[] = [];
  readonly notes: string[] = [];
  #tried = 0;
  #peak: CommandPeak = { command: 0, inference: 0 };

  /** @param onFailure called for each failure when it is found */
  constructor(onFailure: (failure: TrialFailure) => void) {
    this.#onFailure = onFailure;
  }

  get tried(): number {
    return this.#tried;
  }

  /** The highest sum of the peaks of a command and its inference process. */
  get peak(): CommandPeak {
    return this.#peak;
  }

  try(count = 1): void {
    this.#tried += count;
  }

  fail(kind: FailureKind, number: number, what: string): void {
    const failure = { kind, number, what };
    this.failures.push(failure);
    this.#onFailure(failure);
  }

  /** Adds a line that is printed below the table, such as the reason why a part was skipped. */
  note(line: string): void {
    this.notes.push(line);
  }

  memory(peak: CommandPeak): void {
    if (peak.command + peak.inference > this.#peak.command + this.#peak.inference) this.#peak = peak;
  }

  count(kind: FailureKind): number {
    return this.failures.filter((failure) => failure.kind === kind).length;
  }
}

export interface TrialContext {
  readonly seed: number;
  readonly isShort: boolean;
  /** An empty folder of this trial. */
  readonly folder: string;
  readonly tally: Tally;
  /** The cases to try, in order, until the time is over. */
  readonly cases: () => Generator<number>;
  /** Aborts when the time of the run is over. */
  readonly signal: AbortSignal;
}

/** A trial is a row of the table. */
export interface Trial {
  readonly name: string;
  /** A case, in words for the table: "images", "kills". */
  readonly unit: string;
  /** The number of cases in the full form, which is a target, and in the short form. */
  readonly cases: { readonly full: number; readonly short: number };
  /** Whether the memory of both processes has to stay within the budget. */
  readonly hasMemoryBudget?: boolean;
  readonly run: (context: TrialContext) => Promise<void>;
}
