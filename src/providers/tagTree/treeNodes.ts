import type * as vscode from 'vscode';
import type { Tag, TaggedImage } from '../../library/index.ts';
import { uriOfImage, type ImageTarget } from '../../workspace/folders/targets.ts';
import type { LoadedFolder } from './loadContents.ts';
import { orderedLabels, orderedMembers, type TreeOrder } from './ordering.ts';
import { folderOf, tagIn, type ImageGroup, type Problem, type TagModel } from './tagModel.ts';
import { timeSlices } from '../../base/timeSlices.ts';

/** Children that are shown at first, and how many more each time. */
export const PAGE = 500;

interface Inner {
  /** Stays the same when the tree is made anew, so that the editor keeps what is expanded and selected. */
  readonly id: string;
  readonly parent: TreeNode | undefined;
}

/** A label set, or the labels that were added by hand. */
export interface SetNode extends Inner {
  readonly kind: 'set' | 'manual';
  readonly name: string;
  readonly labels: readonly GroupNode[];
}

export interface GroupNode extends Inner {
  readonly kind: 'group';
  /** What it is a part of: the editor may still ask for its images when a newer one is shown. */
  readonly shown: Shown;
  readonly group: ImageGroup;
  /** Places of its images in the order they are shown in; computed once, when it is first expanded. */
  readonly ordered: () => Promise<Uint32Array>;
}

export interface ImageNode extends Inner, ImageTarget {
  readonly kind: 'image';
  readonly group: ImageGroup;
  readonly image: TaggedImage;
  readonly of: LoadedFolder;
  /** The label that it stands under; its surest guess among uncertain images. For commands, too. */
  readonly label: string | undefined;
  readonly tag: Tag | undefined;
}

export interface ProblemsNode extends Inner {
  readonly kind: 'problems';
  readonly shown: Shown;
  readonly problems: readonly Problem[];
}

export interface ProblemNode extends Inner, ImageTarget {
  readonly kind: 'problem';
  readonly problem: Problem;
  readonly of: LoadedFolder;
}

/** Stands for the children that are not shown yet. */
export interface MoreNode extends Inner {
  readonly kind: 'more';
  readonly parent: GroupNode | ProblemsNode;
  readonly shown: number;
  readonly left: number;
}

export type TreeNode = SetNode | GroupNode | ImageNode | ProblemsNode | ProblemNode | MoreNode;

/** What is shown: the model, filtered, and the order. */
export interface Shown {
  readonly model: TagModel;
  readonly folders: readonly LoadedFolder[];
  readonly order: TreeOrder;
}

/** Label sets, labels of the only set or of none, labels added by hand, then the images that no label stands for. */
export function rootNodes(shown: Shown): TreeNode[] {
  const { model, order } = shown;
  const group = (own: ImageGroup, parent?: SetNode): GroupNode => groupNode(shown, own, parent);
  const atRoot = ({ name }: { name: string }): boolean => name === '' || model.setCount === 1;
  const setNode = (kind: SetNode['kind'], name: string, labels: readonly ImageGroup[]): SetNode => {
    const children: GroupNode[] = [];
    const node: SetNode = { kind, id: JSON.stringify([kind, name]), name, labels: children, parent: undefined };
    children.push(...orderedLabels(labels, order.labels).map((label) => group(label, node)));
    return node;
  };
  const nodes: TreeNode[] = [
    ...model.sets.filter((set) => !atRoot(set)).map(({ name, labels }) => setNode('set', name, labels)),
    ...orderedLabels(
      model.sets.filter(atRoot).flatMap(({ labels }) => labels),
      order.labels,
    ).map((label) => group(label)),
  ];
  if (model.addedManually.length > 0) nodes.push(setNode('manual', '', model.addedManually));
  for (const rest of [model.uncertain, model.untagged]) if (rest.members.length > 0) nodes.push(group(rest));
  if (model.problems.length > 0) {
    nodes.push({ kind: 'problems', id: 'problems', shown, problems: model.problems, parent: undefined });
  }
  return nodes;
}

/** @param limit most images or problems */
export async function childNodes(node: TreeNode, limit: number): Promise<TreeNode[]> {
  switch (node.kind) {
    case 'set':
    case 'manual':
      return [...node.labels];
    case 'group': {
      const places = await node.ordered();
      const images = Array.from(places.subarray(0, limit), (place) => imageNode(node, place));
      return [...images, ...moreNode(node, images.length, places.length)];
    }
    case 'problems': {
      const problems = node.problems.slice(0, limit).map((problem) => problemNode(node, problem));
      return [...problems, ...moreNode(node, problems.length, node.problems.length)];
    }
    case 'image':
    case 'problem':
    case 'more':
      return [];
  }
}

function groupNode(shown: Shown, group: ImageGroup, parent: SetNode | undefined): GroupNode {
  const { model, order } = shown;
  let ordered: Promise<Uint32Array> | undefined;
  return {
    kind: 'group',
    id: group.key,
    parent,
    shown,
    group,
    ordered: () => (ordered ??= orderedMembers(model, group, order.images, timeSlices())),
  };
}

function imageNode(parent: GroupNode, place: number): ImageNode {
  const { model, folders } = parent.shown;
  const of = folders[folderOf(model, place)];
  const image = model.images[place];
  if (!of || !image) throw new RangeError(`there is no image ${place}`);
  const tag = tagIn(parent.group, image);
  return {
    kind: 'image',
    id: idOf(parent, of.folder.uri, image.path),
    parent,
    group: parent.group,
    image,
    of,
    imageUri: uriOfImage({ folder: of.folder, path: image.path }),
    folder: of.folder.uri,
    label: tag?.label,
    tag,
  };
}

function problemNode(parent: ProblemsNode, problem: Problem): ProblemNode {
  const of = parent.shown.folders[problem.folder];
  if (!of) throw new RangeError(`there is no folder ${problem.folder}`);
  const id = idOf(parent, of.folder.uri, problem.path);
  const imageUri = uriOfImage({ folder: of.folder, path: problem.path });
  return { kind: 'problem', id, parent, problem, of, imageUri, folder: of.folder.uri };
}

function moreNode(parent: GroupNode | ProblemsNode, shown: number, all: number): MoreNode[] {
  if (shown >= all) return [];
  return [{ kind: 'more', id: JSON.stringify([parent.id, shown]), parent, shown, left: all - shown }];
}

function idOf(parent: Inner, folder: vscode.Uri, path: string): string {
  return JSON.stringify([parent.id, folder.toString(), path]);
}
