import * as vscode from 'vscode';
import { messageText, printableLines } from './shownText.ts';

export type Severity = 'information' | 'warning' | 'error';

/**
 * Shows a message. All messages of the extension are shown here, because they contain names of files, labels and
 * models.
 * @returns the button that the user pressed; undefined if the user closed the message
 */
export function showMessage(severity: Severity, message: string, ...buttons: string[]): Thenable<string | undefined> {
  const { showErrorMessage, showInformationMessage, showWarningMessage } = vscode.window;
  const show = { information: showInformationMessage, warning: showWarningMessage, error: showErrorMessage }[severity];
  return show(messageText(message), ...buttons);
}

export interface Question {
  readonly severity: 'information' | 'warning';
  readonly question: string;
  readonly detail?: string;
  /** The button that agrees. The editor adds one that cancels. */
  readonly button: string;
}

/** Asks in a modal dialog. Resolves with whether the user agreed. */
export async function ask({ severity, question, detail, button }: Question): Promise<boolean> {
  const { showInformationMessage, showWarningMessage } = vscode.window;
  const show = severity === 'information' ? showInformationMessage : showWarningMessage;
  const options = { modal: true, ...(detail !== undefined && { detail: printableLines(detail) }) };
  return (await show(messageText(question), options, button)) === button;
}
