import { handleEvent, type Contract } from './contract.ts';
import { errorOf, InvalidMessage, parse, parseMessage, type Post } from './message.ts';
import type { EventHandlers, MethodName, Params, Protocol, Result } from './protocol.ts';

interface Pending {
  readonly method: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The side that calls methods. The owner passes every message of the other side to `receive`. */
export class RpcClient<P extends Protocol> {
  readonly #post: Post;
  readonly #onEvent: EventHandlers<P['serverEvents']>;
  readonly #contract: Contract<P> | undefined;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  /** @param contract checks results and events; without it, the server is trusted */
  constructor(post: Post, onEvent: EventHandlers<P['serverEvents']>, contract?: Contract<P>) {
    this.#post = post;
    this.#onEvent = onEvent;
    this.#contract = contract;
  }

  /** The number of requests without a reply. A cancelled request counts until the server answers it. */
  get unanswered(): number {
    return this.#pending.size;
  }

  /**
   * Calls a method; see Call. If the signal is aborted, the promise is rejected immediately and the server is asked to
   * stop.
   */
  async call<M extends MethodName<P>>(method: M, params: Params<P, M>, signal?: AbortSignal): Promise<Result<P, M>> {
    signal?.throwIfAborted();
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const cancel = (): void => {
      reject(signal?.reason);
      this.#post({ type: 'cancel', id });
    };
    this.#pending.set(id, { method, resolve, reject });
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      try {
        this.#post({ type: 'request', id, method, params });
      } catch (error) {
        this.#pending.delete(id);
        throw error;
      }
      return (await promise) as Result<P, M>;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** @throws InvalidMessage if the server sent something that the protocol does not allow */
  receive(data: unknown): void {
    const message = parseMessage(data);
    switch (message.type) {
      case 'event':
        handleEvent(this.#onEvent, this.#contract?.serverEvents, message.event, message.data);
        return;
      case 'reply':
        this.#settle(message.id, ({ method, resolve }) => {
          resolve(this.#checked(method, message.result));
        });
        return;
      case 'failure':
        this.#settle(message.id, ({ reject }) => {
          reject(errorOf(message.failure));
        });
        return;
      case 'request':
      case 'cancel':
        throw new InvalidMessage(`A client handles no ${message.type}.`);
    }
  }

  /** Call it when the server has ended: rejects all requests. */
  close(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }

  #settle(id: number, settle: (pending: Pending) => void): void {
    const pending = this.#pending.get(id);
    if (!pending) return; // closed
    this.#pending.delete(id);
    try {
      settle(pending);
    } catch (error) {
      pending.reject(error);
    }
  }

  #checked(method: string, result: unknown): unknown {
    if (!this.#contract) return result;
    const name = method as MethodName<P>;
    return parse(this.#contract.methods[name].result, result, `result of "${method}"`);
  }
}
