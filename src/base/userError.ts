import { printable } from './printable.ts';

/**
 * An error for users. Its message describes what happened and what to do next, and is shown unchanged, without a stack.
 * Any other error is a bug and is logged with its stack.
 *
 * Messages name files, labels and models, and quote other errors. They are therefore made printable here, once, so that
 * every message can be shown anywhere.
 */
export class UserError extends Error {
  override readonly name = 'UserError';

  /** @param message one line, or a list of lines; a line break within a line is shown as an escape */
  constructor(message: string | readonly string[], options?: ErrorOptions) {
    const lines = typeof message === 'string' ? [message] : message;
    super(lines.map(printable).join('\n'), options);
  }

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
