import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { UserError, messageOf } from '../base/userError.ts';
import { showMessage } from './messages.ts';
import { printableLines } from './shownText.ts';

/**
 * The output channel of the extension. It makes its lines printable; lines after the first of an entry are indented.
 */
export interface Log extends Disposable {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  /** An Error is logged with its stack. */
  error(message: string | Error): void;
  show(): void;
}

export function createLog(): Log {
  const channel = vscode.window.createOutputChannel('AssetLens', { log: true });
  // A name with a line break must not look like an entry of its own.
  const entry = (text: string): string => printableLines(text).replaceAll('\n', '\n  ');
  return {
    debug(message) {
      channel.debug(entry(message));
    },
    info(message) {
      channel.info(entry(message));
    },
    warn(message) {
      channel.warn(entry(message));
    },
    error(message) {
      channel.error(entry(message instanceof Error ? (message.stack ?? message.message) : message));
    },
    show() {
      channel.show();
    },
    dispose() {
      channel.dispose();
    },
  };
}

/**
 * Runs a command and handles its errors. A UserError is shown unchanged, and a cancellation is not shown. Any other
 * error is a bug: it is logged with its stack, and the user sees a short message. The function does not wait until the
 * user has read the message.
 */
export async function reportErrors(log: Log, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof vscode.CancellationError || (error instanceof Error && error.name === 'AbortError')) return;
    if (error instanceof UserError) {
      log.warn(error.message);
      // The editor shows only the first line of a message without a button.
      showWithLog(log, 'error', error.message);
      return;
    }
    log.error(error instanceof Error ? error : messageOf(error));
    showWithLog(log, 'error', vscode.l10n.t('AssetLens met an unexpected error: {0}', messageOf(error)));
  }
}

/** Shows a message with a button that opens the log. */
export function showWithLog(log: Log, severity: 'error' | 'warning', message: string): void {
  const button = vscode.l10n.t('Show Log');
  void showMessage(severity, message, button).then((answer) => {
    if (answer === button) log.show();
  });
}

/** Returns an AbortSignal that follows a cancellation token. */
export function signalOf(token: vscode.CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  // The token is disposed with its job, and the listener with it.
  token.onCancellationRequested(() => {
    controller.abort();
  });
  return controller.signal;
}
