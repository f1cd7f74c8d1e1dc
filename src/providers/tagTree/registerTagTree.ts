import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { switchingLines } from '../../workspace/indexing/switchingText.ts';
import { partialLines } from '../../workspace/indexing/partialText.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { openFilterBox } from './filterBox.ts';
import { FocusKeeper } from './focusKeeper.ts';
import { pickOrder, storedOrder, storeOrder } from './orderPick.ts';
import { TagTree, type TreeSummary } from './tagTree.ts';
import type { MoreNode, TreeNode } from './treeNodes.ts';
import { imageCount } from './wording.ts';

const VIEW = 'assetlens.tags';
/** Changes within this time are loaded together. */
const DEBOUNCE_MILLISECONDS = 150;

/** The Tags view. */
export interface TagTreeView extends Disposable {
  readonly tree: TagTree;
  /**
   * Returns the nodes that a key binding acts on: the editor passes none to its command.
   * @param how.removes whether the command removes the nodes from their group; the focus then moves to the next node
   */
  readonly chosen: (how?: { readonly removes: boolean }) => Promise<readonly unknown[]>;
}

/** Registers the Tags view: labels with their images, untagged images, and images that could not be read. */
export function registerTagTree(services: Services): TagTreeView {
  const { log } = services;
  const state = services.context.workspaceState;
  let order = storedOrder(state);
  let filter = '';
  const tree = new TagTree(services, order);
  const view = vscode.window.createTreeView(VIEW, {
    treeDataProvider: tree,
    canSelectMany: true,
    showCollapseAll: true,
    dragAndDropController: dragAsFiles,
  });
  const focus = new FocusKeeper(services, tree, view);
  const setFilter = async (text: string): Promise<void> => {
    filter = text.trim();
    await vscode.commands.executeCommand('setContext', 'assetlens.filtered', filter !== '');
    await tree.setFilter(filter);
  };
  const command = (name: string, work: (argument: unknown) => Promise<void>): vscode.Disposable =>
    vscode.commands.registerCommand(name, (argument: unknown) => reportErrors(log, () => work(argument)));

  const parts = vscode.Disposable.from(
    tree,
    view,
    focus,
    refreshOnChanges(services, tree, view),
    describeView(services, tree, view, () => filter),
    view.onDidExpandElement(({ element }) => {
      tree.setExpanded(element, true);
    }),
    view.onDidCollapseElement(({ element }) => {
      tree.setExpanded(element, false);
    }),
    command('assetlens.filterTags', () => openFilterBox(filter, setFilter)),
    command('assetlens.clearFilter', () => setFilter('')),
    command('assetlens.sortTags', async () => {
      const picked = await pickOrder(order);
      if (!picked) return;
      order = picked;
      await storeOrder(state, order);
      await tree.setOrder(order);
    }),
    command('assetlens.showMore', async (node) => {
      if (!isMore(node)) return;
      const first = await tree.showMore(node);
      // The node that had the focus is gone.
      if (first) await view.reveal(first, { select: false, focus: true });
    }),
  );
  return {
    tree,
    chosen: async ({ removes } = { removes: false }) => {
      const nodes = await chosenNodes(view);
      if (removes) await focus.remember(nodes);
      return nodes;
    },
    dispose: () => {
      parts.dispose();
    },
  };
}

/**
 * Returns the selected nodes or, as in the Explorer, the focused node if the arrow keys moved the focus away from the
 * selection. The API exposes only the selection, so the focused node is found by toggling its selection.
 */
async function chosenNodes(view: vscode.TreeView<TreeNode>): Promise<readonly TreeNode[]> {
  const toggle = (): Thenable<unknown> => vscode.commands.executeCommand('list.toggleSelection');
  const before = view.selection;
  await toggle();
  const after = view.selection;
  await toggle();
  const focused = after.find(({ id }) => !before.some((node) => node.id === id));
  return focused ? [focused] : before;
}

/** Reloads the tree after changes, but only while it is visible. */
function refreshOnChanges(services: Services, tree: TagTree, view: vscode.TreeView<TreeNode>): vscode.Disposable {
  let timer: NodeJS.Timeout | undefined;
  const refresh = (): void => {
    void reportErrors(services.log, async () => {
      await vscode.window.withProgress({ location: { viewId: VIEW } }, () => tree.refresh());
    });
  };
  return vscode.Disposable.from(
    services.folders.onDidChange(() => {
      tree.markStale();
      if (!view.visible) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        refresh();
      }, DEBOUNCE_MILLISECONDS);
    }),
    view.onDidChangeVisibility(({ visible }) => {
      if (visible) refresh();
    }),
    new vscode.Disposable(() => {
      clearTimeout(timer);
    }),
  );
}

/** Keeps the description and the message of the view up to date. */
function describeView(
  services: Services,
  tree: TagTree,
  view: vscode.TreeView<TreeNode>,
  filter: () => string,
): vscode.Disposable {
  let summary: TreeSummary | undefined;
  const update = (): void => {
    const description = summary && summary.images > 0 ? imageCount(summary.images) : '';
    const { state } = services.indexer;
    const switching = switchingLines(services.folders, state);
    const partial = partialLines(services.folders.all(), state);
    const message = [...switching, ...partial, messageOf(summary, filter(), state.kind === 'indexing')]
      .filter(Boolean)
      .join('\n');
    // Each assignment lays out the view again, and progress changes ten times a second.
    if ((view.description ?? '') !== description) view.description = description;
    if ((view.message ?? '') !== message) view.message = message;
  };
  return vscode.Disposable.from(
    tree.onDidShow((shown) => {
      summary = shown;
      update();
    }),
    services.indexer.onDidChangeState(update),
    services.folders.onDidChange(update),
    services.folders.onDidOpen(update),
  );
}

/** Returns the message of the view. If it is empty, the editor shows the welcome text. */
function messageOf(summary: TreeSummary | undefined, filter: string, isIndexing: boolean): string {
  if (summary && summary.errors.length > 0) return summary.errors.join('\n');
  if (summary && filter !== '' && (summary.images > 0 || !summary.isEmpty)) {
    if (summary.isEmpty) return vscode.l10n.t('Filter: {0}. No image matches.', filter);
    return vscode.l10n.t('Filter: {0}', filter);
  }
  if (summary && !summary.isEmpty) return '';
  if (isIndexing) return vscode.l10n.t('Indexing the images of this workspace…');
  if (summary && summary.folders > 0) return vscode.l10n.t('No images were found in this workspace.');
  return '';
}

/** Lets the user drag images into an editor or a terminal, as from the Explorer. */
const dragAsFiles: vscode.TreeDragAndDropController<TreeNode> = {
  dragMimeTypes: ['text/uri-list'],
  dropMimeTypes: [],
  handleDrag(nodes, transfer) {
    const uris = nodes.flatMap((node) => ('imageUri' in node ? [node.imageUri.toString()] : []));
    if (uris.length > 0) transfer.set('text/uri-list', new vscode.DataTransferItem(uris.join('\r\n')));
  },
};

function isMore(node: unknown): node is MoreNode {
  return typeof node === 'object' && node !== null && 'kind' in node && node.kind === 'more';
}
