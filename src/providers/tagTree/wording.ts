import * as vscode from 'vscode';
import type { ImageOrder, LabelOrder } from './ordering.ts';

export function imageCount(count: number): string {
  return count === 1 ? vscode.l10n.t('1 image') : vscode.l10n.t('{0} images', count.toLocaleString());
}

export function percent(score: number): string {
  return vscode.l10n.t('{0} %', Math.round(100 * score));
}

export function labelOrderName(order: LabelOrder): string {
  return { name: vscode.l10n.t('Labels by Name'), count: vscode.l10n.t('Labels by Number of Images') }[order];
}

export function imageOrderName(order: ImageOrder): string {
  return {
    score: vscode.l10n.t('Images by Score'),
    name: vscode.l10n.t('Images by Name'),
    path: vscode.l10n.t('Images by Path'),
  }[order];
}

/** Bytes in the unit that people would use. */
export function fileSize(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB'];
  const power = Math.min(units.length - 1, bytes > 0 ? Math.floor(Math.log(bytes) / Math.log(1024)) : 0);
  const size = bytes / 1024 ** power;
  return `${power > 0 && size < 10 ? size.toFixed(1) : Math.round(size)} ${units[power] ?? ''}`;
}
