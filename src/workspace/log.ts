import * as vscode from 'vscode';
import { UserError, messageOf } from '../base/userError.ts';

/**
 * Runs a command and handles its errors. A UserError is shown unchanged, and a cancellation is not shown. Any other
 * error is a bug: it is logged with its stack, and the user sees a short message. The function does not wait until the
 * user has read the message.
 */
export async function reportErrors(log: vscode.LogOutputChannel, work: () => Promise<void>): Promise<void> {
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
export function showWithLog(log: vscode.LogOutputChannel, severity: 'error' | 'warning', message: string): void {
  const button = vscode.l10n.t('Show Log');
  const { showErrorMessage, showWarningMessage } = vscode.window;
  const show = severity === 'error' ? showErrorMessage : showWarningMessage;
  void show(message, button).then((answer) => {
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
