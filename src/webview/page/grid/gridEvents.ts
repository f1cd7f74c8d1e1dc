import type { Selection } from './selection.ts';

/** The events of the grid. */
export interface GridEvents {
  'grid-select': CustomEvent<Selection>;
  /** The focus has moved to another position. */
  'grid-focus': CustomEvent<{ readonly position: number }>;
  /** Enter, or a double click. */
  'grid-open': CustomEvent<{ readonly position: number }>;
  'grid-scroll': CustomEvent;
  /** Delete: the image does not have the label of its group. */
  'grid-remove': CustomEvent<{ readonly position: number }>;
}
