import type { Group } from '../../protocol.ts';

/** A row of the grid: the title of a group, or tiles side by side. */
export type Row =
  | { readonly kind: 'title'; readonly group: number }
  /** Tiles of the positions from `start` on. */
  | { readonly kind: 'tiles'; readonly group: number; readonly start: number; readonly count: number };

/** The layout of the grid for a number of columns. */
export interface GridLayout {
  readonly columns: number;
  readonly rows: readonly Row[];
  /** The first position of each group. */
  readonly starts: readonly number[];
  /** Number of positions. */
  readonly count: number;
}

/** Each group begins in a new row. A group without a title has no title row. */
export function layOut(groups: readonly Pick<Group, 'title' | 'count'>[], columns: number): GridLayout {
  const rows: Row[] = [];
  const starts: number[] = [];
  let next = 0;
  for (const [group, { title, count }] of groups.entries()) {
    starts.push(next);
    if (title !== '') rows.push({ kind: 'title', group });
    for (let start = next; start < next + count; start += columns) {
      rows.push({ kind: 'tiles', group, start, count: Math.min(columns, next + count - start) });
    }
    next += count;
  }
  return { columns, rows, starts, count: next };
}

/** The group of a position, or -1. */
export function groupAt({ starts, count }: GridLayout, position: number): number {
  return position < 0 || position >= count ? -1 : starts.findLastIndex((start) => start <= position);
}

/** The row of a position, or -1. */
export function rowOf({ rows }: GridLayout, position: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    // A title row is treated as the row of tiles after it.
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

/**
 * The position after a move: the previous or next one for a horizontal move, and the same column for a vertical one
 * (the last column of a shorter row).
 * @param pageRows number of rows of a page
 */
export function moved(layout: GridLayout, position: number, move: Move, pageRows: number): number {
  const last = layout.count - 1;
  if (last < 0) return -1;
  const clamp = (target: number): number => Math.max(0, Math.min(last, target));
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

function vertically(layout: GridLayout, position: number, rowCount: number): number {
  const { rows } = layout;
  let index = rowOf(layout, position);
  const from = rows[index];
  if (from?.kind !== 'tiles') return position;
  const column = position - from.start;
  let target = position;
  for (let left = Math.abs(rowCount); left > 0; left--) {
    do index += Math.sign(rowCount);
    while (rows[index]?.kind === 'title');
    const row = rows[index];
    if (row?.kind !== 'tiles') break;
    target = row.start + Math.min(column, row.count - 1);
  }
  return target;
}
