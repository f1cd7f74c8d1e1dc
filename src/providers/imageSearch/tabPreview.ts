import * as vscode from 'vscode';

/** Shows images in a tab behind an open list, as the lists of the editor do. */
export class TabPreview {
  readonly #group = vscode.window.tabGroups.activeTabGroup;
  readonly #editor = vscode.window.activeTextEditor;
  readonly #wasPreview = this.#group.activeTab?.isPreview ?? true;
  readonly #openBefore = new Set(allTabs().map(addressOf));
  #shown: vscode.Uri | undefined;
  #opening: Promise<unknown> = Promise.resolve();

  async show(uri: vscode.Uri): Promise<void> {
    this.#shown = uri;
    const options = { preserveFocus: true, preview: true, viewColumn: this.#group.viewColumn };
    this.#opening = Promise.resolve(vscode.commands.executeCommand('vscode.open', uri, options));
    await this.#opening;
  }

  /** Restores the content of the tab before the first image. */
  async restore(): Promise<void> {
    const address = this.#shown?.toString();
    if (address === undefined) return;
    await this.#opening.catch(() => undefined); // the caller of show() gets the error
    const ours = allTabs().find((tab) => tab.isPreview && addressOf(tab) === address);
    if (ours && !this.#openBefore.has(address)) await vscode.window.tabGroups.close(ours, true);
    if (!this.#editor) return; // if the preview tab is closed, the editor shows the previous tab
    const { document, selection, viewColumn } = this.#editor;
    await vscode.window.showTextDocument(document, {
      selection,
      preview: this.#wasPreview,
      ...(viewColumn !== undefined && { viewColumn }),
    });
  }
}

function allTabs(): vscode.Tab[] {
  return vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs);
}

function addressOf({ input }: vscode.Tab): string | undefined {
  const uri = input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText ? input.uri : undefined;
  return uri?.toString();
}
