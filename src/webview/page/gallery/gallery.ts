import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { messageOf } from '../../../base/userError.ts';
import {
  type Arranged,
  type Arrangement,
  type Destination,
  type ImageAction,
  type IndexingProgress,
  type PictureBackground,
} from '../../protocol.ts';
import { connect, type Connection } from '../connection.ts';
import type { DetailPane } from '../detail/detailPane.ts';
import { keepFocus } from '../dom/keepFocus.ts';
import { followTheme } from '../dom/theme.ts';
import { countFilters } from '../filter/filterPane.ts';
import type { ImageGrid } from '../grid/imageGrid.ts';
import { nothingSelected, stillShown, type Selection } from '../grid/selection.ts';
import { GalleryImages } from './galleryImages.ts';
import { galleryKeyOf } from './galleryKeys.ts';
import { gridPlaceholder, indexingLine, noticeLine, problemLine } from './galleryNotices.ts';
import { galleryStyles } from './galleryStyles.ts';
import { ImageCommands } from './imageCommands.ts';
import type { HeatmapSettings, SavedState } from './savedState.ts';
import { zoomed, type Toolbar } from './toolbar.ts';
import { ViewState, withOpened, withoutFilters, type View } from './viewState.ts';

/**
 * The whole page: toolbar, filters, grid and detail pane. It owns the state, and its parts send events to change it.
 */
@customElement('assetlens-gallery')
export class Gallery extends LitElement {
  @state() private accessor view: View;
  @state() private accessor selection: Selection = nothingSelected;
  /** The image in the detail pane; -1: none. */
  @state() private accessor detail = -1;
  /** Why the images cannot be shown. */
  @state() private accessor error = '';
  /** A note above the images. */
  @state() private accessor notice = '';
  /** Why a command for images failed. */
  @state() private accessor problem = '';
  @state() private accessor indexing: IndexingProgress = null;
  /** Increased when images or tags may have changed. */
  @state() private accessor generation = 0;
  @state() private accessor isDark = false;
  @query('assetlens-grid') private accessor grid!: ImageGrid | null; // null without images
  @query('assetlens-toolbar') private accessor toolbar!: Toolbar | null;
  @query('assetlens-detail') private accessor detailPane!: DetailPane | null; // null if it is closed

  readonly #connection: Connection;
  readonly #images: GalleryImages;
  readonly #commands: ImageCommands;
  readonly #viewState: ViewState;
  /** Whether the user has moved the focus. */
  #hasFocusMoved = false;
  /** The place to restore after the page was hidden or reloaded. */
  #saved: Pick<SavedState, 'anchor' | 'detail'> | null;

