import type * as vscode from 'vscode';
import { shared } from '../../base/shared.ts';
import { timeSlices } from '../../base/timeSlices.ts';
import type { Tag, TaggedImage } from '../../library/index.ts';
import { folderAt, imageAt, sortLabels, tagIn, type LabelGroup } from '../../taggedImages/index.ts';
import { uriOfImage, type ImageTarget } from '../../workspace/folders/targets.ts';
import type { Problem, TreeFolder, TreeModel } from './treeModel.ts';
import { orderedMembers, type TreeOrder } from './treeOrder.ts';
import { stackMembers, type TreeStacks } from './treeStacks.ts';

/** Number of children that a node shows at first, and that each "Show More" adds. */
export const PAGE = 500;

interface BaseNode {
  /** Stable when the tree is rebuilt, so that the editor keeps expanded and selected nodes. */
  readonly id: string;
  readonly parent: TreeNode | undefined;
}

/** A label set, or the manual labels that belong to no set. */
export interface SetNode extends BaseNode {
  readonly kind: 'set' | 'manual';
  readonly name: string;
  readonly labels: readonly GroupNode[];
}

export interface GroupNode extends BaseNode {
  readonly kind: 'group';
  /** The tree that contains the node: the editor may ask for children of a node after a newer tree is shown. */
  readonly shown: ShownTree;
  readonly group: LabelGroup;
  /** Returns the first pictures of the group in the order of the tree. They are sorted at the first call. */
  readonly stacks: (limit: number) => Promise<TreeStacks>;
}

export interface ImageNode extends BaseNode, ImageTarget {
  readonly kind: 'image';
  /** The image that is shown for a stack, if this one is another image of it. */
  readonly parent: GroupNode | ImageNode;
  /** The other images of its picture: copies and other sizes. */
  readonly others: readonly ImageNode[];
  readonly group: LabelGroup;
  readonly image: TaggedImage;
  readonly treeFolder: TreeFolder;
  /** Label of `tag`, which commands read. */
  readonly label: string | undefined;
  /** The tag that the image is shown with; in the maybe group, its best maybe label. */
  readonly tag: Tag | undefined;
}

export interface ProblemsNode extends BaseNode {
  readonly kind: 'problems';
  readonly problems: readonly Problem<TreeFolder>[];
}

export interface ProblemNode extends BaseNode, ImageTarget {
  readonly kind: 'problem';
  readonly problem: Problem<TreeFolder>;
}

/** "Show More": represents the children that are not shown yet. */
export interface MoreNode extends BaseNode {
  readonly kind: 'more';
  readonly parent: GroupNode | ProblemsNode;
  /** Number of children that are shown. */
  readonly shown: number;
  /** Number of further images or problems. */
  readonly left: number;
}

export type TreeNode = SetNode | GroupNode | ImageNode | ProblemsNode | ProblemNode | MoreNode;

/** The filtered model and the order that the tree shows. */
export interface ShownTree {
  readonly model: TreeModel;
  readonly order: TreeOrder;
}

/**
 * Creates the top level of the tree: label sets, or the labels of the only set or of a set without a name; then manual
 * labels, maybe images, untagged images and problems.
 */
export function rootNodes(shown: ShownTree): TreeNode[] {
  const { groups, problems } = shown.model;
  const { labels: labelOrder } = shown.order;
  const isNode = ({ name }: { name: string }): boolean => name !== '' && groups.setCount > 1;
  const labelsWithoutNode = groups.sets.filter((set) => !isNode(set)).flatMap(({ labels }) => labels);
  const nodes: TreeNode[] = [
    ...groups.sets.filter(isNode).map(({ name, labels }) => setNode(shown, 'set', name, labels)),
    ...sortLabels(labelsWithoutNode, labelOrder).map((label) => groupNode(shown, label, undefined)),
  ];
  if (groups.addedManually.length > 0) nodes.push(setNode(shown, 'manual', '', groups.addedManually));
  for (const group of [groups.maybe, groups.untagged]) {
    if (group.members.length > 0) nodes.push(groupNode(shown, group, undefined));
  }
  if (problems.length > 0) nodes.push({ kind: 'problems', id: 'problems', problems, parent: undefined });
  return nodes;
}

