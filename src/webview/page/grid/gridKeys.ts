import type { Move } from './gridLayout.ts';

/** The effect of a key press in the grid. */
export type GridAction =
  /** `extend` extends the selection to the new position, and `keep` keeps the other selected images. */
  | { readonly kind: 'move'; readonly move: Move; readonly extend: boolean; readonly keep: boolean }
  | { readonly kind: 'toggle' | 'extend' | 'selectAll' | 'selectNone' | 'open' | 'remove' };

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

/** The part of a KeyboardEvent that matters here. */
interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  /** Whether the key is held down. */
  readonly repeat: boolean;
}

/** The action of a key press; undefined if the grid does not handle it. */
export function gridActionOf(event: KeyPress): GridAction | undefined {
  const { key, altKey, shiftKey, repeat } = event;
  if (altKey) return undefined;
  const isCommand = event.ctrlKey || event.metaKey;
  const move = moveOf(key, isCommand);
  if (move) return { kind: 'move', move, extend: shiftKey, keep: isCommand };
  if (key === ' ' || key === 'Spacebar') return { kind: shiftKey ? 'extend' : 'toggle' };
  if (isCommand && key.toLowerCase() === 'a') return { kind: 'selectAll' };
  if (key === 'Escape') return { kind: 'selectNone' };
  if (key === 'Enter') return { kind: 'open' };
  const isDelete = key === 'Delete' || (key === 'Backspace' && event.metaKey);
  return isDelete && !repeat ? { kind: 'remove' } : undefined;
}

function moveOf(key: string, isCommand: boolean): Move | undefined {
  if (isCommand && key === 'Home') return 'first';
  if (isCommand && key === 'End') return 'last';
  return MOVES[key];
}
