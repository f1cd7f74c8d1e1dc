import * as vscode from 'vscode';
import { UserError, messageOf } from '../base/userError.ts';

/**
 * The funnel of every command: a UserError is shown as it is; a cancelled job says nothing; anything else is a bug, logged
 * with its stack and shown in short. It does not wait until the user has read the message.
 */
export async function reportErrors(log: vscode.LogOutputChannel, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof vscode.CancellationError || (error instanceof Error && error.name === 'AbortError')) return;
    if (error instanceof UserError) {
      log.warn(error.message);
      // With a button it is shown whole; without, the editor shows its first line.
      showWithLog(log, 'error', error.message);
      return;
    }
    log.error(error instanceof Error ? error : messageOf(error));
    showWithLog(log, 'error', vscode.l10n.t('AssetLens met an unexpected error: {0}', messageOf(error)));
  }
}

/** A message with a button that opens the log. */
export function showWithLog(log: vscode.LogOutputChannel, severity: 'error' | 'warning', message: string): void {
  const button = vscode.l10n.t('Show Log');
  const { showErrorMessage, showWarningMessage } = vscode.window;
  const show = severity === 'error' ? showErrorMessage : showWarningMessage;
  void show(message, button).then((answer) => {
    if (answer === button) log.show();
  });
}

/** An AbortSignal that follows a cancellation token. */
export function signalOf(token: vscode.CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  // The token ends with its job, and its listener with it.
  token.onCancellationRequested(() => {
    controller.abort();
  });
  return controller.signal;
}
