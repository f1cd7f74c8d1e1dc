import * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { timeSlices } from '../../base/timeSlices.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import { loadIndexedFolders } from '../../workspace/tags/taggedFolders.ts';
import { ThumbnailIcons } from './thumbnailIcons.ts';
import { imageTooltip } from './tooltip.ts';
import { treeItem } from './treeItems.ts';
import { buildTreeModel, filterTreeModel, loadTreeFolder, type TreeModel } from './treeModel.ts';
import { childNodes, PAGE, rootNodes, type MoreNode, type TreeNode } from './treeNodes.ts';
import type { TreeOrder } from './treeOrder.ts';

/** Numbers and messages that describe the tree. */
export interface TreeSummary {
  /** Number of images in all loaded folders. */
  readonly images: number;
  /** Number of loaded folders. */
  readonly folders: number;
  /** Whether the tree has no nodes. */
  readonly isEmpty: boolean;
  /** Messages for the user: why folders could not be loaded. */
  readonly errors: readonly string[];
}

interface LoadedTree {
  readonly model: TreeModel;
  readonly errors: readonly string[];
}

/** The data of the Tags view: loads, filters and sorts the tags of all indexed folders. */
export class TagTree implements vscode.TreeDataProvider<TreeNode>, Disposable {
  readonly #services: Services;
  readonly #changed = new vscode.EventEmitter<TreeNode | TreeNode[] | undefined>();
  readonly #shown = new vscode.EventEmitter<TreeSummary>();
  readonly #icons: ThumbnailIcons;
  readonly #subscriptions: vscode.Disposable;
  /** Ids of the nodes that the user expanded. It outlives nodes that a filter hides. */
  readonly #expanded = new Set<string>();
  /** Number of children by node id, for nodes that show more than a page. */
  readonly #limits = new Map<string, number>();
  #order: TreeOrder;
  #filter = '';
  #loaded: LoadedTree | undefined;
  #roots: TreeNode[] | undefined;
  #isStale = true;
  #loading: Promise<void> | undefined;
  /** Counts presentations, so that a slower, older one does not replace a newer one. */
  #version = 0;

  readonly onDidChangeTreeData = this.#changed.event;
  /** Fires after the top level of the tree is rebuilt. */
  readonly onDidShow = this.#shown.event;

  constructor(services: Services, order: TreeOrder) {
    this.#services = services;
    this.#order = order;
    this.#icons = new ThumbnailIcons(services);
    this.#subscriptions = vscode.Disposable.from(
      this.#changed,
      this.#shown,
      this.#icons,
      this.#icons.onDidMake((nodes) => {
        this.#changed.fire(nodes);
      }),
      vscode.window.onDidChangeActiveColorTheme(() => {
        this.#changed.fire(undefined); // icons depend on the theme
      }),
    );
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    if (node) {
      let children: TreeNode[] = [];
      await reportErrors(this.#services.log, async () => {
        children = await childNodes(node, this.#limits.get(node.id) ?? PAGE);
      });
      this.#icons.make(children.filter((child) => child.kind === 'image'));
      return children;
    }
    if (!this.#roots) await reportErrors(this.#services.log, () => this.refresh());
    return this.#roots ?? [];
  }

  getParent(node: TreeNode): TreeNode | undefined {
    return node.parent;
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    return treeItem(node, {
      severalFolders: this.#services.folders.all().length > 1,
      isExpanded: (id) => this.#expanded.has(id),
      iconOf: (image) => this.#icons.iconOf(image),
    });
  }

  async resolveTreeItem(item: vscode.TreeItem, node: TreeNode): Promise<vscode.TreeItem> {
    if (node.kind === 'image') item.tooltip = await imageTooltip(node, await this.#services.inference());
    return item;
  }

  /** Marks the tree as out of date. The next refresh loads it again. */
  markStale(): void {
    this.#isStale = true;
  }

  /** Loads the tree if it is out of date. Concurrent calls share one load. */
  refresh(): Promise<void> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async setFilter(filter: string): Promise<void> {
    this.#filter = filter;
    await this.#present();
  }

  async setOrder(order: TreeOrder): Promise<void> {
    this.#order = order;
    await this.#present();
  }

  setExpanded({ id }: TreeNode, isExpanded: boolean): void {
    if (isExpanded) this.#expanded.add(id);
    else this.#expanded.delete(id);
  }

  /** Shows one more page of children and returns the first of them. */
  async showMore({ parent, shown }: MoreNode): Promise<TreeNode | undefined> {
    this.#limits.set(parent.id, shown + PAGE);
    this.#changed.fire(parent);
    return (await this.getChildren(parent))[shown];
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  async #load(): Promise<void> {
    const { folders: imageFolders, log } = this.#services;
    while (this.#isStale) {
      this.#isStale = false;
      try {
        const { folders, errors } = await loadIndexedFolders(imageFolders.all(), loadTreeFolder);
        this.#loaded = { model: await buildTreeModel(folders, timeSlices()), errors };
        for (const error of errors) log.warn(error);
        await this.#present();
      } catch (error) {
        this.#isStale = true; // the next refresh tries again
        throw error;
      }
    }
  }

  /** Filters and sorts the loaded tree and shows it, unless a newer presentation began meanwhile. */
  async #present(): Promise<void> {
    if (!this.#loaded) return;
    const version = ++this.#version;
    const { model, errors } = this.#loaded;
    const filtered = await filterTreeModel(model, this.#filter, timeSlices());
    if (version !== this.#version) return;
    const isFirst = this.#roots === undefined;
    this.#roots = rootNodes({ model: filtered, order: this.#order });
    if (!isFirst) this.#changed.fire(undefined); // the editor itself asks for the first nodes
    const { images, folders } = model.tagged;
    this.#shown.fire({ images: images.length, folders: folders.length, isEmpty: this.#roots.length === 0, errors });
  }
}
