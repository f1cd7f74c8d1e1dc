/**
 * An error for people: its message says what happened and what to do next, and is shown as it is, without a stack.
 * Every other error is a bug: logged with its stack.
 */
export class UserError extends Error {
  override readonly name = 'UserError';

  /** By name: the extension, and what it loads later, are bundles that each have a class of their own. */
  static override [Symbol.hasInstance](this: unknown, value: unknown): boolean {
    if (this === UserError) return value instanceof Error && value.name === 'UserError';
    return Function.prototype[Symbol.hasInstance].call(this, value);
  }
}

/** The text to show for anything thrown: a UserError's own words, or the error's message for the log. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Marks a switch over a tagged union as complete; the compiler refuses it when a case is missing. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
