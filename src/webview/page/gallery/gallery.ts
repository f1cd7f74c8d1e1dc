import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import {
  everything,
  type Arranged,
  type Arrangement,
  type Choices,
  type Destination,
  type PictureBackground,
  type SavedState,
  type ToPage,
} from '../../protocol.ts';
import { createArranger, type Arranger } from './arranger.ts';
import { connect, messageOf, type Connection } from '../messages/connection.ts';
import type { DetailPane } from '../detail/detailPane.ts';
import { countFilters } from '../filter/filterPane.ts';
import { indexingLine, insteadOfImages, noticeLine, problemLine } from './galleryNotices.ts';
import { keyOf } from './galleryKeys.ts';
import { createImageCommands, MOST_IN_MENU, type Action, type ImageCommands } from './imageCommands.ts';
import { firstView, keepState, type KeptState, type View } from './keptState.ts';
import type { ImageGrid } from '../grid/imageGrid.ts';
import { keepFocus } from '../controls/keepFocus.ts';
import { createThumbnails, type Thumbnails } from '../messages/pictures.ts';
import { nothingSelected, stillShown, type Selection } from '../grid/selection.ts';
import { createTileStore, type TileStore } from '../grid/tileStore.ts';
import { followTheme } from '../controls/theme.ts';
import { LARGEST_TILE, SMALLEST_TILE, type Toolbar } from './toolbar.ts';
import { galleryStyles } from './galleryStyles.ts';

type Indexing = Extract<ToPage, { type: 'indexing' }>['progress'];

const STEP = 32;

/**
 * The whole page: toolbar, filters, grid and the image in the detail pane. It owns the state; the parts tell it what to change. Long,
 * since all of the wiring between state and parts is here; what could stand by itself lies beside it.
 */
@customElement('assetlens-gallery')
export class Gallery extends LitElement {
  @state() private accessor view: View = firstView;
  @state() private accessor arranged: Arranged | undefined;
  @state() private accessor choices: Choices | undefined;
  @state() private accessor selection: Selection = nothingSelected;
  @state() private accessor detail = -1;
  @state() private accessor busy = false;
  @state() private accessor mistake = '';
  /** Something to know, above the images. */
  @state() private accessor notice = '';
  /** Of something that was done with images: the gallery itself is all right. */
  @state() private accessor problem = '';
  @state() private accessor indexing: Indexing = null;
  @state() private accessor arrivals = 0;
  @state() private accessor generation = 0;
  @state() private accessor isDark = false;
  @query('assetlens-grid') private accessor grid!: ImageGrid | null; // there while there are images
  @query('assetlens-toolbar') private accessor toolbar!: Toolbar | null;
  @query('assetlens-detail') private accessor detailPane!: DetailPane | null; // there while an image is shown

  readonly #connection: Connection;
  readonly #tiles: TileStore;
  readonly #thumbnails: Thumbnails;
  readonly #arranger: Arranger;
  readonly #kept: KeptState;
  readonly #images: ImageCommands;
  /** Images in the grid, each once. */
  #shownCount: number | undefined;
  /** Whether the user has moved the focus. */
  #wentSomewhere = false;
  /** The arrangement that is in view. */
  #shown: Arrangement | undefined;
  /** What was shown before the page was hidden, until it is shown again. */
  #comeBack: Pick<SavedState, 'anchor' | 'detail'> | undefined;

