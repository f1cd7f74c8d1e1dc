import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Arranged, Group, PictureBackground } from '../../protocol.ts';
import { inlineStyle } from '../dom/inlineStyle.ts';
import type { GridEvents } from './gridEvents.ts';
import { gridActionOf, type GridAction } from './gridKeys.ts';
import { groupAt, layOut, moved, rowOf, type GridLayout, type Row } from './gridLayout.ts';
import { CAPTION_HEIGHT, CAPTION_MIN_SIDE, GAP, PADDING, TITLE_HEIGHT } from './gridMeasures.ts';
import { fillDrag, groupTitle, positionOf, renderTile, scoreAt, stackAt, type TileHandlers } from './gridTile.ts';
import { imageGridStyles } from './imageGridStyles.ts';
import { RowVirtualizer } from './rowVirtualizer.ts';
import { extend, nothingSelected, select, selectAll, toggle, withAnchor, type Selection } from './selection.ts';
import { thumbnailSide, type Thumbnails } from './thumbnails.ts';
import type { TileStore } from './tileStore.ts';

/** A position, and where its row is in view. */
export interface ScrollAnchor {
  readonly position: number;
  /** Pixels from the upper edge of the view to the row. */
  readonly offset: number;
}

/**
 * Tiles of images under the titles of their groups. Only the rows in view are in the document, whatever the number of
 * images. This is an ARIA grid with one tab stop: arrow keys move the focus, Space selects, Enter opens.
 */
@customElement('assetlens-grid')
export class ImageGrid extends LitElement {
  @property({ attribute: false }) accessor arranged: Arranged | undefined;
  @property({ attribute: false }) accessor selection: Selection = nothingSelected;
  @property({ attribute: false }) accessor tiles: TileStore | undefined;
  @property({ attribute: false }) accessor thumbnails: Thumbnails | undefined;
  @property({ type: Number }) accessor tileSize = 128;
  /** Whether images can be dragged. If not, it shows the reason. */
  @property({ attribute: false }) accessor canDrag: (ids: readonly number[]) => boolean = () => true;
  /** Increased when a tile or a thumbnail has arrived. */
  @property({ type: Number }) accessor arrivals = 0;
  @property() accessor background: PictureBackground = 'any';
  @query('.scroller') private accessor scroller!: HTMLElement | null; // null before the first rendering

  #layout: GridLayout = layOut([], 1);
  #focused = 0;
  #width = 0;
  /** Side of a tile: at least `tileSize`, so that the tiles of a row fill it. */
  #side = 128;
  /** Whether to focus the tile of the focused position when it is in the document. */
  #isFocusPending = false;
  /** The place to restore after tiles or rows have changed their size. */
  #anchor: ScrollAnchor | undefined;

