import { isAbortError } from '../../base/abortError.ts';
import { RpcClient } from '../../base/rpc/client.ts';
import { emitter, type Message } from '../../base/rpc/message.ts';
import type { Call, EventHandlers } from '../../base/rpc/protocol.ts';
import { galleryContract, type GalleryProtocol } from '../protocol.ts';

declare function acquireVsCodeApi(): {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
};

export type PanelEvents = GalleryProtocol['serverEvents'];

/** The connection of the page to its panel, and to the state that the editor keeps for it. */
export interface Connection {
  readonly call: Call<GalleryProtocol>;
  /** Returns the saved state of the page, unchecked; undefined if there is none. */
  readonly savedState: () => unknown;
  /** Saves the state of the page while it is hidden, and over a reload. */
  readonly saveState: (state: unknown) => void;
}

/** Connects to the panel. Call it once: the editor gives its API to one caller. */
export function connect(onEvent: EventHandlers<PanelEvents>): Connection {
  const api = acquireVsCodeApi();
  const post = (message: Message): void => {
    api.postMessage(message);
  };
  const client = new RpcClient<GalleryProtocol>(post, onEvent, galleryContract);
  const emit = emitter<GalleryProtocol['clientEvents']>(post);
  window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    client.receive(data);
  });
  reportErrors((error) => {
    const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
    emit('crash', { message: message.slice(0, 1000), stack: stack.slice(0, 9000) });
  });
  emit('ready', null);
  return {
    call: (method, params, signal) => client.call(method, params, signal),
    savedState: () => api.getState(),
    saveState(state) {
      api.setState(state);
    },
  };
}

/** Reports the errors that nothing in the page handles. Cancellations are not errors. */
function reportErrors(report: (error: unknown) => void): void {
  window.addEventListener('error', ({ error, message }) => {
    // The browser reports this if a layout takes more than one frame, which is no bug.
    if (!message.startsWith('ResizeObserver loop') && !isAbortError(error)) report(error ?? message);
  });
  window.addEventListener('unhandledrejection', ({ reason }) => {
    if (!isAbortError(reason)) report(reason);
  });
}
