import * as z from 'zod/mini';
import { isAbortError } from '../abortError.ts';
import { UserError } from '../userError.ts';
import type { Emit } from './protocol.ts';

const id = z.int();

/** The error of a method. `user`: a UserError. `cancelled`: the request was cancelled. `bug`: any other error. */
const failureSchema = z.object({ kind: z.enum(['user', 'bug', 'cancelled']), message: z.string(), stack: z.string() });
type Failure = z.infer<typeof failureSchema>;

/** The messages between a client and a server. `reply` and `failure` answer the request of the same id. */
const messageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('request'), id, method: z.string(), params: z.unknown() }),
  z.object({ type: z.literal('cancel'), id }),
  z.object({ type: z.literal('reply'), id, result: z.unknown() }),
  z.object({ type: z.literal('failure'), id, failure: failureSchema }),
  z.object({ type: z.literal('event'), event: z.string(), data: z.unknown() }),
]);
export type Message = z.infer<typeof messageSchema>;

/** Sends a message to the other side: over the IPC channel of a child process, or to a webview. */
export type Post = (message: Message) => void;

/** Reports a message that the protocol does not allow. */
export class InvalidMessage extends Error {}

/** @throws InvalidMessage */
export function parseMessage(data: unknown): Message {
  return parse(messageSchema, data, 'message');
}

/**
 * @param what names the value in the error
 * @throws InvalidMessage if the value does not match the schema
 */
export function parse<T>(schema: z.core.$ZodType<T>, value: unknown, what: string): T {
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return parsed.data;
  throw new InvalidMessage(`Invalid ${what}: ${z.prettifyError(parsed.error)}`);
}

/** Returns a function that sends events. */
export function emitter<Events extends object>(post: Post): Emit<Events> {
  return (event, data) => {
    post({ type: 'event', event, data });
  };
}

/** Converts an error to a failure. */
export function failureOf(error: unknown): Failure {
  const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
  if (isAbortError(error)) return { kind: 'cancelled', message, stack };
  return { kind: error instanceof UserError ? 'user' : 'bug', message, stack };
}

/** Converts a failure back to an error. */
export function errorOf({ kind, message, stack }: Failure): Error {
  switch (kind) {
    case 'user':
      return new UserError(message.split('\n'));
    case 'cancelled':
      return new DOMException(message, 'AbortError');
    case 'bug':
      return Object.assign(new Error(message), { stack });
  }
}