  readonly #rows = new RowVirtualizer(this, {
    scroller: () => this.scroller,
    heightOf: (index) => this.#heightOf(this.#layout.rows[index]),
    keptRow: () => rowOf(this.#layout, this.#focused), // removing the row with the focus would lose the focus
    paddingStart: PADDING / 2,
    paddingEnd: PADDING,
  });
  readonly #resizeObserver = new ResizeObserver(([entry]) => {
    const width = Math.floor(entry?.contentRect.width ?? 0);
    if (width === this.#width) return;
    this.#keepAnchor();
    this.#width = width;
    this.#layOut();
    this.requestUpdate();
  });

  get focusedPosition(): number {
    return this.#focused;
  }

  /** The focused position if it is in view, else the first one in view. */
  get anchor(): ScrollAnchor | undefined {
    const { scroller } = this;
    if (!scroller || this.#width === 0) return undefined;
    const { scrollTop, clientHeight } = scroller;
    const focused = this.#rows.rowAt(rowOf(this.#layout, this.#focused));
    if (focused && focused.end > scrollTop && focused.start < scrollTop + clientHeight) {
      return { position: this.#focused, offset: focused.start - scrollTop };
    }
    const first = this.#rows.items.find(
      ({ end, index }) => end > scrollTop && this.#layout.rows[index]?.kind === 'tiles',
    );
    const row = first && this.#layout.rows[first.index];
    return first && row?.kind === 'tiles' ? { position: row.start, offset: first.start - scrollTop } : undefined;
  }

  /** Scrolls to a saved place, and moves the focus to its position. */
  restore(anchor: ScrollAnchor): void {
    this.#focused = Math.max(0, Math.min(anchor.position, this.#layout.count - 1));
    this.#anchor = anchor;
    this.requestUpdate();
  }

  /** Moves the focus to a position, and scrolls it into view. */
  goTo(position: number, { focus = true, align = 'auto' }: { focus?: boolean; align?: 'auto' | 'start' } = {}): void {
    if (position < 0 || position >= this.#layout.count) return;
    this.#focused = position;
    this.#isFocusPending = focus;
    this.#scrollIntoView(rowOf(this.#layout, position), align);
    this.requestUpdate();
  }

  /** Focuses the tile of the focused position. @returns whether it is in the document */
  takeFocus(): boolean {
    const tile = this.renderRoot.querySelector<HTMLElement>(`#tile-${this.#focused}`);
    tile?.focus({ preventScroll: true });
    return tile !== null;
  }

  /** The group of a position. */
  groupOf(position: number): Group | undefined {
    return this.arranged?.groups[groupAt(this.#layout, position)];
  }

  override firstUpdated(): void {
    if (this.scroller) this.#resizeObserver.observe(this.scroller);
  }

  override disconnectedCallback(): void {
    this.#resizeObserver.disconnect();
    super.disconnectedCallback();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('tileSize') && !changed.has('arranged')) this.#keepAnchor();
    if (changed.has('arranged') || changed.has('tileSize')) this.#layOut();
  }

  protected override updated(): void {
    this.#restoreAnchor();
    if (this.#isFocusPending && this.takeFocus()) this.#isFocusPending = false;
  }

  /** Keeps the images in view where they are while tiles or rows change their size. */
  #keepAnchor(): void {
    this.#anchor ??= this.anchor;
  }

  #restoreAnchor(): void {
    // The positions of rows are unknown before the width is known.
    if (!this.#anchor || !this.scroller || this.#width === 0) return;
    const row = this.#rows.rowAt(rowOf(this.#layout, this.#anchor.position));
    if (row) this.scroller.scrollTop = row.start - this.#anchor.offset;
    this.#anchor = undefined;
  }

  /** Scrolls no more than necessary. The title of a group is scrolled into view together with its first row. */
  #scrollIntoView(index: number, align: 'auto' | 'start'): void {
    const { scroller } = this;
    const row = this.#rows.rowAt(index);
    if (!scroller || !row) return;
    const first = this.#layout.rows[index - 1]?.kind === 'title' ? (this.#rows.rowAt(index - 1) ?? row) : row;
    const top = first.start - PADDING / 2;
    const bottom = row.end + PADDING / 2;
    if (align === 'start' || top < scroller.scrollTop) scroller.scrollTop = top;
    else if (bottom > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = bottom - scroller.clientHeight;
  }

  #layOut(): void {
    const width = this.#width - 2 * PADDING + GAP;
    const columns = Math.max(1, Math.floor(width / (this.tileSize + GAP)));
    this.#side = Math.max(this.tileSize, Math.floor(width / columns) - GAP);
    this.#layout = layOut(this.arranged?.groups ?? [], columns);
    this.#focused = Math.max(0, Math.min(this.#focused, this.#layout.count - 1));
    this.#rows.measure(this.#layout.rows.length);
  }

  #heightOf(row: Row | undefined): number {
    if (row?.kind === 'title') return TITLE_HEIGHT;
    return this.#side + GAP + (this.tileSize >= CAPTION_MIN_SIDE ? CAPTION_HEIGHT : 0);
  }

  protected override render(): TemplateResult {
    const { items, totalSize } = this.#rows;
    this.#requestTiles(items.map(({ index }) => this.#layout.rows[index]));
    const height = { height: `${totalSize}px` };
    return html`<div
      class="scroller"
      role="grid"
      aria-label=${l10n.t('Images')}
      aria-multiselectable="true"
      aria-rowcount=${this.#layout.rows.length}
      aria-colcount=${this.#layout.columns}
      @keydown=${this.#keyPressed}
      @scroll=${() => {
        this.#emit('grid-scroll', undefined);
      }}
    >
      <div class="all" role="presentation" .style=${inlineStyle(height)}>
        ${repeat(
          items,
          ({ key }) => key,
          ({ index, start }) => this.#renderRow(index, start),
        )}
      </div>
    </div>`;
  }

  /** Requests the tiles and thumbnails of rows. */
  #requestTiles(rows: readonly (Row | undefined)[]): void {
    const { arranged, tiles, thumbnails } = this;
    if (!arranged || !tiles || !thumbnails) return;
    const ids = rows.flatMap((row) =>
      row?.kind === 'tiles' ? [...arranged.order.subarray(row.start, row.start + row.count)] : [],
    );
    tiles.want(ids);
    thumbnails.want(ids, thumbnailSide(this.#side), this.background);
  }

  #renderRow(index: number, start: number): TemplateResult | typeof nothing {
    const row = this.#layout.rows[index];
    const style = inlineStyle({ transform: `translateY(${start}px)` });
    if (row?.kind === 'title') {
      return html`<div class="row title" role="row" aria-rowindex=${index + 1} .style=${style}>
        ${groupTitle(this.arranged?.groups[row.group], this.#layout.columns)}
      </div>`;
    }
    if (!row) return nothing;
    const positions = Array.from({ length: row.count }, (_, column) => row.start + column);
    return html`<div class="row" role="row" aria-rowindex=${index + 1} .style=${style}>
      ${positions.map((position, column) => this.#renderTile(position, column))}
    </div>`;
  }

  #renderTile(position: number, column: number): TemplateResult {
    const id = this.arranged?.order[position] ?? -1;
    return renderTile(
      {
        ...{ position, column, side: this.#side, hasCaption: this.tileSize >= CAPTION_MIN_SIDE },
        tile: this.tiles?.get(id),
        picture: this.thumbnails?.get(id),
        score: scoreAt(this.arranged, position),
        ...stackAt(this.arranged, position),
        isSelected: this.selection.ids.has(id),
        isTabStop: position === this.#focused,
      },
      this.#tileHandlers,
    );
  }

  readonly #keyPressed = (event: KeyboardEvent): void => {
    const action = gridActionOf(event);
    if (!this.arranged || !action) return;
    // Escape closes the detail pane if nothing is selected.
    if (action.kind === 'selectNone' && this.selection.ids.size === 0) return;
    this.#perform(action, this.arranged.order);
    event.preventDefault();
    event.stopPropagation();
  };

  #perform(action: GridAction, order: Uint32Array): void {
    const position = this.#focused;
    switch (action.kind) {
      case 'move': {
        const target = moved(this.#layout, position, action.move, this.#pageRows());
        if (action.extend) this.#select(extend(withAnchor(this.selection, position), order, target, action.keep));
        else if (!action.keep) this.#select(select(order, target));
        this.goTo(target);
        this.#emit('grid-focus', { position: target });
        return;
      }
      case 'toggle':
        this.#select(toggle(this.selection, order, position));
        return;
      case 'extend':
        this.#select(extend(this.selection, order, position, true));
        return;
      case 'selectAll':
        this.#select(selectAll(order));
        return;
      case 'selectNone':
        this.#select(nothingSelected);
        return;
      case 'open':
        this.#emit('grid-open', { position });
        return;
      case 'remove':
        this.#emit('grid-remove', { position });
        return;
    }
  }

  #pageRows(): number {
    return Math.floor((this.scroller?.clientHeight ?? 0) / this.#heightOf(undefined)) - 1;
  }

  readonly #tileHandlers: TileHandlers = {
    pressed: (event) => {
      const position = positionOf(event);
      if (position < 0 || event.button !== 0) return;
      this.#focused = position;
      this.requestUpdate();
      this.#emit('grid-focus', { position });
    },
    // On release and not on press, because a press can start to drag the selected images.
    clicked: (event) => {
      const { order } = this.arranged ?? {};
      const position = positionOf(event);
      if (!order || position < 0) return;
      const isCommand = event.ctrlKey || event.metaKey;
      if (event.shiftKey) this.#select(extend(this.selection, order, position, isCommand));
      else this.#select(isCommand ? toggle(this.selection, order, position) : select(order, position));
    },
    doubleClicked: (event) => {
      const position = positionOf(event);
      if (position >= 0) this.#emit('grid-open', { position });
    },
    // A menu concerns the selected images, or the image that it is opened on if that is not selected.
    menuRequested: (event) => {
      const { order } = this.arranged ?? {};
      const position = positionOf(event);
      if (!order || position < 0) return;
      this.#focused = position;
      if (!this.selection.ids.has(order[position] ?? -1)) this.#select(select(order, position));
    },
    dragged: (event) => {
      const id = this.arranged?.order[positionOf(event)] ?? -1;
      const ids = this.selection.ids.has(id) ? [...this.selection.ids] : [id];
      if (!this.canDrag(ids)) {
        event.preventDefault();
        return;
      }
      const tiles = ids.map((draggedId) => this.tiles?.get(draggedId)).filter((tile) => tile !== undefined);
      if (tiles.length > 0 && event.dataTransfer) fillDrag(event.dataTransfer, tiles);
    },
  };

  #select(selection: Selection): void {
    this.#emit('grid-select', selection);
  }

  #emit<Name extends keyof GridEvents>(name: Name, detail: GridEvents[Name]['detail']): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  static override readonly styles = imageGridStyles;
}

declare global {
  interface HTMLElementTagNameMap {
    'assetlens-grid': ImageGrid;
  }
}
