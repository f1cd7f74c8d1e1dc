import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { switchingLines } from '../../workspace/indexing/switchingText.ts';
import { keepPlace } from './keepPlace.ts';
import { openFilterBox } from './filterBox.ts';
import { pickOrder, storedOrder, storeOrder } from './orderPick.ts';
import { createTagTree, type TagTree, type TreeSummary } from './tagTreeProvider.ts';
import type { MoreNode, TreeNode } from './treeNodes.ts';
import { imageCount } from './wording.ts';

const VIEW = 'assetlens.tags';
/** Changes that come one after the other are shown together. */
const DEBOUNCE_MILLISECONDS = 150;

/** The Tags view, and for key bindings, which hand over nothing, what they are meant for. */
export interface TagTreeView extends Disposable {
  readonly tree: TagTree;
  /** @param how.removes whether it is about to leave its place: the focus then goes on with what takes it */
  readonly chosen: (how?: { readonly removes: boolean }) => Promise<readonly unknown[]>;
}

/** The Tags view: labels with their images, what has no label, and what could not be read. */
export function registerTagTree(services: Services): TagTreeView {
  const { log } = services;
  let order = storedOrder(services.context.workspaceState);
  let filter = '';
  const tree = createTagTree(services, order);
  const view = vscode.window.createTreeView(VIEW, {
    treeDataProvider: tree,
    canSelectMany: true,
    showCollapseAll: true,
    dragAndDropController: dragAsFiles,
  });
  const place = keepPlace(services, tree, view);
  const setFilter = async (next: string): Promise<void> => {
    filter = next.trim();
    await vscode.commands.executeCommand('setContext', 'assetlens.filtered', filter !== '');
    await tree.setFilter(filter);
  };
  const command = (name: string, work: (argument: unknown) => Promise<void>): vscode.Disposable =>
    vscode.commands.registerCommand(name, (argument: unknown) => reportErrors(log, () => work(argument)));

  const parts = vscode.Disposable.from(
    tree,
    view,
    place,
    followChanges(services, tree, view),
    describe(services, tree, view, () => filter),
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
      await storeOrder(services.context.workspaceState, order);
      await tree.setOrder(order);
    }),
    command('assetlens.showMore', async (node) => {
      if (!isMore(node)) return;
      const first = await tree.showMore(node);
      // The item that had the focus is gone.
      if (first) await view.reveal(first, { select: false, focus: true });
    }),
  );
  return {
    tree,
    chosen: async ({ removes } = { removes: false }) => {
      const nodes = await chosenNodes(view);
      if (removes) await place.remember(nodes);
      return nodes;
    },
    dispose: () => {
      parts.dispose();
    },
  };
}

/**
 * As in the Explorer: what is selected, unless the arrow keys have moved the focus elsewhere. Extensions are told of the selection
 * alone, so the focused node is found by toggling its selection.
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

/** Loads what changed, soon, and only while somebody looks. */
function followChanges(services: Services, tree: TagTree, view: vscode.TreeView<TreeNode>): vscode.Disposable {
  let timer: NodeJS.Timeout | undefined;
  const refresh = (): void => {
    void reportErrors(services.log, async () => {
      await vscode.window.withProgress({ location: { viewId: VIEW } }, tree.refresh);
    });
  };
  return vscode.Disposable.from(
    services.folders.onDidChange(() => {
      tree.markStale();
      if (view.visible)
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

/** Keeps the words above the tree true. */
function describe(
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
    const message = [...switching, messageOf(summary, filter(), state.kind === 'indexing')].filter(Boolean).join('\n');
    // The editor lays the view out anew at each assignment, and progress comes ten times a second.
    if ((view.description ?? '') !== description) view.description = description;
    if ((view.message ?? '') !== message) view.message = message;
  };
  return vscode.Disposable.from(
    tree.onDidShow((now) => {
      summary = now;
      update();
    }),
    services.indexer.onDidChangeState(update),
    services.folders.onDidChange(update),
    services.folders.onDidOpen(update),
  );
}

/** The welcome text shows where the message is empty. */
function messageOf(summary: TreeSummary | undefined, filter: string, isIndexing: boolean): string {
  if (summary && summary.mistakes.length > 0) return summary.mistakes.join('\n');
  if (summary && filter !== '' && (summary.images > 0 || !summary.isEmpty)) {
    if (summary.isEmpty) return vscode.l10n.t('Filter: {0}. No image matches.', filter);
    return vscode.l10n.t('Filter: {0}', filter);
  }
  if (summary && !summary.isEmpty) return '';
  if (isIndexing) return vscode.l10n.t('Looking at the images of this workspace…');
  if (summary && summary.folders > 0) return vscode.l10n.t('No images were found in this workspace.');
  return '';
}

/** Images can be dragged into an editor or a terminal, as from the Explorer. */
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
