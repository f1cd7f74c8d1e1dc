import path from 'node:path';
import * as vscode from 'vscode';
import { needsThumbnail } from '../../workspace/thumbnails/needsThumbnail.ts';
import type { GroupNode, ImageNode, MoreNode, ProblemNode, ProblemsNode, SetNode, TreeNode } from './treeNodes.ts';
import { imageCount, percent } from './wording.ts';

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;

export interface ItemOptions {
  /** With several folders, images say which one they are of. */
  readonly severalFolders: boolean;
  /** Whether the user left a node open. */
  readonly isExpanded: (id: string) => boolean;
  /** An icon that was made for an image. */
  readonly icon: (node: ImageNode) => vscode.Uri | undefined;
}

export function treeItem(node: TreeNode, options: ItemOptions): vscode.TreeItem {
  const item = itemOf(node, options);
  item.id = node.id;
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
  const label = kind === 'manual' ? vscode.l10n.t('Added by Hand') : name;
  const item = new vscode.TreeItem(label, Expanded);
  item.iconPath = new vscode.ThemeIcon(kind === 'manual' ? 'edit' : 'library');
  item.contextValue = kind;
  if (kind === 'manual') item.tooltip = vscode.l10n.t('Labels that you gave to images and that are in no label set');
  const count = labels.length === 1 ? vscode.l10n.t('1 label') : vscode.l10n.t('{0} labels', labels.length);
  const spoken = kind === 'manual' ? label : vscode.l10n.t('Label set {0}', name);
  return spokenAs(item, [spoken, count]);
}

function groupItem({ group, id }: GroupNode, { isExpanded }: ItemOptions): vscode.TreeItem {
  const count = group.members.length;
  const { label, icon, tooltip } = groupLook(group.kind, group.label);
  const item = new vscode.TreeItem(label, isExpanded(id) ? Expanded : Collapsed);
  item.iconPath = new vscode.ThemeIcon(icon);
  item.description = count.toLocaleString();
  item.tooltip = tooltip ?? `${label}, ${imageCount(count)}`;
  item.contextValue = group.kind;
  return spokenAs(item, [group.kind === 'label' ? vscode.l10n.t('Label {0}', label) : label, imageCount(count)]);
}

function groupLook(kind: GroupNode['group']['kind'], label: string): { label: string; icon: string; tooltip?: string } {
  switch (kind) {
    case 'label':
      return { label, icon: 'tag' };
    case 'uncertain': {
      const tooltip = vscode.l10n.t('Images without a tag for which a label nearly holds. Confirm it or remove it.');
      return { label: vscode.l10n.t('Uncertain'), icon: 'question', tooltip };
    }
    case 'untagged': {
      const tooltip = vscode.l10n.t('Images for which no label holds, not even nearly');
      return { label: vscode.l10n.t('Untagged'), icon: 'circle-slash', tooltip };
    }
  }
}

function imageItem(node: ImageNode, { severalFolders, icon }: ItemOptions): vscode.TreeItem {
  const { image, tag, group, of, imageUri } = node;
  const item = new vscode.TreeItem(path.posix.basename(image.path), None);
  const certainty = tag && (tag.manual ? vscode.l10n.t('by hand') : percent(tag.score));
  const shown = tag && group.kind === 'uncertain' ? `${tag.label}? ${percent(tag.score)}` : certainty;
  const place = [severalFolders ? of.folder.name : '', folderName(image.path)];
  item.description = joined([shown, ...place]); // the score first: side bars are narrow
  item.resourceUri = imageUri;
  item.iconPath = icon(node) ?? (needsThumbnail(image.path, image.bytes) ? vscode.ThemeIcon.File : imageUri);
  item.command = { command: 'vscode.open', title: vscode.l10n.t('Open'), arguments: [imageUri] };
  const said = tag?.manual === true || of.manualTags.has(image.hash);
  item.contextValue = ['image', tag && !tag.manual ? 'scored' : '', said ? 'manual' : '', tag ? 'labelled' : '']
    .filter((word) => word !== '')
    .join(' ');
  return spokenAs(item, [path.posix.basename(image.path), spokenTag(node), ...place]);
}

function spokenTag({ tag, group }: ImageNode): string {
  if (!tag) return vscode.l10n.t('no tag');
  const { label, score } = tag;
  if (group.kind === 'uncertain') return vscode.l10n.t('perhaps {0}, {1}', label, percent(score));
  return tag.manual ? vscode.l10n.t('{0}, tagged by hand', label) : vscode.l10n.t('{0}, {1}', label, percent(score));
}

function problemsItem({ problems, id }: ProblemsNode, { isExpanded }: ItemOptions): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t('Problems'), isExpanded(id) ? Expanded : Collapsed);
  item.iconPath = new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  item.description = problems.length.toLocaleString();
  item.tooltip = vscode.l10n.t('Images that could not be read, and why');
  item.contextValue = 'problems';
  return spokenAs(item, [vscode.l10n.t('Problems'), imageCount(problems.length)]);
}

function problemItem({ problem, of, imageUri }: ProblemNode, { severalFolders }: ItemOptions): vscode.TreeItem {
  const name = path.posix.basename(problem.path);
  const item = new vscode.TreeItem(name, None);
  const folder = severalFolders ? of.folder.name : '';
  item.description = joined([folder, problem.reason]);
  item.tooltip = `${problem.path}\n${problem.reason}`;
  item.resourceUri = imageUri;
  item.iconPath = new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  item.command = { command: 'vscode.open', title: vscode.l10n.t('Open'), arguments: [imageUri] };
  item.contextValue = 'problem';
  return spokenAs(item, [name, problem.reason, folder, folderName(problem.path)]);
}

function moreItem(node: MoreNode): vscode.TreeItem {
  const item = new vscode.TreeItem(vscode.l10n.t('Show More'), None);
  item.description = vscode.l10n.t('{0} left', node.left.toLocaleString());
  item.iconPath = new vscode.ThemeIcon('ellipsis');
  item.command = { command: 'assetlens.showMore', title: vscode.l10n.t('Show More'), arguments: [node] };
  item.contextValue = 'more';
  return spokenAs(item, [vscode.l10n.t('Show More'), item.description]);
}

/** What a screen reader says; a tree item's own role says the rest. */
function spokenAs(item: vscode.TreeItem, parts: readonly (string | undefined)[]): vscode.TreeItem {
  const label = parts.filter((part) => part !== undefined && part !== '').join(', ');
  item.accessibilityInformation = { label, role: 'treeitem' };
  return item;
}

function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}

function folderName(file: string): string {
  const folder = path.posix.dirname(file);
  return folder === '.' ? '' : folder;
}
