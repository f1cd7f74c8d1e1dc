import * as vscode from 'vscode';

/** Shows an image behind the open list, as the editor's own lists do. */
export interface TabPreview {
  show(uri: vscode.Uri): Promise<void>;
  /** Puts back what was there before the first image. */
  restore(): Promise<void>;
}

export function tabPreview(): TabPreview {
  const group = vscode.window.tabGroups.activeTabGroup;
  const before = group.activeTab;
  const editor = vscode.window.activeTextEditor;
  const openBefore = new Set(vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(addressOf)));
  let shown: vscode.Uri | undefined;
  let opening: Promise<unknown> = Promise.resolve();
  return {
    async show(uri) {
      shown = uri;
      const options = { preserveFocus: true, preview: true, viewColumn: group.viewColumn };
      opening = Promise.resolve(vscode.commands.executeCommand('vscode.open', uri, options));
      await opening;
    },
    async restore() {
      const address = shown?.toString();
      if (address === undefined) return;
      await opening.catch(() => undefined); // whoever asked for it learns of the error
      const tabs = vscode.window.tabGroups.all.flatMap((each) => each.tabs);
      const ours = tabs.find((tab) => tab.isPreview && addressOf(tab) === address);
      if (ours && !openBefore.has(address)) await vscode.window.tabGroups.close(ours, true);
      if (!editor) return; // without our tab, the editor goes back to the one before by itself
      const { document, selection, viewColumn } = editor;
      await vscode.window.showTextDocument(document, {
        selection,
        preview: before?.isPreview ?? true,
        ...(viewColumn !== undefined && { viewColumn }),
      });
    },
  };
}

function addressOf({ input }: vscode.Tab): string | undefined {
  const uri = input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText ? input.uri : undefined;
  return uri?.toString();
}
