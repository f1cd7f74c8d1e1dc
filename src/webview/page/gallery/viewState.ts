import { STANDARD_OPACITY } from '../../../heatmapPicture.ts';
import { everything, type Arrangement } from '../../protocol.ts';
import type { Connection } from '../connection.ts';
import { savedStateSchema, type SavedState } from './savedState.ts';

/** The settings that the user has made in the page. */
export type View = Omit<SavedState, 'version' | 'anchor' | 'detail'>;

const INITIAL_VIEW: View = {
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

/** The arrangement without its query and filters. */
export function withoutFilters({ names, group, order, stacked }: Arrangement): Arrangement {
  return { ...everything, names, group, order, stacked };
}

/** The arrangement with the copies and other sizes of an image shown. */
export function withOpened(arrangement: Arrangement, id: number | undefined): Arrangement {
  return id === undefined ? arrangement : { ...arrangement, opened: [...arrangement.opened, id] };
}

const SAVE_MILLISECONDS = 300;

/** Saves the state of the page, and returns the one that was saved before the page was hidden or reloaded. */
export class ViewState {
  readonly #connection: Connection;
  readonly #current: () => { readonly view: View; readonly anchor: SavedState['anchor'] | undefined };
  /** The saved state; null if there is none, or it is from another version. */
  readonly saved: SavedState | null;
  // The saved values until there are new ones: the page may be hidden again before it is restored.
  #anchor: SavedState['anchor'];
  #detail: SavedState['detail'];
  #timer: number | undefined;

  /** @param current returns the state to save; an undefined anchor means the one that was saved before */
  constructor(
    connection: Connection,
    current: () => { readonly view: View; readonly anchor: SavedState['anchor'] | undefined },
  ) {
    const saved = savedStateSchema.safeParse(connection.savedState());
    this.#connection = connection;
    this.#current = current;
    this.saved = saved.success ? saved.data : null;
    this.#anchor = this.saved?.anchor ?? null;
    this.#detail = this.saved?.detail ?? null;
  }

  get initialView(): View {
    return this.saved ?? INITIAL_VIEW;
  }

  /** Call it when the detail pane shows another image; null: none. */
  setDetail(uri: string | null): void {
    this.#detail = uri === null ? null : { uri };
    this.saveSoon();
  }

  /** Call it when the state has changed. */
  saveSoon(): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      const { view, anchor } = this.#current();
      this.#anchor = anchor ?? this.#anchor;
      const state: SavedState = { version: 1, ...view, anchor: this.#anchor, detail: this.#detail };
      this.#connection.saveState(state);
    }, SAVE_MILLISECONDS);
  }
}
