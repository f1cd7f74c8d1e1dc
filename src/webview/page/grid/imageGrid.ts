import * as l10n from '@vscode/l10n';
import { defaultRangeExtractor, VirtualizerController } from '@tanstack/lit-virtual';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type { Arranged, PictureBackground } from '../../protocol.ts';
import { groupAt, layOut, moved, moveOf, rowOf, type GridLayout, type Row } from './gridLayout.ts';
import { CAPTION_HEIGHT, CAPTIONED_FROM, GAP, PADDING, TITLE_HEIGHT } from './gridMeasures.ts';
import { inlineStyle } from '../controls/inlineStyle.ts';
import { thumbnailSide, type Thumbnails } from '../messages/pictures.ts';
import { extend, nothingSelected, select, selectAll, toggle, withAnchor, type Selection } from './selection.ts';
import type { GridEvents } from './gridEvents.ts';
import { fillDrag, groupTitle, positionOf, renderTile, scoreAt, type TileHandlers } from './gridTile.ts';
import type { TileStore } from './tileStore.ts';
import { imageGridStyles } from './imageGridStyles.ts';

/** A tile, and where it is in view. */
export interface Place {
  readonly position: number;
  /** Pixels from the upper edge to its line. */
  readonly offset: number;
}

/**
 * Tiles of images under the titles of their groups. Only the lines in view are in the document, whatever the number of images.
 * An ARIA grid with one stop of the tab key: arrows move the focus, space selects, Enter opens.
 */
@customElement('assetlens-grid')
export class ImageGrid extends LitElement {
  @property({ attribute: false }) accessor arranged: Arranged | undefined;
  @property({ attribute: false }) accessor selection: Selection = nothingSelected;
  @property({ attribute: false }) accessor tiles: TileStore | undefined;
  @property({ attribute: false }) accessor thumbnails: Thumbnails | undefined;
  @property({ type: Number }) accessor tileSize = 128;
  /** Whether all of these can be dragged; it tells the user where not. */
  @property({ attribute: false }) accessor mayDrag: (ids: readonly number[]) => boolean = () => true;
  /** Raised when a tile or a picture has come. */
  @property({ type: Number }) accessor arrivals = 0;
  @property() accessor background: PictureBackground = 'any';
  @query('.scroller') private accessor scroller!: HTMLElement | null; // there once it was rendered

  #layout: GridLayout = layOut([], 1);
  #focused = 0;
  #width = 0;
  /** Of a tile: at least as wanted, and so that the tiles of a line fill it. */
  #side = 128;
  /** Whether the focus is to follow to its tile when that is in the document. */
  #focusMoved = false;
  /** An image that is to stay where it is when tiles get another size or the lines another length. */
  #kept: Place | undefined;

