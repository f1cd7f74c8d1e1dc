import type { Group } from '../../protocol.ts';

/** A line of the grid: the title of a group, or tiles side by side. */
export type Row =
  | { readonly kind: 'title'; readonly group: number }
  /** Positions in the order, from `start` on. */
  | { readonly kind: 'tiles'; readonly group: number; readonly start: number; readonly count: number };

/** Where everything lies when tiles stand in so many columns. */
export interface GridLayout {
  readonly columns: number;
  readonly rows: readonly Row[];
  /** Positions from and to, by group. */
  readonly starts: readonly number[];
  readonly count: number;
}

/** A group begins a line of its own; one without a title has no line for it. */
export function layOut(groups: readonly Pick<Group, 'title' | 'count'>[], columns: number): GridLayout {
  const rows: Row[] = [];
  const starts: number[] = [];
  let at = 0;
  for (const [group, { title, count }] of groups.entries()) {
    starts.push(at);
    if (title !== '') rows.push({ kind: 'title', group });
    for (let start = at; start < at + count; start += columns) {
      rows.push({ kind: 'tiles', group, start, count: Math.min(columns, at + count - start) });
    }
    at += count;
  }
  return { columns, rows, starts, count: at };
}

/** The group that a position is in, or -1. */
export function groupAt({ starts, count }: GridLayout, position: number): number {
  return position < 0 || position >= count ? -1 : starts.findLastIndex((start) => start <= position);
}

/** Index of the row that a position is in, or -1. */
export function rowOf({ rows }: GridLayout, position: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    // A title lies before the tiles that follow it.
    const tiles = row?.kind === 'title' ? rows[middle + 1] : row;
    if (tiles?.kind !== 'tiles') return -1;
    if (position < tiles.start) high = middle - 1;
    else if (row?.kind === 'title') low = middle + 1;
    else if (position >= tiles.start + tiles.count) low = middle + 1;
    else return middle;
  }
  return -1;
}

export type Move = 'left' | 'right' | 'up' | 'down' | 'rowStart' | 'rowEnd' | 'first' | 'last' | 'pageUp' | 'pageDown';

const MOVES: Readonly<Record<string, Move>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
  Home: 'rowStart',
  End: 'rowEnd',
  PageUp: 'pageUp',
  PageDown: 'pageDown',
};

interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

/** What a key does in the grid. */
export function moveOf({ key, ctrlKey, metaKey }: KeyPress): Move | undefined {
  if (ctrlKey || metaKey) {
    if (key === 'Home') return 'first';
    if (key === 'End') return 'last';
  }
  return MOVES[key];
}

/**
 * Where the focus goes: along the order sideways, to the same column up and down (the last one of a shorter line).
 * @param pageRows lines that a page moves by
 */
export function moved(layout: GridLayout, position: number, move: Move, pageRows: number): number {
  const last = layout.count - 1;
  if (last < 0) return -1;
  const clamp = (to: number): number => Math.max(0, Math.min(last, to));
  switch (move) {
    case 'left':
      return clamp(position - 1);
    case 'right':
      return clamp(position + 1);
    case 'first':
      return 0;
    case 'last':
      return last;
    case 'rowStart':
    case 'rowEnd': {
      const row = layout.rows[rowOf(layout, clamp(position))];
      if (row?.kind !== 'tiles') return clamp(position);
      return move === 'rowStart' ? row.start : row.start + row.count - 1;
    }
    case 'up':
      return vertically(layout, clamp(position), -1);
    case 'down':
      return vertically(layout, clamp(position), 1);
    case 'pageUp':
      return vertically(layout, clamp(position), -Math.max(1, pageRows));
    case 'pageDown':
      return vertically(layout, clamp(position), Math.max(1, pageRows));
  }
}

function vertically(layout: GridLayout, position: number, lines: number): number {
  const { rows } = layout;
  let index = rowOf(layout, position);
  const from = rows[index];
  if (from?.kind !== 'tiles') return position;
  const column = position - from.start;
  let at = position;
  for (let left = Math.abs(lines); left > 0; left--) {
    do index += Math.sign(lines);
    while (rows[index]?.kind === 'title');
    const row = rows[index];
    if (row?.kind !== 'tiles') break;
    at = row.start + Math.min(column, row.count - 1);
  }
  return at;
}
