/**
 * An error for users. Its message describes what happened and what to do next, and is shown unchanged, without a stack.
 * Any other error is a bug and is logged with its stack.
 */
export class UserError extends Error {
  override readonly name = 'UserError';

  /** Compares names, because each bundle of the extension contains a copy of this class. */
  static override [Symbol.hasInstance](this: unknown, value: unknown): boolean {
    if (this === UserError) return value instanceof Error && value.name === 'UserError';
    return Function.prototype[Symbol.hasInstance].call(this, value);
  }
}

/** Returns the message of a thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Marks a switch over a tagged union as exhaustive. The compiler reports a missing case. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