  constructor() {
    super();
    this.#connection = connect((notice) => {
      this.#heard(notice);
    });
    this.#arranger = createArranger(this.#connection);
    const arrived = (): void => {
      this.arrivals++;
    };
    this.#tiles = createTileStore(this.#connection, (changed) => {
      if (changed.length > 0) this.#thumbnails.refresh(changed);
      arrived();
    });
    this.#thumbnails = createThumbnails(this.#connection, arrived);
    this.#images = createImageCommands(this.#connection, this.#tiles, {
      failed: (problem) => (this.problem = problem),
      noted: (notice) => (this.notice = notice),
    });
    const { saved } = this.#connection;
    if (saved) {
      this.view = saved;
      this.#comeBack = saved;
    }
    this.#kept = keepState(this.#connection, () => {
      const place = this.grid?.place;
      const tile = place && this.#tiles.get(this.arranged?.order[place.position] ?? -1);
      return { view: this.view, anchor: tile ? { uri: tile.uri, offset: place.offset } : undefined };
    });
    followTheme((isDark) => {
      this.isDark = isDark;
    });
    keepFocus((path) => {
      const { grid } = this;
      if (!grid || !path.includes(grid)) return false;
      grid.takeFocus();
      return true;
    });
    void this.#arrange();
  }

  #heard(notice: Exclude<ToPage, { type: 'reply' | 'failure' }>): void {
    switch (notice.type) {
      case 'changed':
        this.generation++;
        this.#arranger.outdated();
        this.#tiles.refresh();
        this.#thumbnails.refresh([]);
        void this.#arrange();
        return;
      case 'indexing':
        this.indexing = notice.progress;
        return;
      case 'show':
        this.#goTo(notice.destination);
        return;
    }
  }

  #goTo({ arrangement, detail, heatmap }: Destination): void {
    this.#comeBack = undefined;
    if (heatmap) this.view = { ...this.view, heatmap: { ...this.view.heatmap, on: true } };
    if (arrangement) this.#set({ arrangement: { ...arrangement, names: this.view.arrangement.names } });
    if (detail !== null) this.#showDetail(detail);
  }

  /** Changes what is kept; a changed arrangement is asked of the panel. */
  #set(part: Partial<View>): void {
    this.view = { ...this.view, ...part };
    if (part.arrangement) void this.#arrange();
    this.#kept.soon();
  }

  readonly #rearrange = ({ detail }: CustomEvent<Partial<Arrangement>>): void => {
    this.#set({ arrangement: { ...this.view.arrangement, ...detail } });
  };

  readonly #viewChanged = ({ detail }: CustomEvent<Partial<View>>): void => {
    this.#set(detail);
  };

  async #arrange(): Promise<void> {
    this.busy = true;
    try {
      const { arrangement } = this.view;
      const arranged = await this.#arranger.arrange(arrangement);
      if (!arranged) return; // another one is on its way
      const isOther = arrangement !== this.#shown;
      const before = this.arranged;
      const focused = before?.order[this.grid?.focusedPosition ?? -1];
      // Images that come and go shift the others; a tag that changed moves its own image alone, and nobody follows it.
      // Who has not gone anywhere yet stays at the top.
      const follows = this.#wentSomewhere && before?.total !== arranged.total;
      const hadFocus = this.grid?.matches(':focus-within') === true;
      this.#shown = arrangement;
      this.arranged = arranged;
      this.#shownCount = new Set(arranged.order).size;
      this.mistake = '';
      this.selection = stillShown(this.selection, arranged.order);
      await this.updateComplete;
      // What the user arranges anew is seen from its beginning.
      if (this.#comeBack) await this.#comeBackTo(this.#comeBack);
      else if (isOther) this.#goToImage(arranged.order[0], 'start');
      else if (follows) this.#goToImage(focused, 'auto', hadFocus);
      if (hadFocus && !this.grid) this.toolbar?.focusSearch(); // the last image is gone, and the focus would be with it
      void this.#loadChoices();
    } catch (error) {
      this.mistake = messageOf(error);
    } finally {
      this.busy = this.#arranger.isBusy;
    }
  }

  /** What the filters offer; the old choice stays until the new one is there. */
  async #loadChoices(): Promise<void> {
    try {
      this.choices = (await this.#arranger.newChoices()) ?? this.choices;
    } catch (error) {
      this.notice = messageOf(error);
    }
  }

  #goToImage(id: number | null | undefined, align: 'auto' | 'start', focus = false): void {
    const position = this.arranged?.order.indexOf(id ?? -1) ?? -1;
    if (position >= 0) this.grid?.goTo(position, { focus, align });
  }

  /** After a reload the page is where it was. */
  async #comeBackTo({ anchor, detail }: Pick<SavedState, 'anchor' | 'detail'>): Promise<void> {
    this.#comeBack = undefined;
    const { ids } = await this.#connection.ask({ kind: 'find', uris: [anchor?.uri ?? '', detail?.uri ?? ''] });
    if (typeof ids[1] === 'number') this.detail = ids[1];
    await this.updateComplete;
    const position = this.arranged?.order.indexOf(ids[0] ?? -1) ?? -1;
    if (anchor && position >= 0) this.grid?.comeBackTo({ position, offset: anchor.offset });
  }

  #showDetail(id: number): void {
    this.detail = id;
    this.#kept.soon();
  }

  readonly #closeDetail = (): void => {
    this.detail = -1;
    this.#kept.shows(null);
    this.grid?.goTo(this.grid.focusedPosition);
  };

  protected override render(): TemplateResult {
    const { view, arranged } = this;
    return html`
      <assetlens-toolbar
        .arrangement=${view.arrangement}
        .tileSize=${view.tileSize}
        .background=${view.background}
        .filtersOpen=${view.filtersOpen}
        .filters=${countFilters(view.arrangement)}
        .shown=${this.#shownCount}
        .total=${arranged?.total ?? 0}
        .selected=${this.selection.ids.size}
        .busy=${this.busy}
        @arrange=${this.#rearrange}
        @view=${this.#viewChanged}
      ></assetlens-toolbar>
      ${indexingLine(this.indexing)}
      ${problemLine(this.problem, () => {
        this.problem = '';
        this.grid?.goTo(this.grid.focusedPosition);
      })}
      ${noticeLine(this.notice, arranged && arranged.order.length > 0 ? arranged.message : '')}
      <main class="background-${view.background}" @keydown=${this.#keyPressed} @contextmenu=${this.#menuAsked}>
        ${
          view.filtersOpen
            ? html`<assetlens-filters
                .arrangement=${view.arrangement}
                .choices=${this.choices}
                @arrange=${this.#rearrange}
              ></assetlens-filters>`
            : nothing
        }
        ${this.#renderPanes()}
      </main>
    `;
  }

  /** The grid stays the same element whether there is a detail pane or not, and with it the focus and what is in view. */
  #renderPanes(): TemplateResult {
    const open = this.detail >= 0;
    return html`<assetlens-split ?open=${open} .position=${this.view.split} @view=${this.#viewChanged}>
      <div slot="start" class="pane">${this.#renderGrid()}</div>
      <div slot="end" class="pane">${open ? this.#renderDetail() : nothing}</div>
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
        this.#kept.shows(detail.uri);
      }}
      @heatmap-settings=${({ detail }: CustomEvent<SavedState['heatmap']>) => {
        this.#set({ heatmap: detail });
      }}
      @act=${({ detail }: CustomEvent<Action>) => void this.#images.act(detail, [this.detail])}
    ></assetlens-detail>`;
  }

  #renderGrid(): TemplateResult {
    const { arranged } = this;
    const instead = insteadOfImages(arranged, this.mistake, {
      tagWorkspace: () => void this.#images.ask({ kind: 'tagWorkspace' }),
      showAll: () => {
        const { names, group, order } = this.view.arrangement;
        this.#set({ arrangement: { ...everything, names, group, order } });
      },
    });
    if (!arranged || instead) return instead ?? html``;
    return html`<assetlens-grid
      .arranged=${arranged}
      .selection=${this.selection}
      .tiles=${this.#tiles}
      .thumbnails=${this.#thumbnails}
      .tileSize=${this.view.tileSize}
      .arrivals=${this.arrivals}
      .background=${this.#pictureBackground}
      .mayDrag=${this.#images.areKnown}
      @grid-select=${({ detail }: CustomEvent<Selection>) => {
        this.selection = detail;
        void this.#tiles.load([...detail.ids].slice(0, MOST_IN_MENU)).catch(() => undefined); // for menus and drags
      }}
      @grid-focus=${({ detail }: CustomEvent<{ readonly position: number }>) => {
        this.#wentSomewhere = true;
        if (this.detail >= 0) this.#showDetail(arranged.order[detail.position] ?? -1);
        this.#kept.soon();
      }}
      @grid-scroll=${() => {
        this.#kept.soon();
      }}
      @grid-open=${({ detail }: CustomEvent<{ readonly position: number }>) => {
        this.#showDetail(arranged.order[detail.position] ?? -1);
      }}
      @grid-remove=${({ detail }: CustomEvent<{ readonly position: number }>) => void this.#withdraw(detail.position)}
    ></assetlens-grid>`;
  }

  /** Says of the selected images, or of that with the focus, that the label they stand under does not hold. */
  async #withdraw(position: number): Promise<void> {
    const label = this.grid?.groupOf(position)?.label;
    const focused = this.arranged?.order[position];
    if (!label || focused === undefined) return;
    await this.#images.withdraw(label, this.selection.ids.has(focused) ? [...this.selection.ids] : [focused]);
  }

  /** What the selection, or the image with the focus, is meant by. */
  #chosen(): number[] {
    if (this.selection.ids.size > 0) return [...this.selection.ids];
    const focused = this.arranged?.order[this.grid?.focusedPosition ?? -1];
    return focused === undefined ? [] : [focused];
  }

  readonly #keyPressed = (event: KeyboardEvent): void => {
    // In the detail pane keys mean the image that it shows.
    const inDetail = event.composedPath().some((node) => node === this.detailPane);
    const key = keyOf(event);
    if (key === null) return;
    if (key === 'copy') void this.#images.act('copyRelativePath', inDetail ? [this.detail] : this.#chosen());
    else if (key === 'tag') void this.#images.act('addTag', inDetail ? [this.detail] : this.#chosen());
    else if (key === 'search') this.toolbar?.focusSearch();
    else if (key === 'larger') this.#zoom(STEP);
    else if (key === 'smaller') this.#zoom(-STEP);
    else if (key === 'close' && this.detail >= 0) this.#closeDetail();
    else if (event.repeat || this.detailPane?.correct(event.key) !== true) return;
    event.preventDefault();
  };

  #zoom(step: number): void {
    this.#set({ tileSize: Math.max(SMALLEST_TILE, Math.min(LARGEST_TILE, this.view.tileSize + step)) });
  }

  /** The editor's own menu, which is told of the images by an attribute of the outermost element. */
  readonly #menuAsked = (event: MouseEvent): void => {
    const path = event.composedPath();
    const onTile = path.some((node) => node instanceof HTMLElement && node.dataset['position'] !== undefined);
    const label = this.grid?.groupOf(this.grid.focusedPosition)?.label ?? null;
    const context = onTile ? this.#images.menuOf(this.#chosen(), label) : null;
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
