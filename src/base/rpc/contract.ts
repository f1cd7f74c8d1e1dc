import type * as z from 'zod/mini';
import { InvalidMessage, parse } from './message.ts';
import type { EventHandlers, MethodName, Params, Protocol, Result } from './protocol.ts';

type Schema<T> = z.core.$ZodType<T>;
type Schemas = Readonly<Record<string, Schema<unknown>>>;

/** Schemas of everything that a protocol sends, for two sides that do not trust each other. */
export interface Contract<P extends Protocol> {
  readonly methods: {
    readonly [M in MethodName<P>]: { readonly params: Schema<Params<P, M>>; readonly result: Schema<Result<P, M>> };
  };
  readonly clientEvents: EventSchemas<P['clientEvents']>;
  readonly serverEvents: EventSchemas<P['serverEvents']>;
}

export type EventSchemas<Events extends object> = { readonly [E in keyof Events & string]: Schema<Events[E]> };

interface AnyContract {
  readonly methods: Readonly<Record<string, { readonly params: Schema<unknown>; readonly result: Schema<unknown> }>>;
  readonly clientEvents: Schemas;
  readonly serverEvents: Schemas;
}

/** The protocol that a contract describes. */
export interface ProtocolOf<C extends AnyContract> extends Protocol {
  readonly methods: {
    readonly [M in keyof C['methods']]: (
      params: z.output<C['methods'][M]['params']>,
    ) => z.output<C['methods'][M]['result']>;
  };
  readonly clientEvents: { readonly [E in keyof C['clientEvents']]: z.output<C['clientEvents'][E]> };
  readonly serverEvents: { readonly [E in keyof C['serverEvents']]: z.output<C['serverEvents'][E]> };
}

/**
 * Calls the handler of an event.
 * @param schemas checks the data; without it, the sender is trusted
 * @throws InvalidMessage if there is no such event or its data is invalid
 */
export function handleEvent<Events extends object>(
  handlers: EventHandlers<Events>,
  schemas: EventSchemas<Events> | undefined,
  event: string,
  data: unknown,
): void {
  if (!isKeyOf(handlers, event)) throw new InvalidMessage(`Unknown event "${event}".`);
  handlers[event](schemas ? parse(schemas[event], data, `data of event "${event}"`) : (data as Events[typeof event]));
}

/**
 * Tells whether an object has an own property of this name. The other side sends the name, so inherited properties do
 * not count.
 */
export function isKeyOf<T extends object>(object: T, name: string): name is keyof T & string {
  return Object.hasOwn(object, name);
}
