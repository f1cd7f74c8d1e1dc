import { setTimeout } from 'node:timers/promises';
import { UserError } from '../../../base/userError.ts';

const TRIES = 4;
const LONGEST_WAIT = 60_000;

/** A failure that may pass: the next try may succeed. Its message is for people, should it be the last one. */
export class Transient extends Error {
  override readonly name = 'Transient';
  /** What the server asks for; undefined leaves it to us. */
  readonly waitMilliseconds: number | undefined;

  constructor(message: string, waitMilliseconds?: number) {
    super(message);
    this.waitMilliseconds = waitMilliseconds;
  }
}

/**
 * Repeats what fails for a while, each time after twice the wait. Tries that got on count as the first.
 * @param attempt tells by `progress` that it got on
 * @throws UserError after the last try; what is not Transient at once; the signal's reason when it aborts
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
      if (tried >= TRIES) throw new UserError(error.message);
      const wait = error.waitMilliseconds ?? firstWait * 2 ** (tried - 1);
      await setTimeout(Math.min(wait, LONGEST_WAIT), undefined, { signal });
    }
  }
}
