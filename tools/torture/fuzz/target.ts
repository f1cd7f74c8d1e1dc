import type fc from 'fast-check';

/** A part of the product that reads what others wrote. */
export interface FuzzTarget<T = unknown> {
  readonly name: string;
  /** The inputs. */
  readonly inputs: fc.Arbitrary<T>;
  /**
   * Reads an input. Any error that is not allowed is a failure.
   * @throws WrongResult if the result is wrong
   */
  readonly read: (input: T) => unknown;
  /** Tells whether an error is one of the product for such an input. Default: a UserError. */
  readonly allows?: (error: unknown) => boolean;
}

export class WrongResult extends Error {}

/** A target of which only the input type is hidden, so that targets can be in one list. */
export function target<T>(definition: FuzzTarget<T>): FuzzTarget {
  return definition as FuzzTarget;
}
