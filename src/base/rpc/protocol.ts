/**
 * The type of a protocol between two processes. The client calls methods of the server, each of which has one reply.
 * Both sides send events, which have no reply.
 */
export interface Protocol {
  /** The methods by name, as functions from parameters to a result. */
  readonly methods: object;
  /** The data of the events that the client sends, by name. */
  readonly clientEvents: object;
  /** The data of the events that the server sends, by name. */
  readonly serverEvents: object;
}

export type MethodName<P extends Protocol> = keyof P['methods'] & string;

export type Params<P extends Protocol, M extends MethodName<P>> = P['methods'][M] extends (params: infer T) => unknown
  ? T
  : never;

export type Result<P extends Protocol, M extends MethodName<P>> = P['methods'][M] extends (params: never) => infer T
  ? T
  : never;

/** A handler for each method of a protocol: the compiler reports a method without a handler. */
export type Handlers<P extends Protocol> = {
  readonly [M in MethodName<P>]: (params: Params<P, M>, signal: AbortSignal) => Result<P, M> | Promise<Result<P, M>>;
};

/**
 * Calls a method of the server.
 * @throws UserError if the method throws one, the reason of the signal if it is aborted, and Error otherwise
 */
export type Call<P extends Protocol> = <M extends MethodName<P>>(
  method: M,
  params: Params<P, M>,
  signal?: AbortSignal,
) => Promise<Result<P, M>>;

/** A handler for each event. */
export type EventHandlers<Events extends object> = {
  readonly [E in keyof Events & string]: (data: Events[E]) => void;
};

/** Sends an event to the other side. */
export type Emit<Events extends object> = <E extends keyof Events & string>(event: E, data: Events[E]) => void;
