import * as vscode from 'vscode';
import { percent } from '../../base/format.ts';
import type { TaggedImage } from '../../library/index.ts';
import { fileNameOf, parentOf } from '../../taggedImages/index.ts';
import { fileUri } from '../../workspace/folders/imageUri.ts';
import { needsThumbnail } from '../../workspace/thumbnails/needsThumbnail.ts';
import type { GroupNode, ImageNode, MoreNode, ProblemNode, ProblemsNode, SetNode, TreeNode } from './treeNodes.ts';
import { imageCount } from './wording.ts';
import { printable } from '../../base/printable.ts';

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;

export interface ItemOptions {
  /** Whether there are several workspace folders, so that images show the name of theirs. */
  readonly severalFolders: boolean;
  /** Tells whether the user expanded a node, by its id. */
  readonly isExpanded: (id: string) => boolean;
  /** Returns the icon that was made for an image. */
  readonly iconOf: (image: TaggedImage) => vscode.Uri | undefined;
}

export function treeItem(node: TreeNode, options: ItemOptions): vscode.TreeItem {
  const item = itemOf(node, options);
  item.id = node.id;
  // File names, labels and reasons are text of others.
  const { label, description, tooltip, accessibilityInformation: accessible } = item;
  if (typeof label === 'string') item.label = printable(label);
  if (typeof description === 'string') item.description = printable(description);
  if (typeof tooltip === 'string') item.tooltip = printable(tooltip);
  if (accessible) item.accessibilityInformation = { ...accessible, label: printable(accessible.label) };
  return item;
}

function itemOf(node: TreeNode, options: ItemOptions): vscode.TreeItem {
  switch (node.kind) {
    case 'set':
    case 'manual':
      return setItem(node);
    case 'group':
      return groupItem(node, options);
    case 'image':
      return imageItem(node, options);
    case 'problems':
      return problemsItem(node, options);
    case 'problem':
      return problemItem(node, options);
    case 'more':
      return moreItem(node);
  }
}

function setItem({ kind, name, labels }: SetNode): vscode.TreeItem {
  const label = kind === 'manual' ? vscode.l10n.t('Added Manually') : name;
  const item = new vscode.TreeItem(label, Expanded);
  item.iconPath = new vscode.ThemeIcon(kind === 'manual' ? 'edit' : 'library');
  item.contextValue = kind;
  if (kind === 'manual') item.tooltip = vscode.l10n.t('Labels that you added to images and that no label set contains');
  const count = labels.length === 1 ? vscode.l10n.t('1 label') : vscode.l10n.t('{0} labels', labels.length);
  const accessibleName = kind === 'manual' ? label : vscode.l10n.t('Label set {0}', name);
  return withAccessibleLabel(item, [accessibleName, count]);
}

function groupItem({ group, id }: GroupNode, { isExpanded }: ItemOptions): vscode.TreeItem {
  const count = group.members.length;
  const { label, icon, tooltip } = groupAppearance(group.kind, group.label);
  const item = new vscode.TreeItem(label, isExpanded(id) ? Expanded : Collapsed);
  item.iconPath = new vscode.ThemeIcon(icon);
  item.description = count.toLocaleString();
  item.tooltip = tooltip ?? `${label}, ${imageCount(count)}`;
  item.contextValue = group.kind;
  return withAccessibleLabel(item, [
    group.kind === 'label' ? vscode.l10n.t('Label {0}', label) : label,
    imageCount(count),
  ]);
}

interface Appearance {
  readonly label: string;
  /** Id of a theme icon. */
  readonly icon: string;
  readonly tooltip?: string;
}

function groupAppearance(kind: GroupNode['group']['kind'], label: string): Appearance {
  switch (kind) {
    case 'label':
      return { label, icon: 'tag' };
    case 'maybe': {
      const tooltip = vscode.l10n.t(
        'Images without a tag where a label has half of its threshold or more. About one in three of these labels applies. Confirm or remove it.',
      );
      return { label: vscode.l10n.t('Maybe'), icon: 'question', tooltip };
    }
    case 'untagged': {
      const tooltip = vscode.l10n.t('Images where every label has less than half of its threshold');
      return { label: vscode.l10n.t('Untagged'), icon: 'circle-slash', tooltip };
    }
  }
}

