import * as vscode from 'vscode';
import type { ImageFolder } from '../folders/imageFolder.ts';
import type { IndexerState } from './indexer.ts';

/** Describes how much of each folder is indexed, one line for each folder whose last update did not finish. */
export function partialLines(
  all: readonly Pick<ImageFolder, 'name' | 'partial'>[],
  state: Pick<IndexerState, 'kind'>,
): string[] {
  if (state.kind === 'indexing') return []; // its progress is shown
  return all.flatMap(({ name, partial }) => {
    if (!partial) return [];
    const [done, total] = [partial.done.toLocaleString(), partial.total.toLocaleString()];
    const line = vscode.l10n.t(
      'Only {0} of {1} images are indexed. "Tag Workspace Images" continues from there.',
      done,
      total,
    );
    return [all.length > 1 ? `${name}: ${line}` : line];
  });
}