/** @param limit maximum number of pictures or problems */
export async function childNodes(node: TreeNode, limit: number): Promise<TreeNode[]> {
  switch (node.kind) {
    case 'set':
    case 'manual':
      return [...node.labels];
    case 'group': {
      const { stacks, left } = await node.stacks(limit);
      return [...stacks.map((positions) => stackNode(node, positions)), ...moreNodes(node, stacks.length, left)];
    }
    case 'image':
      return [...node.others];
    case 'problems': {
      const problems = node.problems.slice(0, limit).map((problem) => problemNode(node, problem));
      return [...problems, ...moreNodes(node, problems.length, node.problems.length - problems.length)];
    }
    case 'problem':
    case 'more':
      return [];
  }
}

function setNode(shown: ShownTree, kind: SetNode['kind'], name: string, labels: readonly LabelGroup[]): SetNode {
  const children: GroupNode[] = [];
  const node: SetNode = { kind, id: JSON.stringify([kind, name]), name, labels: children, parent: undefined };
  children.push(...sortLabels(labels, shown.order.labels).map((label) => groupNode(shown, label, node)));
  return node;
}

function groupNode(shown: ShownTree, group: LabelGroup, parent: SetNode | undefined): GroupNode {
  const { model, order } = shown;
  const ordered = shared(() => orderedMembers(model.tagged, group, order.images, timeSlices()));
  let last: { readonly limit: number; readonly stacks: Promise<TreeStacks> } | undefined;
  const stacks = (limit: number): Promise<TreeStacks> => {
    if (last?.limit === limit) return last.stacks;
    const stacked = ordered.get().then((positions) => stackMembers(model.tagged, positions, limit, timeSlices()));
    const current = { limit, stacks: stacked };
    last = current;
    stacked.catch(() => {
      if (last === current) last = undefined;
    });
    return stacked;
  };
  return { kind: 'group', id: group.key, parent, shown, group, stacks };
}

/** @param positions the images of a picture, at least one */
function stackNode(parent: GroupNode, [first, ...positions]: readonly number[]): ImageNode {
  const others: ImageNode[] = [];
  const node = imageNode(parent, parent, first ?? 0, others);
  others.push(...positions.map((position) => imageNode(parent, node, position, [])));
  return node;
}

function imageNode(
  groupNode: GroupNode,
  parent: GroupNode | ImageNode,
  position: number,
  others: readonly ImageNode[],
): ImageNode {
  const { tagged } = groupNode.shown.model;
  const treeFolder = folderAt(tagged, position);
  const image = imageAt(tagged, position);
  const tag = tagIn(groupNode.group, image);
  const { folder } = treeFolder;
  return {
    kind: 'image',
    // The same whether the image is the first of its stack or not, so that it stays selected.
    id: idOf(groupNode, folder.uri, image.path),
    parent,
    others,
    group: groupNode.group,
    image,
    treeFolder,
    imageUri: uriOfImage({ folder, path: image.path }),
    folder: folder.uri,
    label: tag?.label,
    tag,
  };
}

function problemNode(parent: ProblemsNode, problem: Problem<TreeFolder>): ProblemNode {
  const { folder } = problem.folder;
  const id = idOf(parent, folder.uri, problem.path);
  const imageUri = uriOfImage({ folder, path: problem.path });
  return { kind: 'problem', id, parent, problem, imageUri, folder: folder.uri };
}

/** Returns one node if there are further children, else none. */
function moreNodes(parent: GroupNode | ProblemsNode, shown: number, left: number): MoreNode[] {
  if (left === 0) return [];
  return [{ kind: 'more', id: JSON.stringify([parent.id, shown]), parent, shown, left }];
}

function idOf(parent: BaseNode, folder: vscode.Uri, path: string): string {
  return JSON.stringify([parent.id, folder.toString(), path]);
}
