import type { Arranged, Arrangement, Choices } from '../../protocol.ts';
import { isAbort, type Connection } from '../messages/connection.ts';

/** Asks the panel for images in an arrangement, and for what filters can be set to. */
export interface Arranger {
  /**
   * A new arrangement ends the one before, which then has no answer.
   * @throws Failure with what to tell people
   */
  readonly arrange: (arrangement: Arrangement) => Promise<Arranged | undefined>;
  readonly isBusy: boolean;
  /**
   * Undefined where they are the same as before.
   * @throws Failure with what to tell people
   */
  readonly newChoices: () => Promise<Choices | undefined>;
  /** Images, tags or labels are not what they were. */
  readonly outdated: () => void;
}

export function createArranger(connection: Connection): Arranger {
  let current: AbortController | undefined;
  let areStale = true;
  return {
    async arrange(arrangement) {
      current?.abort();
      const controller = new AbortController();
      current = controller;
      try {
        return await connection.ask({ kind: 'arrange', arrangement }, controller.signal);
      } catch (error) {
        if (isAbort(error)) return undefined;
        throw error;
      } finally {
        if (current === controller) current = undefined;
      }
    },
    get isBusy() {
      return current !== undefined;
    },
    async newChoices() {
      if (!areStale) return undefined;
      areStale = false;
      try {
        return await connection.ask({ kind: 'choices' });
      } catch (error) {
        areStale = true;
        if (isAbort(error)) return undefined;
        throw error;
      }
    },
    outdated() {
      areStale = true;
    },
  };
}
