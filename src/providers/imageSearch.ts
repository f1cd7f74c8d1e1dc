import path from 'node:path';
import * as vscode from 'vscode';
import { HumanError } from '../humanError.ts';
import type { SearchResult } from '../library/index.ts';
import type { ImageFolder } from '../workspace/imageFolders.ts';
import { reportErrors } from '../workspace/log.ts';
import type { Services } from '../workspace/services.ts';

/** A result; a line that only says something has no uri. */
interface ImageItem extends vscode.QuickPickItem {
  readonly uri?: vscode.Uri;
}

const RESULTS = 50;
const DEBOUNCE_MILLISECONDS = 150;

/** "Search Images by Text…": results as one types, best first. */
export function registerImageSearch(services: Services): vscode.Disposable {
  return vscode.commands.registerCommand('assetlens.searchImages', () => {
    const pick = vscode.window.createQuickPick<ImageItem>();
    pick.placeholder = vscode.l10n.t('What should the image show? For example: red car -road path:icons/');
    let running: AbortController | undefined;
    let timer: NodeJS.Timeout | undefined;

    const run = async (query: string): Promise<void> => {
      const controller = new AbortController();
      running = controller;
      pick.busy = true;
      try {
        const items = query.trim() === '' ? [] : await results(services, query, controller.signal);
        if (!controller.signal.aborted) pick.items = items;
      } catch (error) {
        if (controller.signal.aborted) return;
        if (!(error instanceof HumanError)) throw error;
        // In the list and not in a message: a query that is still being typed is no mistake yet.
        pick.items = [{ label: '$(info)', description: error.message.split('\n')[0] ?? '', alwaysShow: true }];
      } finally {
        if (running === controller) pick.busy = false;
      }
    };

    pick.onDidChangeValue((query) => {
      running?.abort(); // a new query ends the old one
      clearTimeout(timer);
      timer = setTimeout(() => void reportErrors(services.log, () => run(query)), DEBOUNCE_MILLISECONDS);
    });
    pick.onDidAccept(() => {
      const [chosen] = pick.selectedItems;
      const uri = chosen?.uri;
      if (!uri) return;
      pick.hide();
      void reportErrors(services.log, async () => {
        await vscode.commands.executeCommand('vscode.open', uri);
      });
    });
    pick.onDidHide(() => {
      clearTimeout(timer);
      running?.abort();
      pick.dispose();
    });
    pick.show();
  });
}

async function results(services: Services, query: string, signal: AbortSignal): Promise<ImageItem[]> {
  let indexed = 0;
  const { countImages, search } = await import('../library/index.ts');
  const found: { folder: ImageFolder; result: SearchResult }[] = [];
  for (const folder of services.folders.all()) {
    const library = await folder.library();
    indexed += countImages(library).files;
    const ofFolder = await search(library, query, { limit: RESULTS, collapseCopies: true, signal });
    found.push(...ofFolder.map((result) => ({ folder, result })));
  }
  if (found.length === 0) return [nothingFound(indexed)];
  found.sort((a, b) => b.result.score - a.result.score);
  return found.slice(0, RESULTS).map(({ folder, result }) => {
    const uri = vscode.Uri.joinPath(folder.uri, result.path);
    return {
      uri,
      label: path.posix.basename(result.path),
      description: `${Math.round(result.score * 100)} %  ${path.posix.dirname(result.path)}`,
      iconPath: uri,
      alwaysShow: true, // the editor must not filter by name what was found by content
    };
  });
}

function nothingFound(indexed: number): ImageItem {
  const description =
    indexed > 0
      ? vscode.l10n.t('Nothing found among {0} images.', indexed)
      : vscode.l10n.t('No image is indexed yet. Run "AssetLens: Tag Workspace Images" first.');
  return { label: '$(info)', description, alwaysShow: true };
}