  readonly #virtualizer = new VirtualizerController<HTMLElement, HTMLElement>(this, {
    getScrollElement: () => this.scroller,
    count: 0,
    estimateSize: (index) => this.#heightOf(this.#layout.rows[index]),
    overscan: 3,
    paddingStart: PADDING / 2,
    paddingEnd: PADDING,
    // The line with the focus stays, or the focus would be lost when it is scrolled away.
    rangeExtractor: (range) => {
      const focused = rowOf(this.#layout, this.#focused);
      const indices = defaultRangeExtractor(range);
      return focused < 0 || indices.includes(focused) ? indices : [...indices, focused].sort((a, b) => a - b);
    },
  });
  readonly #resized = new ResizeObserver(([entry]) => {
    const width = Math.floor(entry?.contentRect.width ?? 0);
    if (width === this.#width) return;
    this.#keepPlace();
    this.#width = width;
    this.#layOut();
    this.requestUpdate();
  });

  get focusedPosition(): number {
    return this.#focused;
  }

  /** The focused tile where it is in view, or else the first one that is, and how far below the upper edge its line begins. */
  get place(): Place | undefined {
    const { scroller } = this;
    if (!scroller || this.#width === 0) return undefined;
    const { scrollTop, clientHeight } = scroller;
    const virtualizer = this.#virtualizer.getVirtualizer();
    const lineOf = (position: number): { start: number; end: number } | undefined =>
      virtualizer.measurementsCache[rowOf(this.#layout, position)];
    const focused = lineOf(this.#focused);
    if (focused && focused.end > scrollTop && focused.start < scrollTop + clientHeight) {
      return { position: this.#focused, offset: focused.start - scrollTop };
    }
    const first = virtualizer
      .getVirtualItems()
      .find(({ end, index }) => end > scrollTop && this.#layout.rows[index]?.kind === 'tiles');
    const row = first && this.#layout.rows[first.index];
    return first && row?.kind === 'tiles' ? { position: row.start, offset: first.start - scrollTop } : undefined;
  }

  /** Goes where somebody was, with the focus on that tile. */
  comeBackTo(place: Place): void {
    this.#focused = Math.max(0, Math.min(place.position, this.#layout.count - 1));
    this.#kept = place;
    this.requestUpdate();
  }

  override firstUpdated(): void {
    if (this.scroller) this.#resized.observe(this.scroller);
  }

  override disconnectedCallback(): void {
    this.#resized.disconnect();
    super.disconnectedCallback();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('tileSize') && !changed.has('arranged')) this.#keepPlace();
    if (changed.has('arranged') || changed.has('tileSize')) this.#layOut();
  }

  protected override updated(): void {
    // Not before its width is known: the lines would be others, and so would their places.
    if (this.#kept && this.scroller && this.#width > 0) {
      const row = this.#virtualizer.getVirtualizer().measurementsCache[rowOf(this.#layout, this.#kept.position)];
      if (row) this.scroller.scrollTop = row.start - this.#kept.offset;
      this.#kept = undefined;
    }
    if (!this.#focusMoved) return;
    const tile = this.renderRoot.querySelector<HTMLElement>(`#tile-${this.#focused}`);
    if (!tile) return;
    this.#focusMoved = false;
    tile.focus({ preventScroll: true });
  }

  /** What is in view stays there while tiles get another size or lines another length. */
  #keepPlace(): void {
    this.#kept ??= this.place;
  }

  /** Focuses the tile that has the stop of the tab key, where it is. */
  takeFocus(): void {
    this.renderRoot.querySelector<HTMLElement>(`#tile-${this.#focused}`)?.focus({ preventScroll: true });
  }

  /** Moves the focus, and what is in view with it. */
  goTo(position: number, { focus = true, align = 'auto' }: { focus?: boolean; align?: 'auto' | 'start' } = {}): void {
    if (position < 0 || position >= this.#layout.count) return;
    this.#focused = position;
    this.#focusMoved = focus;
    this.#bringIntoView(rowOf(this.#layout, position), align);
    this.requestUpdate();
  }

  /** Scrolls no more than is needed. The title of a group comes into view with its first line. */
  #bringIntoView(index: number, align: 'auto' | 'start'): void {
    const { scroller } = this;
    const { measurementsCache } = this.#virtualizer.getVirtualizer();
    const row = measurementsCache[index];
    if (!scroller || !row) return;
    const first = this.#layout.rows[index - 1]?.kind === 'title' ? (measurementsCache[index - 1] ?? row) : row;
    const top = first.start - PADDING / 2;
    const bottom = row.end + PADDING / 2;
    if (align === 'start' || top < scroller.scrollTop) scroller.scrollTop = top;
    else if (bottom > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = bottom - scroller.clientHeight;
  }

  #layOut(): void {
    const room = this.#width - 2 * PADDING + GAP;
    const columns = Math.max(1, Math.floor(room / (this.tileSize + GAP)));
    this.#side = Math.max(this.tileSize, Math.floor(room / columns) - GAP);
    this.#layout = layOut(this.arranged?.groups ?? [], columns);
    this.#focused = Math.max(0, Math.min(this.#focused, this.#layout.count - 1));
    const virtualizer = this.#virtualizer.getVirtualizer();
    virtualizer.setOptions({ ...virtualizer.options, count: this.#layout.rows.length });
    virtualizer.measure();
  }

  #heightOf(row: Row | undefined): number {
    if (row?.kind === 'title') return TITLE_HEIGHT;
    return this.#side + GAP + (this.tileSize >= CAPTIONED_FROM ? CAPTION_HEIGHT : 0);
  }

  protected override render(): TemplateResult {
    const virtualizer = this.#virtualizer.getVirtualizer();
    const items = virtualizer.getVirtualItems();
    this.#wantShown(items.map(({ index }) => this.#layout.rows[index]));
    const height = { height: `${virtualizer.getTotalSize()}px` };
    return html`<div
      class="scroller"
      role="grid"
      aria-label=${l10n.t('Images')}
      aria-multiselectable="true"
      aria-rowcount=${this.#layout.rows.length}
      aria-colcount=${this.#layout.columns}
      @keydown=${this.#keyPressed}
      @scroll=${() => {
        this.#tell('grid-scroll', undefined);
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

  #wantShown(rows: readonly (Row | undefined)[]): void {
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
    const place = inlineStyle({ transform: `translateY(${start}px)` });
    if (row?.kind === 'title') {
      return html`<div class="row title" role="row" aria-rowindex=${index + 1} .style=${place}>
        ${groupTitle(this.arranged?.groups[row.group], this.#layout.columns)}
      </div>`;
    }
    if (!row) return nothing;
    const positions = Array.from({ length: row.count }, (_, column) => row.start + column);
    return html`<div class="row" role="row" aria-rowindex=${index + 1} .style=${place}>
      ${positions.map((position, column) => this.#renderTile(position, column))}
    </div>`;
  }

  #renderTile(position: number, column: number): TemplateResult {
    const id = this.arranged?.order[position] ?? -1;
    return renderTile(
      {
        ...{ position, column, side: this.#side, captioned: this.tileSize >= CAPTIONED_FROM },
        tile: this.tiles?.get(id),
        picture: this.thumbnails?.get(id),
        score: scoreAt(this.arranged, position),
        isSelected: this.selection.ids.has(id),
        hasFocus: position === this.#focused,
      },
      this.#onTile,
    );
  }

  readonly #keyPressed = (event: KeyboardEvent): void => {
    const { order } = this.arranged ?? {};
    if (!order || event.altKey) return;
    const command = event.ctrlKey || event.metaKey;
    const position = this.#focused;
    const move = moveOf(event);
    if (move) {
      const next = moved(this.#layout, position, move, this.#pageRows());
      if (event.shiftKey) this.#select(extend(withAnchor(this.selection, position), order, next, command));
      else if (!command) this.#select(select(order, next));
      this.goTo(next);
      this.#tell('grid-focus', { position: next });
    } else if (event.key === ' ' || event.key === 'Spacebar') {
      if (event.shiftKey) this.#select(extend(this.selection, order, position, true));
      else this.#select(toggle(this.selection, order, position));
    } else if (command && event.key.toLowerCase() === 'a') this.#select(selectAll(order));
    else if (event.key === 'Escape' && this.selection.ids.size > 0) this.#select(nothingSelected);
    else if (event.key === 'Enter') this.#tell('grid-open', { position });
    else if (event.repeat) return;
    else if (event.key === 'Delete' || (event.key === 'Backspace' && event.metaKey))
      this.#tell('grid-remove', { position });
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  #pageRows(): number {
    return Math.floor((this.scroller?.clientHeight ?? 0) / this.#heightOf(undefined)) - 1;
  }

  readonly #pressed = (event: MouseEvent): void => {
    const position = positionOf(event);
    if (position < 0 || event.button !== 0) return;
    this.#focused = position;
    this.requestUpdate();
    this.#tell('grid-focus', { position });
  };

  /** On release and not before: what is selected may be dragged together. */
  readonly #clicked = (event: MouseEvent): void => {
    const { order } = this.arranged ?? {};
    const position = positionOf(event);
    if (!order || position < 0) return;
    const command = event.ctrlKey || event.metaKey;
    if (event.shiftKey) this.#select(extend(this.selection, order, position, command));
    else this.#select(command ? toggle(this.selection, order, position) : select(order, position));
  };

  readonly #doubleClicked = (event: MouseEvent): void => {
    const position = positionOf(event);
    if (position >= 0) this.#tell('grid-open', { position });
  };

  /** A menu is for what is selected, or for the one tile outside of that which it was opened on. */
  readonly #menuAsked = (event: MouseEvent): void => {
    const { order } = this.arranged ?? {};
    const position = positionOf(event);
    if (!order || position < 0) return;
    this.#focused = position;
    if (!this.selection.ids.has(order[position] ?? -1)) this.#select(select(order, position));
  };

  readonly #dragged = (event: DragEvent): void => {
    const position = positionOf(event);
    const id = this.arranged?.order[position] ?? -1;
    const ids = this.selection.ids.has(id) ? [...this.selection.ids] : [id];
    if (!this.mayDrag(ids)) {
      event.preventDefault();
      return;
    }
    const dragged = ids.map((one) => this.tiles?.get(one)).filter((tile) => tile !== undefined);
    if (dragged.length === 0 || !event.dataTransfer) return;
    fillDrag(event.dataTransfer, dragged);
  };

  readonly #onTile: TileHandlers = {
    pressed: this.#pressed,
    clicked: this.#clicked,
    doubleClicked: this.#doubleClicked,
    menuAsked: this.#menuAsked,
    dragged: this.#dragged,
  };

  #select(selection: Selection): void {
    this.#tell('grid-select', selection);
  }

  #tell<Name extends keyof GridEvents>(name: Name, detail: GridEvents[Name]['detail']): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** The group of a position. */
  groupOf(position: number): Arranged['groups'][number] | undefined {
    return this.arranged?.groups[groupAt(this.#layout, position)];
  }

  static override readonly styles = imageGridStyles;
}

declare global {
  interface HTMLElementTagNameMap {
    'assetlens-grid': ImageGrid;
  }
}
