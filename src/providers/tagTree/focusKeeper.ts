import type * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import type { TagTree } from './tagTree.ts';
import type { GroupNode, TreeNode } from './treeNodes.ts';

/** Position of the focus when a key was pressed. */
interface FocusedPlace {
  /** Id of the group. */
  readonly group: string;
  /** Id of the image node. */
  readonly node: string;
  /** Index of the node in its group. */
  readonly index: number;
  /** Time until which a change of the tree counts as caused by the key. */
  readonly until: number;
}

const PATIENCE_MILLISECONDS = 5000;

/**
 * Keeps the place of the keyboard focus when the focused image leaves its group: the image that takes its place gets
 * the focus. The editor itself drops the focus or follows the node to its new group.
 */
export class FocusKeeper implements Disposable {
  readonly #tree: TagTree;
  readonly #view: vscode.TreeView<TreeNode>;
  readonly #subscription: Disposable;
  #place: FocusedPlace | undefined;

  constructor({ log }: Services, tree: TagTree, view: vscode.TreeView<TreeNode>) {
    this.#tree = tree;
    this.#view = view;
    this.#subscription = tree.onDidShow(() => {
      const place = this.#place;
      this.#place = undefined;
      if (place && performance.now() < place.until) void reportErrors(log, () => this.#restore(place));
    });
  }

  /** Remembers the place of nodes that a command is about to remove from their group. */
  async remember(nodes: readonly TreeNode[]): Promise<void> {
    const [first] = nodes;
    if (first?.kind !== 'image') return;
    const removed = new Set(nodes.map(({ id }) => id));
    // An image under the first one of its stack takes the place of the stack.
    const group = first.parent.kind === 'image' ? first.parent.parent : first.parent;
    const contains = (node: TreeNode): boolean =>
      removed.has(node.id) || (node.kind === 'image' && node.others.some(({ id }) => removed.has(id)));
    const index = (await this.#tree.getChildren(group)).findIndex(contains);
    const until = performance.now() + PATIENCE_MILLISECONDS;
    this.#place = index < 0 ? undefined : { group: group.id, node: first.id, index, until };
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  async #restore({ group, node, index }: FocusedPlace): Promise<void> {
    const parent = groupById(await this.#tree.getChildren(), group);
    const siblings = parent ? await this.#tree.getChildren(parent) : [];
    const next = siblings[Math.min(index, siblings.length - 1)] ?? parent;
    if (!next || next.id === node) return;
    await this.#view.reveal(next, { select: false, focus: true });
  }
}

function groupById(roots: readonly TreeNode[], id: string): GroupNode | undefined {
  for (const root of roots) {
    if (root.kind === 'group' && root.id === id) return root;
    const label =
      root.kind === 'set' || root.kind === 'manual' ? root.labels.find((node) => node.id === id) : undefined;
    if (label) return label;
  }
  return undefined;
}
