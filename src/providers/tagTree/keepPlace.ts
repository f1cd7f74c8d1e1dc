import type * as vscode from 'vscode';
import type { Disposable } from '../../base/disposable.ts';
import { reportErrors } from '../../workspace/log.ts';
import type { Services } from '../../workspace/services.ts';
import type { TagTree } from './tagTreeProvider.ts';
import type { GroupNode, TreeNode } from './treeNodes.ts';

/** Where the focus was when a key was pressed. */
interface Place {
  readonly group: string;
  readonly node: string;
  readonly index: number;
  readonly until: number;
}

/** A later change has nothing to do with the key. */
const PATIENCE_MILLISECONDS = 5000;

export interface KeptPlace extends Disposable {
  /** Call it with what a key is about to change. */
  readonly remember: (nodes: readonly TreeNode[]) => Promise<void>;
}

/**
 * Who removes tags with the keyboard goes on with the image that takes the place of the last one. The editor forgets the focus
 * when its node goes, or follows it to where it moves.
 */
export function keepPlace(services: Services, tree: TagTree, view: vscode.TreeView<TreeNode>): KeptPlace {
  let place: Place | undefined;

  const restore = async ({ group, node, index }: Place): Promise<void> => {
    const parent = groupById(await childrenOf(tree), group);
    const siblings = parent ? await childrenOf(tree, parent) : [];
    const next = siblings[Math.min(index, siblings.length - 1)] ?? parent;
    if (!next || next.id === node) return;
    await view.reveal(next, { select: false, focus: true });
  };

  const subscription = tree.onDidShow(() => {
    const last = place;
    place = undefined;
    if (last && performance.now() < last.until) void reportErrors(services.log, () => restore(last));
  });

  return {
    async remember(nodes) {
      const [first] = nodes;
      if (first?.kind !== 'image' || !first.parent) return;
      const chosen = new Set(nodes.map(({ id }) => id));
      const index = (await childrenOf(tree, first.parent)).findIndex(({ id }) => chosen.has(id));
      const until = performance.now() + PATIENCE_MILLISECONDS;
      place = index < 0 ? undefined : { group: first.parent.id, node: first.id, index, until };
    },
    dispose() {
      subscription.dispose();
    },
  };
}

async function childrenOf(tree: TagTree, node?: TreeNode): Promise<TreeNode[]> {
  return (await tree.getChildren(node)) ?? [];
}

function groupById(roots: readonly TreeNode[], id: string): GroupNode | undefined {
  for (const root of roots) {
    if (root.kind === 'group' && root.id === id) return root;
    const label = root.kind === 'set' || root.kind === 'manual' ? root.labels.find((it) => it.id === id) : undefined;
    if (label) return label;
  }
  return undefined;
}
