import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { filterModel } from './filter.ts';
import { loadContents, type LoadedFolders } from './loadContents.ts';
import type { TreeOrder } from './ordering.ts';
import { buildModel, type TagModel } from './tagModel.ts';
import { timeSlices } from '../../base/timeSlices.ts';
import { imageTooltip } from './tooltip.ts';
import { createThumbnailIcons } from './thumbnailIcons.ts';
import { treeItem } from './treeItems.ts';
import { childNodes, PAGE, rootNodes, type MoreNode, type TreeNode } from './treeNodes.ts';

/** What the tree shows now, in numbers and words. */
export interface TreeSummary {
  /** Images in all indexed folders. */
  readonly images: number;
  /** Folders that were indexed and could be loaded. */
  readonly folders: number;
  /** Whether there is anything in the tree, once it was made. */
  readonly isEmpty: boolean;
  /** For people: why folders could not be loaded. */
  readonly mistakes: readonly string[];
}

export interface TagTree extends vscode.TreeDataProvider<TreeNode>, Disposable {
  readonly onDidShow: vscode.Event<TreeSummary>;
  /** Says that what is shown is out of date; it is loaded anew by the next refresh. */
  readonly markStale: () => void;
  /** Loads what changed, one load at a time; nothing is done where nothing changed. */
  readonly refresh: () => Promise<void>;
  readonly setFilter: (filter: string) => Promise<void>;
  readonly setOrder: (order: TreeOrder) => Promise<void>;
  /** Remembers what the user opened and closed, for nodes that go (by a filter) and come back. */
  readonly setExpanded: (node: TreeNode, isExpanded: boolean) => void;
  /** @returns the first of the further nodes */
  readonly showMore: (node: MoreNode) => Promise<TreeNode | undefined>;
}

export function createTagTree(services: Services, firstOrder: TreeOrder): TagTree {
  const changed = new vscode.EventEmitter<TreeNode | TreeNode[] | undefined>();
  const onDidShow = new vscode.EventEmitter<TreeSummary>();
  const icons = createThumbnailIcons(services);
  const subscriptions = vscode.Disposable.from(
    changed,
    onDidShow,
    icons,
    icons.onDidMake((nodes) => {
      changed.fire(nodes);
    }),
    vscode.window.onDidChangeActiveColorTheme(() => {
      changed.fire(undefined); // icons are made for a theme
    }),
  );
  const expanded = new Set<string>();
  /** How many children are shown, where it is more than a page. By node id. */
  const limits = new Map<string, number>();
  let order = firstOrder;
  let filter = '';
  let loaded: (LoadedFolders & { readonly model: TagModel }) | undefined;
  let roots: TreeNode[] | undefined;
  let isStale = true;
  let loading: Promise<void> | undefined;
  let version = 0;

  /** Filters and sorts what is loaded, and shows it unless something newer came meanwhile. */
  const present = async (): Promise<void> => {
    if (!loaded) return;
    const mine = ++version;
    const { model, folders, mistakes } = loaded;
    const filtered = await filterModel(model, filter, timeSlices());
    if (mine !== version) return;
    const isFirst = roots === undefined;
    roots = rootNodes({ model: filtered, folders, order });
    if (!isFirst) changed.fire(undefined); // at first the editor waits for them anyway
    onDidShow.fire({ images: model.images.length, folders: folders.length, isEmpty: roots.length === 0, mistakes });
  };

  const load = async (): Promise<void> => {
    while (isStale) {
      isStale = false;
      const contents = await loadContents(services.folders.all());
      loaded = { ...contents, model: await buildModel(contents.folders, timeSlices()) };
      for (const mistake of contents.mistakes) services.log.warn(mistake);
      await present();
    }
  };

  const refresh = (): Promise<void> =>
    (loading ??= load()
      .catch((error: unknown) => {
        isStale = true; // the next change or the next look tries again
        throw error;
      })
      .finally(() => {
        loading = undefined;
      }));

  const getChildren = async (node?: TreeNode): Promise<TreeNode[]> => {
    if (node) {
      const children = await childNodes(node, limits.get(node.id) ?? PAGE);
      icons.make(children.filter((child) => child.kind === 'image'));
      return children;
    }
    if (!roots) await reportErrors(services.log, refresh);
    return roots ?? [];
  };

  return {
    onDidChangeTreeData: changed.event,
    onDidShow: onDidShow.event,
    getChildren,
    getParent: (node) => node.parent,
    getTreeItem: (node) => {
      const severalFolders = services.folders.all().length > 1;
      return treeItem(node, { severalFolders, isExpanded: (id) => expanded.has(id), icon: icons.of });
    },
    async resolveTreeItem(item, node) {
      if (node.kind === 'image') item.tooltip = await imageTooltip(node, await services.inference());
      return item;
    },
    markStale() {
      isStale = true;
    },
    refresh,
    async setFilter(next) {
      filter = next;
      await present();
    },
    async setOrder(next) {
      order = next;
      await present();
    },
    setExpanded({ id }, isExpanded) {
      if (isExpanded) expanded.add(id);
      else expanded.delete(id);
    },
    async showMore({ parent, shown }) {
      limits.set(parent.id, shown + PAGE);
      changed.fire(parent);
      return (await getChildren(parent))[shown];
    },
    dispose() {
      subscriptions.dispose();
    },
  };
}
