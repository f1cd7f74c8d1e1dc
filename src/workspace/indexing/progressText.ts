import * as vscode from 'vscode';
import type { IndexerState } from './indexer.ts';

/** The progress of an update in words. */
export interface ProgressText {
  readonly message: string;
  /** 0 to 100; 0 while the number of files is unknown. */
  readonly percent: number;
}

export function describeProgress({ folder, progress }: Extract<IndexerState, { kind: 'indexing' }>): ProgressText {
  if (progress?.phase === 'wait') {
    return {
      message: vscode.l10n.t('{0}: waiting for another AssetLens that indexes this folder', folder.name),
      percent: 0,
    };
  }
  if (typeof progress?.total !== 'number') {
    return { message: vscode.l10n.t('{0}: {1} images found', folder.name, progress?.done ?? 0), percent: 0 };
  }
  const { phase, done, total } = progress;
  const message =
    phase === 'looks'
      ? vscode.l10n.t('{0}: reading the colours of {1} of {2} images, once after an upgrade', folder.name, done, total)
      : vscode.l10n.t('{0}: {1} of {2} images', folder.name, done, total);
  return { message, percent: (100 * done) / Math.max(1, total) };
}
