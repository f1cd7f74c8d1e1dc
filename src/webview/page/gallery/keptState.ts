import { STANDARD_OPACITY } from '../../../heatmapPicture.ts';
import { everything, type SavedState } from '../../protocol.ts';
import type { Connection } from '../messages/connection.ts';

/** What the user has set in the page. */
export type View = Omit<SavedState, 'version' | 'anchor' | 'detail'>;

export const firstView: View = {
  arrangement: everything,
  tileSize: 128,
  filtersOpen: false,
  heatmap: {
    on: false,
    method: 'where',
    colours: 'viridis',
    opacity: STANDARD_OPACITY,
    cells: false,
    relative: false,
    sideBySide: false,
  },
  background: 'auto',
  split: 60,
};

/** Keeps what is shown, for when the page is hidden or reloaded. */
export interface KeptState {
  /** The image in the detail pane is another. */
  readonly shows: (uri: string | null) => void;
  /** Something changed. */
  readonly soon: () => void;
}

const SAVE_MILLISECONDS = 300;

/** @param look what is shown now; no anchor where that is not known yet, and the one before stays */
export function keepState(
  connection: Connection,
  look: () => { readonly view: View; readonly anchor: SavedState['anchor'] | undefined },
): KeptState {
  // Kept until there are others: the page may be hidden again before it is where it was.
  let anchor = connection.saved?.anchor ?? null;
  let detail = connection.saved?.detail ?? null;
  let timer: number | undefined;
  const soon = (): void => {
    window.clearTimeout(timer);
    timer = window.setTimeout(() => {
      const now = look();
      anchor = now.anchor ?? anchor;
      connection.save({ version: 1, ...now.view, anchor, detail });
    }, SAVE_MILLISECONDS);
  };
  return {
    shows(uri) {
      detail = uri === null ? null : { uri };
      soon();
    },
    soon,
  };
}
