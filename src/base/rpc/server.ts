import { handleEvent, isKeyOf, type Contract } from './contract.ts';
import { failureOf, InvalidMessage, parse, parseMessage, type Message, type Post } from './message.ts';
import type { EventHandlers, Handlers, MethodName, Params, Protocol } from './protocol.ts';

export interface ServerOptions<P extends Protocol> {
  /** The handlers, or a promise of them: requests wait for it. */
  readonly handlers: Handlers<P> | Promise<Handlers<P>>;
  readonly onEvent: EventHandlers<P['clientEvents']>;
  /** Checks parameters and events. Without it, the client is trusted. */
  readonly contract?: Contract<P>;
  /**
   * Called with each error that is not a cancellation, including the error of an invalid message, before it is sent.
   * @param method undefined if the message has none
   * @returns the error to send instead
   */
  readonly onError?: (error: unknown, method: string | undefined) => unknown;
  /** Called before each reply. */
  readonly beforeReply?: () => void;
}

/** The side that answers requests. The owner passes every message of the other side to `receive`. */
export class RpcServer<P extends Protocol> {
  readonly #post: Post;
  readonly #options: ServerOptions<P>;
  readonly #running = new Map<number, AbortController>();

  constructor(post: Post, options: ServerOptions<P>) {
    this.#post = post;
    this.#options = options;
    // #answer reports the failure to each request.
    if (options.handlers instanceof Promise) options.handlers.catch(() => undefined);
  }

  /** Never throws: an invalid message is reported to `onError`, and answered if it has an id. */
  receive(data: unknown): void {
    try {
      this.#handle(parseMessage(data));
    } catch (error) {
      const failure = failureOf(this.#reported(error, undefined));
      const id = idOf(data);
      if (id !== undefined) this.#post({ type: 'failure', id, failure });
    }
  }

  /** Cancels all requests and answers none of them: the client has ended, or a new one has replaced it. */
  reset(): void {
    for (const controller of this.#running.values()) controller.abort();
    this.#running.clear();
  }

  #handle(message: Message): void {
    switch (message.type) {
      case 'request':
        void this.#answer(message.id, message.method, message.params);
        return;
      case 'cancel':
        this.#running.get(message.id)?.abort();
        return;
      case 'event':
        handleEvent(this.#options.onEvent, this.#options.contract?.clientEvents, message.event, message.data);
        return;
      case 'reply':
      case 'failure':
        throw new InvalidMessage(`A server handles no ${message.type}.`);
    }
  }

  /** Never rejects. */
  async #answer(id: number, method: string, params: unknown): Promise<void> {
    const controller = new AbortController();
    this.#running.set(id, controller);
    const send = (message: Message): void => {
      if (this.#running.get(id) === controller) this.#post(message);
    };
    const { signal } = controller;
    try {
      const result = await this.#call(method, params, signal);
      this.#options.beforeReply?.();
      send({ type: 'reply', id, result });
    } catch (error) {
      send({ type: 'failure', id, failure: failureOf(signal.aborted ? signal.reason : this.#reported(error, method)) });
    } finally {
      if (this.#running.get(id) === controller) this.#running.delete(id);
    }
  }

  async #call(method: string, params: unknown, signal: AbortSignal): Promise<unknown> {
    const handlers = await this.#options.handlers;
    if (!isKeyOf(handlers, method)) throw new InvalidMessage(`Unknown method "${method}".`);
    const name: MethodName<P> = method;
    const schema = this.#options.contract?.methods[name].params;
    const checked = schema ? parse(schema, params, `parameters of "${method}"`) : (params as Params<P, typeof name>);
    return handlers[name](checked, signal);
  }

  #reported(error: unknown, method: string | undefined): unknown {
    return this.#options.onError ? this.#options.onError(error, method) : error;
  }
}

/** Returns the id of an invalid message, so that its sender receives an answer. */
function idOf(data: unknown): number | undefined {
  if (typeof data !== 'object' || data === null || !('id' in data)) return undefined;
  return Number.isSafeInteger(data.id) ? (data.id as number) : undefined;
}
