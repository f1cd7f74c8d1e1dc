import * as z from 'zod/mini';
import {
  replySchemas,
  savedStateSchema,
  toPageSchema,
  type PageReplies,
  type PageRequest,
  type SavedState,
  type ToPage,
  type ToPanel,
} from '../../protocol.ts';

declare function acquireVsCodeApi(): {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
};

/** A request failed, in words for people. */
export class Failure extends Error {}

/** The panel's side, as the page sees it. */
export interface Connection {
  /**
   * @throws Failure with what to tell people; the signal's reason when aborted
   */
  ask<R extends PageRequest>(request: R, signal?: AbortSignal): Promise<PageReplies[R['kind']]>;
  /** What the page kept before it was hidden or reloaded; null at the first time, or where it is of another version. */
  readonly saved: SavedState | null;
  save(state: SavedState): void;
  /** A bug of the page. */
  reportCrash(error: unknown): void;
}

type Notice = Exclude<ToPage, { type: 'reply' | 'failure' }>;

/** @param heard what the panel says unasked */
export function connect(heard: (notice: Notice) => void): Connection {
  const api = acquireVsCodeApi();
  const pending = new Map<
    number,
    { kind: PageRequest['kind']; resolve: (value: unknown) => void; reject: (error: unknown) => void }
  >();
  let next = 1;
  const send = (message: ToPanel): void => {
    api.postMessage(message);
  };

  const receive = (data: unknown): void => {
    const message = toPageSchema.parse(data);
    if (message.type !== 'reply' && message.type !== 'failure') {
      heard(message);
      return;
    }
    const waiting = pending.get(message.number);
    pending.delete(message.number);
    if (!waiting) return; // it was cancelled meanwhile
    if (message.type === 'failure') {
      waiting.reject(message.cancelled ? new DOMException('cancelled', 'AbortError') : new Failure(message.message));
      return;
    }
    const reply = z.safeParse<z.core.$ZodType>(replySchemas[waiting.kind], message.value);
    if (reply.success) waiting.resolve(reply.data);
    else waiting.reject(new Error(`The panel answered "${waiting.kind}" wrongly: ${z.prettifyError(reply.error)}`));
  };
  window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    receive(data);
  });

  const reportCrash = (error: unknown): void => {
    if (isAbort(error)) return;
    const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
    send({ type: 'crash', message: message.slice(0, 1000), stack: stack.slice(0, 9000) });
  };
  window.addEventListener('error', ({ error, message }) => {
    // A layout that takes another turn is no bug.
    if (!message.startsWith('ResizeObserver loop')) reportCrash(error ?? message);
  });
  window.addEventListener('unhandledrejection', ({ reason }) => {
    reportCrash(reason);
  });

  const saved = savedStateSchema.safeParse(api.getState());
  send({ type: 'ready' });

  return {
    ask: (request, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const number = next++;
        const abort = (): void => {
          if (!pending.delete(number)) return;
          send({ type: 'cancel', number });
          reject(signal?.reason as Error);
        };
        signal?.addEventListener('abort', abort, { once: true });
        const settled =
          <T>(then: (value: T) => void) =>
          (value: T): void => {
            signal?.removeEventListener('abort', abort);
            then(value);
          };
        // The schema of its kind has checked the reply by then.
        pending.set(number, {
          kind: request.kind,
          resolve: settled(resolve as (value: unknown) => void),
          reject: settled(reject),
        });
        send({ type: 'request', number, request });
      }),
    saved: saved.success ? saved.data : null,
    save: (state) => {
      api.setState(state);
    },
    reportCrash,
  };
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
