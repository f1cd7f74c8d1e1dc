import * as vscode from 'vscode';
import { registerImageSearch } from './providers/imageSearch.ts';
import { registerTagTree } from './providers/tagTree.ts';
import { reportErrors } from './workspace/log.ts';
import { createServices } from './workspace/services.ts';

/** Composes the extension. Nothing is read, opened or started before the user asks for something. */
export function activate(context: vscode.ExtensionContext): void {
  const services = createServices(context);
  context.subscriptions.push(
    {
      dispose: () => {
        services[Symbol.dispose]();
      },
    },
    registerTagTree(services),
    registerImageSearch(services),
    vscode.commands.registerCommand('assetlens.tagWorkspace', () =>
      reportErrors(services.log, () => services.indexWorkspace()),
    ),
    vscode.commands.registerCommand('assetlens.showLog', () => {
      services.log.show();
    }),
  );
}
