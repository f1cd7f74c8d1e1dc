import { setTimeout } from 'node:timers/promises';
import { UserError } from '../../../base/userError.ts';

const TRIES = 4;
const LONGEST_WAIT = 60_000;

/** A temporary failure: another try may succeed. The user sees its message after the last try. */
export class Transient extends Error {
  override readonly name = 'Transient';
  /** The delay that the server requests. */
  readonly waitMilliseconds: number | undefined;

  constructor(message: string, waitMilliseconds?: number) {
    super(message);
    this.waitMilliseconds = waitMilliseconds;
  }
}

/**
 * Retries an operation after temporary failures, each time after twice the delay. Progress resets the number of tries.
 * It does not wait longer than a minute for a server.
 * @param attempt calls `progress` whenever it made progress
 * @throws UserError after the last try, or if the server requests a longer delay; errors that are not Transient
 * immediately; the signal's reason when it is aborted
 */
export async function withRetries<T>(
  firstWait: number,
  signal: AbortSignal | undefined,
  attempt: (progress: () => void) => Promise<T>,
): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      return await attempt(() => (tried = 1));
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Transient)) throw error;
      const wait = error.waitMilliseconds ?? firstWait * 2 ** (tried - 1);
      if (tried >= TRIES || wait > LONGEST_WAIT) throw new UserError(error.message);
      await setTimeout(wait, undefined, { signal });
    }
  }
}
