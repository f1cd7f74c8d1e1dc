import type { Selection } from './selection.ts';

/** What the grid tells the gallery. */
export interface GridEvents {
  /** The selection is another. */
  'grid-select': CustomEvent<Selection>;
  /** The focus is on another position. */
  'grid-focus': CustomEvent<{ readonly position: number }>;
  /** Enter, or a double click. */
  'grid-open': CustomEvent<{ readonly position: number }>;
  /** Another part is in view. */
  'grid-scroll': CustomEvent;
  /** Delete: the label that the image stands under does not hold. */
  'grid-remove': CustomEvent<{ readonly position: number }>;
}
