import * as vscode from 'vscode';
import type { LabelOrder } from '../../taggedImages/index.ts';
import type { TreeImageOrder } from './treeOrder.ts';

export function imageCount(count: number): string {
  return count === 1 ? vscode.l10n.t('1 image') : vscode.l10n.t('{0} images', count.toLocaleString());
}

export function labelOrderName(order: LabelOrder): string {
  return { name: vscode.l10n.t('Labels by Name'), count: vscode.l10n.t('Labels by Number of Images') }[order];
}

export function imageOrderName(order: TreeImageOrder): string {
  return {
    score: vscode.l10n.t('Images by Score'),
    name: vscode.l10n.t('Images by Name'),
    path: vscode.l10n.t('Images by Path'),
  }[order];
}
