import * as vscode from 'vscode';
import type { UnknownWord } from '../../library/index.ts';
import { unknownWordText } from '../../workspace/folders/unknownWords.ts';
import { notice, type ImageItem } from './imageItems.ts';

/** The line of a word that the model may not know. With a suggestion, it repeats the search with that word. */
export function unknownWordItem(unknown: UnknownWord, query: string): ImageItem {
  const { word, suggestion } = unknown;
  const text = unknownWordText(unknown);
  if (suggestion === undefined) return notice(text);
  return {
    label: text,
    iconPath: new vscode.ThemeIcon('lightbulb'),
    query: replaced(query, word, suggestion),
    alwaysShow: true,
  };
}

/** Replaces a whole word of a query. @param word in lower case */
function replaced(query: string, word: string, by: string): string {
  return query.replaceAll(/\p{L}[\p{L}\p{M}]*|\p{N}+/gu, (found) =>
    found.normalize('NFKC').toLowerCase() === word ? by : found,
  );
}
