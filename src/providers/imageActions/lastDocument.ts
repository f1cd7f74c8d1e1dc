import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';

/**
 * Tracks the document of the last active text editor. Copied references are relative to it, even while a view or the
 * gallery has the focus. SVG images in a text editor do not count, because the Tags view opens them.
 */
export class LastDocument implements Disposable {
  readonly #subscription: vscode.Disposable;
  #uri: vscode.Uri | undefined;

  constructor() {
    this.#follow(vscode.window.activeTextEditor);
    this.#subscription = vscode.window.onDidChangeActiveTextEditor((editor) => {
      this.#follow(editor);
    });
  }

  /** Undefined if no document of a file was active, or if it is no longer open in a tab. */
  get uri(): vscode.Uri | undefined {
    const address = this.#uri?.toString();
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    return tabs.some((tab) => documentOf(tab)?.toString() === address) ? this.#uri : undefined;
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  #follow(editor: vscode.TextEditor | undefined): void {
    const uri = editor?.document.uri;
    if (uri?.scheme === 'file' && !/\.svg$/i.test(uri.path)) this.#uri = uri;
  }
}

function documentOf({ input }: vscode.Tab): vscode.Uri | undefined {
  if (input instanceof vscode.TabInputText) return input.uri;
  return input instanceof vscode.TabInputTextDiff ? input.modified : undefined;
}