function imageItem(node: ImageNode, { severalFolders, isExpanded, iconOf }: ItemOptions): vscode.TreeItem {
  const { image, tag, group, treeFolder, imageUri, id, others } = node;
  const isStack = others.length > 0;
  const item = new vscode.TreeItem(fileNameOf(image.path), isStack ? (isExpanded(id) ? Expanded : Collapsed) : None);
  const certainty = tag && (tag.manual ? vscode.l10n.t('manual') : percent(tag.score));
  const score = tag && group.kind === 'maybe' ? `${tag.label}? ${percent(tag.score)}` : certainty;
  const location = [severalFolders ? treeFolder.name : '', parentOf(image.path)];
  // The score first, because side bars are narrow.
  item.description = joined([score, isStack ? `+${others.length.toLocaleString()}` : '', ...location], ' · ');
  item.resourceUri = imageUri;
  item.iconPath = iconOf(image) ?? (needsThumbnail(image.path, image.bytes) ? vscode.ThemeIcon.File : imageUri);
  item.command = { command: 'vscode.open', title: vscode.l10n.t('Open'), arguments: [fileUri(imageUri)] };
  const hasManualTags = tag?.manual === true || treeFolder.manualTags.has(image.hash);
  item.contextValue = joined(
    ['image', tag && !tag.manual ? 'scored' : '', hasManualTags ? 'manual' : '', tag ? 'labelled' : ''],
    ' ',
  );
  const stack = isStack ? vscode.l10n.t('copies and sizes: {0}', others.length) : '';
  return withAccessibleLabel(item, [fileNameOf(image.path), accessibleTag(node), stack, ...location]);
}

function accessibleTag({ tag, group }: ImageNode): string {
  if (!tag) return vscode.l10n.t('no tag');
  const { label, score } = tag;
  if (group.kind === 'maybe') return vscode.l10n.t('possibly {0}, {1}', label, percent(score));
  return tag.manual ? vscode.l10n.t('{0}, tagged manually', label) : vscode.l10n.t('{0}, {1}', label, percent(score));
}

function problemsItem({ problems, id }: ProblemsNode, { isExpanded }: ItemOptions): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t('Problems'), isExpanded(id) ? Expanded : Collapsed);
  item.iconPath = new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  item.description = problems.length.toLocaleString();
  item.tooltip = vscode.l10n.t('Images that AssetLens could not read, with the reason');
  item.contextValue = 'problems';
  return withAccessibleLabel(item, [vscode.l10n.t('Problems'), imageCount(problems.length)]);
}

function problemItem({ problem, imageUri }: ProblemNode, { severalFolders }: ItemOptions): vscode.TreeItem {
  const name = fileNameOf(problem.path);
  const item = new vscode.TreeItem(name, None);
  const folder = severalFolders ? problem.folder.name : '';
  item.description = joined([folder, problem.reason], ' · ');
  item.tooltip = `${problem.path}: ${problem.reason}`;
  item.resourceUri = imageUri;
  item.iconPath = new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  item.command = { command: 'vscode.open', title: vscode.l10n.t('Open'), arguments: [fileUri(imageUri)] };
  item.contextValue = 'problem';
  return withAccessibleLabel(item, [name, problem.reason, folder, parentOf(problem.path)]);
}

function moreItem(node: MoreNode): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t('Show More'), None);
  item.description = vscode.l10n.t('{0} left', node.left.toLocaleString());
  item.iconPath = new vscode.ThemeIcon('ellipsis');
  item.command = { command: 'assetlens.showMore', title: vscode.l10n.t('Show More'), arguments: [node] };
  item.contextValue = 'more';
  return withAccessibleLabel(item, [vscode.l10n.t('Show More'), item.description]);
}

/** Sets what a screen reader announces. The role adds the level and the state of the item. */
function withAccessibleLabel(item: vscode.TreeItem, parts: readonly (string | undefined)[]): vscode.TreeItem {
  item.accessibilityInformation = { label: joined(parts, ', '), role: 'treeitem' };
  return item;
}

/** Joins the parts that are not empty. */
function joined(parts: readonly (string | undefined)[], separator: string): string {
  return parts.filter((part) => part !== undefined && part !== '').join(separator);
}
