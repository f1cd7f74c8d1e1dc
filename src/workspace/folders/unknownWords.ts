import * as vscode from 'vscode';
import type { UnknownWord } from '../../library/index.ts';
import type { ImageFolder } from './imageFolder.ts';
import { namedLabels } from './namedLabels.ts';
import { indexedFolders } from './searchFolders.ts';

/**
 * Finds the words of a query that the model may not know, and that no label and no file name of any indexed folder
 * contains. A word that begins a known word is left out, because the user may still be typing.
 * @param query a query without mistakes
 * @param hasLikely whether at least one result is likely
 */
export async function unknownWordsIn(
  folders: readonly ImageFolder[],
  query: string,
  { hasLikely, signal }: { readonly hasLikely: boolean; readonly signal: AbortSignal },
): Promise<UnknownWord[]> {
  const { parseQuery, unknownWords } = await import('../../library/index.ts');
  const parsed = parseQuery(query);
  let unknown: readonly UnknownWord[] | undefined;
  for (const folder of await indexedFolders(folders)) {
    const labels = (await namedLabels(folder)).flatMap(({ name, synonyms = [] }) => [name, ...synonyms]);
    const found = await folder.withLibrary((library) =>
      unknownWords(library, parsed, { hasLikely, labels, isTyping: true, signal }),
    );
    unknown = unknown ? inBoth(unknown, found) : found;
    if (unknown.length === 0) break;
  }
  return [...(unknown ?? [])];
}

/** Returns the words that two folders do not know, with the suggestion of either. */
function inBoth(a: readonly UnknownWord[], b: readonly UnknownWord[]): UnknownWord[] {
  return a.flatMap(({ word, suggestion }) => {
    const other = b.find((candidate) => candidate.word === word);
    return other ? [{ word, suggestion: suggestion ?? other.suggestion }] : [];
  });
}

/** Returns the hint at a word that the model may not know. */
export function unknownWordText({ word, suggestion }: UnknownWord): string {
  return suggestion === undefined
    ? vscode.l10n.t('The model may not know the word "{0}". Check its spelling, or use an English word.', word)
    : vscode.l10n.t('The model may not know the word "{0}". Did you mean "{1}"?', word, suggestion);
}
