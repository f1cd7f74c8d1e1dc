import * as vscode from 'vscode';
import { registerAltText } from './providers/altText/registerAltText.ts';
import { registerChooseModel } from './providers/chooseModel/registerChooseModel.ts';
import { registerDiagnostics } from './providers/diagnostics/registerDiagnostics.ts';
import { registerExportTags } from './providers/exportTags/registerExportTags.ts';
import { registerManualTags } from './providers/manualTags/registerManualTags.ts';
import { registerImageActions } from './providers/imageActions/registerImageActions.ts';
import { registerImageDrop } from './providers/imageDrop/registerImageDrop.ts';
import { registerFindSimilar } from './providers/imageSearch/registerFindSimilar.ts';
import { registerImageHover } from './providers/imageHover/registerImageHover.ts';
import { registerImageSearch } from './providers/imageSearch/registerImageSearch.ts';
import { registerTagWorkspace } from './providers/indexingSummary/registerTagWorkspace.ts';
import { registerLanguageModelTools } from './providers/languageModelTools/registerLanguageModelTools.ts';
import { registerManageLabels } from './providers/manageLabels/registerManageLabels.ts';
import { registerStatusBar } from './providers/statusBar.ts';
import { registerTagDecorations } from './providers/tagDecorations.ts';
import { registerTagTree, type TagTreeView } from './providers/tagTree/registerTagTree.ts';
import { registerGallery, type GalleryCommands } from './webview/panel/registerGallery.ts';
import { createServices, type Services } from './workspace/services.ts';

interface ForTests {
  readonly services: Services;
  readonly tagTree: TagTreeView;
  readonly gallery: GalleryCommands;
}

/**
 * Activates the extension. The library, CLIP and the inference process are slow to load, so their first use loads them.
 * @returns objects for tests; undefined outside tests
 */
export function activate(context: vscode.ExtensionContext): ForTests | undefined {
  const services = createServices(context);
  const tagTree = registerTagTree(services);
  const gallery = registerGallery(services);
  context.subscriptions.push(
    services,
    tagTree,
    registerImageActions(services, tagTree.chosen),
    registerManualTags(services, tagTree.chosen),
    registerImageSearch(services),
    registerFindSimilar(services),
    registerManageLabels(services),
    registerChooseModel(services),
    registerImageHover(services),
    registerAltText(services),
    registerImageDrop(services),
    registerTagDecorations(services),
    registerExportTags(services),
    gallery,
    registerStatusBar(services),
    registerLanguageModelTools(services),
    registerDiagnostics(services),
    registerTagWorkspace(services),
    vscode.commands.registerCommand('assetlens.stopIndexing', () => {
      services.indexer.stop();
    }),
    vscode.commands.registerCommand('assetlens.showLog', () => {
      services.log.show();
    }),
  );
  return context.extensionMode === vscode.ExtensionMode.Test ? { services, tagTree, gallery } : undefined;
}
