import type { SearchResult, UnknownWord } from '../library/index.ts';
import { table } from './output.ts';
import { joined, text, type Text } from './text.ts';

export interface ResultTableOptions {
  /** Whether to list all results that do not stand out; otherwise only the first few. */
  readonly all: boolean;
  /** Formats a score. */
  readonly format: (score: number) => string;
}

/** Results that do not stand out, which the table lists without --all. */
const FEW = 5;

/** Formats the results of a search: those that stand out, then a line, and the nearest of the others. */
export function resultTable(results: readonly SearchResult[], { all, format }: ResultTableOptions): Text {
  if (results.length === 0) return text`No results.\n`;
  const likely = results.filter((result) => result.likely);
  const others = results.filter((result) => !result.likely);
  const shown = all ? others : others.slice(0, FEW);
  const left = others.length - shown.length;
  return joined([
    ...(likely.length > 0
      ? [rowsOf(likely, format)]
      : [text`No image stands out for this query. The nearest images:\n`]),
    ...(likely.length > 0 && shown.length > 0 ? [text`Less likely:\n`] : []),
    ...(shown.length > 0 ? [rowsOf(shown, format)] : []),
    ...(left > 0 ? [text`${left} more that do not stand out: --all lists them.\n`] : []),
  ]);
}

function rowsOf(results: readonly SearchResult[], format: (score: number) => string): Text {
  const hasCopies = results.some(({ copies }) => copies.length > 0);
  return table(
    ['score', 'image', 'size', ...(hasCopies ? ['copies and sizes'] : [])],
    results.map(({ path, score, basis, width, height, copies }) => [
      basis === 'name' ? 'name' : basis === 'filter' ? '' : format(score),
      path,
      `${width} × ${height}`,
      ...(hasCopies ? [copies.length > 0 ? `+ ${copies.length}` : ''] : []),
    ]),
  );
}

/** The hint at a word that the model may not know. It ends with a line break. */
export function unknownWordReport({ word, suggestion }: UnknownWord): Text {
  const advice =
    suggestion === undefined ? text`Check its spelling, or use an English word.` : text`Did you mean "${suggestion}"?`;
  return text`The model may not know the word "${word}", and no file name contains it. ${advice}\n`;
}