  constructor() {
    super();
    this.#connection = connect({
      changed: () => {
        this.generation++;
        this.#images.outdated();
        void this.#arrange();
      },
      indexing: (progress) => (this.indexing = progress),
      show: (destination) => {
        this.#goTo(destination);
      },
    });
    this.#images = new GalleryImages(this.#connection, () => {
      this.requestUpdate();
    });
    this.#commands = new ImageCommands(this.#connection, this.#images.tiles, {
      error: (problem) => (this.problem = problem),
      note: (notice) => (this.notice = notice),
    });
    this.#viewState = new ViewState(this.#connection, () => ({ view: this.view, anchor: this.#anchor() }));
    this.#saved = this.#viewState.saved;
    this.view = this.#viewState.initialView;
    followTheme((isDark) => {
      this.isDark = isDark;
    });
    keepFocus((path) => this.grid !== null && path.includes(this.grid) && this.grid.takeFocus());
    void this.#arrange();
  }

  /** The place in the grid to save. */
  #anchor(): SavedState['anchor'] | undefined {
    const anchor = this.grid?.anchor;
    const tile = anchor && this.#images.tiles.get(this.#images.idAt(anchor.position) ?? -1);
    return tile && { uri: tile.uri, offset: anchor.offset };
  }

  #goTo({ arrangement, detail, heatmap }: Destination): void {
    this.#saved = null;
    if (heatmap) this.view = { ...this.view, heatmap: { ...this.view.heatmap, on: true } };
    if (arrangement) this.#change({ arrangement: { ...arrangement, names: this.view.arrangement.names } });
    if (detail !== null) this.#showDetail(detail);
  }

  /** Changes settings, and requests the images if the arrangement has changed. */
  #change(part: Partial<View>): void {
    this.view = { ...this.view, ...part };
    if (part.arrangement) void this.#arrange();
    this.#viewState.saveSoon();
  }

  readonly #arrangementChanged = ({ detail }: CustomEvent<Partial<Arrangement>>): void => {
    this.#change({ arrangement: { ...this.view.arrangement, ...detail } });
  };

  readonly #viewChanged = ({ detail }: CustomEvent<Partial<View>>): void => {
    this.#change(detail);
  };

  /** Never rejects. */
  async #arrange(): Promise<void> {
    try {
      const { arrangement } = this.view;
      const arranged = await this.#images.request(arrangement);
      if (arranged) await this.#showImages(arranged, arrangement);
    } catch (error) {
      this.error = messageOf(error);
    }
  }

  async #showImages(arranged: Arranged, arrangement: Arrangement): Promise<void> {
    const before = this.#images.current;
    const focused = this.#images.idAt(this.grid?.focusedPosition);
    const hadFocus = this.grid?.matches(':focus-within') === true;
    const isOther = this.#images.show(arranged, arrangement);
    this.error = '';
    this.selection = stillShown(this.selection, arranged.order);
    await this.updateComplete;
    if (this.#saved) await this.#restore(this.#saved);
    else if (isOther) this.#goToImage(arranged.order[0], 'start');
    // Images that are added or removed move the others, so the view follows the focused image. If only a tag has
    // changed, one image moves, and the view stays.
    else if (this.#hasFocusMoved && before?.total !== arranged.total) this.#goToImage(focused, 'auto', hadFocus);
    if (hadFocus && !this.grid) this.toolbar?.focusSearch(); // the grid was removed with its last image
    void this.#loadChoices();
  }

  /** Never rejects. */
  async #loadChoices(): Promise<void> {
    try {
      await this.#images.loadChoices();
    } catch (error) {
      this.notice = messageOf(error);
    }
  }

  #goToImage(id: number | undefined, align: 'auto' | 'start', focus = false): void {
    const position = this.#images.positionOf(id);
    if (position >= 0) this.grid?.goTo(position, { focus, align });
  }

  /** Restores the place that was saved before the page was hidden or reloaded. */
  async #restore({ anchor, detail }: Pick<SavedState, 'anchor' | 'detail'>): Promise<void> {
    this.#saved = null;
    const { ids } = await this.#connection.call('find', { uris: [anchor?.uri ?? '', detail?.uri ?? ''] });
    if (typeof ids[1] === 'number') this.detail = ids[1];
    await this.updateComplete;
    const position = this.#images.positionOf(ids[0]);
    if (anchor && position >= 0) this.grid?.restore({ position, offset: anchor.offset });
  }

  #showDetail(id: number | undefined): void {
    this.detail = id ?? -1;
    this.#viewState.saveSoon();
  }

  readonly #closeDetail = (): void => {
    this.detail = -1;
    this.#viewState.setDetail(null);
    this.#focusGrid();
  };

  #focusGrid(): void {
    this.grid?.goTo(this.grid.focusedPosition);
  }

  protected override render(): TemplateResult {
    const { view } = this;
    const { current, count, choices, isBusy } = this.#images;
    return html`
      <assetlens-toolbar
        .arrangement=${view.arrangement}
        .tileSize=${view.tileSize}
        .background=${view.background}
        .filtersOpen=${view.filtersOpen}
        .filters=${countFilters(view.arrangement)}
        .shown=${count}
        .total=${current?.total ?? 0}
        .selected=${this.selection.ids.size}
        .busy=${isBusy}
        @arrange=${this.#arrangementChanged}
        @view=${this.#viewChanged}
      ></assetlens-toolbar>
      ${indexingLine(this.indexing)}
      ${problemLine(this.problem, () => {
        this.problem = '';
        this.#focusGrid();
      })}
      ${noticeLine(this.notice, current && current.order.length > 0 ? current.message : '')}
      <main class="background-${view.background}" @keydown=${this.#keyPressed} @contextmenu=${this.#menuRequested}>
        ${
          view.filtersOpen
            ? html`<assetlens-filters
                .arrangement=${view.arrangement}
                .choices=${choices}
                @arrange=${this.#arrangementChanged}
              ></assetlens-filters>`
            : nothing
        }
        ${this.#renderPanes()}
      </main>
    `;
  }

  /**
   * The grid is the same element with and without a detail pane, so that it keeps its focus and its scroll position.
   */
  #renderPanes(): TemplateResult {
    const isOpen = this.detail >= 0;
    return html`<assetlens-split ?open=${isOpen} .position=${this.view.split} @view=${this.#viewChanged}>
      <div slot="start" class="pane">${this.#renderGrid()}</div>
      <div slot="end" class="pane">${isOpen ? this.#renderDetail() : nothing}</div>
    </assetlens-split>`;
  }

  get #pictureBackground(): PictureBackground {
    if (this.view.background !== 'auto') return 'any';
    return this.isDark ? 'dark' : 'light';
  }

  #renderDetail(): TemplateResult {
    return html`<assetlens-detail
      .connection=${this.#connection}
      .image=${this.detail}
      .generation=${this.generation}
      .background=${this.#pictureBackground}
      .heatmap=${this.view.heatmap}
      @close-detail=${this.#closeDetail}
      @show-image=${({ detail }: CustomEvent<number>) => {
        this.#showDetail(detail);
      }}
      @detail-shown=${({ detail }: CustomEvent<{ readonly uri: string }>) => {
        this.#viewState.setDetail(detail.uri);
      }}
      @heatmap-settings=${({ detail }: CustomEvent<HeatmapSettings>) => {
        this.#change({ heatmap: detail });
      }}
      @act=${({ detail }: CustomEvent<ImageAction>) => void this.#commands.act(detail, [this.detail])}
    ></assetlens-detail>`;
  }

  #renderGrid(): TemplateResult {
    const { current } = this.#images;
    const placeholder = gridPlaceholder(current, this.error, {
      tagWorkspace: () => void this.#commands.run('tagWorkspace', null),
      showAll: () => {
        this.#change({ arrangement: withoutFilters(this.view.arrangement) });
      },
    });
    if (!current || placeholder) return placeholder ?? html``;
    return html`<assetlens-grid
      .arranged=${current}
      .selection=${this.selection}
      .tiles=${this.#images.tiles}
      .thumbnails=${this.#images.thumbnails}
      .tileSize=${this.view.tileSize}
      .arrivals=${this.#images.arrivals}
      .background=${this.#pictureBackground}
      .canDrag=${this.#commands.areLoaded}
      @grid-select=${({ detail }: CustomEvent<Selection>) => {
        this.selection = detail;
        void this.#commands.preload([...detail.ids]);
      }}
      @grid-focus=${({ detail }: CustomEvent<{ readonly position: number }>) => {
        this.#hasFocusMoved = true;
        if (this.detail >= 0) this.#showDetail(this.#images.idAt(detail.position));
        this.#viewState.saveSoon();
      }}
      @grid-scroll=${() => {
        this.#viewState.saveSoon();
      }}
      @grid-open=${({ detail }: CustomEvent<{ readonly position: number }>) => {
        this.#showDetail(this.#images.idAt(detail.position));
      }}
      @open-stack=${({ detail }: CustomEvent<{ readonly position: number }>) => {
        this.#change({ arrangement: withOpened(this.view.arrangement, this.#images.idAt(detail.position)) });
      }}
      @grid-remove=${({ detail }: CustomEvent<{ readonly position: number }>) => void this.#removeLabel(detail.position)}
    ></assetlens-grid>`;
  }

  /** Removes the label of a group from the selected images, or from the focused one if it is not selected. */
  async #removeLabel(position: number): Promise<void> {
    const label = this.grid?.groupOf(position)?.label;
    const focused = this.#images.idAt(position);
    if (!label || focused === undefined) return;
    await this.#commands.removeLabel(label, this.selection.ids.has(focused) ? [...this.selection.ids] : [focused]);
  }

  /** The images that a command applies to: the selected ones, or else the focused one. */
  #targets(): number[] {
    if (this.selection.ids.size > 0) return [...this.selection.ids];
    const focused = this.#images.idAt(this.grid?.focusedPosition);
    return focused === undefined ? [] : [focused];
  }

  readonly #keyPressed = (event: KeyboardEvent): void => {
    const key = galleryKeyOf(event);
    if (key === null) return;
    // In the detail pane, a command applies to its image.
    const inDetail = event.composedPath().some((node) => node === this.detailPane);
    const targets = inDetail ? [this.detail] : this.#targets();
    if (key === 'copy') void this.#commands.act('copyRelativePath', targets);
    else if (key === 'tag') void this.#commands.act('addTag', targets);
    else if (key === 'search') this.toolbar?.focusSearch();
    else if (key === 'larger') this.#change({ tileSize: zoomed(this.view.tileSize, 1) });
    else if (key === 'smaller') this.#change({ tileSize: zoomed(this.view.tileSize, -1) });
    else if (key === 'close' && this.detail >= 0) this.#closeDetail();
    else if (event.repeat || this.detailPane?.correctByKey(event.key) !== true) return;
    event.preventDefault();
  };

  /** The context menu of the editor reads the images from an attribute of the outermost element. */
  readonly #menuRequested = (event: MouseEvent): void => {
    const path = event.composedPath();
    const isOnTile = path.some((node) => node instanceof HTMLElement && node.dataset['position'] !== undefined);
    const label = this.grid?.groupOf(this.grid.focusedPosition)?.label ?? null;
    const context = isOnTile ? this.#commands.menuContextOf(this.#targets(), label) : null;
    if (context === null) delete this.dataset['vscodeContext'];
    else this.dataset['vscodeContext'] = context;
  };

  static override readonly styles = galleryStyles;
}

declare global {
  interface HTMLElementTagNameMap {
    'assetlens-gallery': Gallery;
  }
}
