import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import {
  everything,
  type Arranged,
  type Arrangement,
  type Choices,
  type Destination,
  type PageRequest,
  type PictureGround,
  type SavedState,
  type ToPage,
} from '../protocol.ts';
import { STANDARD_OPACITY } from '../../heatmapPicture.ts';
import { connect, isAbort, type Connection } from './connection.ts';
import { isTyping } from './isTyping.ts';
import type { DetailPane } from './detailPane.ts';
import { countFilters } from './filterPane.ts';
import { emptyGrid, indexingLine, insteadOfGrid, noticeLine, problemLine } from './galleryNotices.ts';
import type { ImageGrid } from './imageGrid.ts';
import { menuContext } from './menuContext.ts';
import { keepFocus } from './keepFocus.ts';
import { createThumbnails, type Thumbnails } from './pictures.ts';
import { boundedSplit, separator } from './separator.ts';
import { nothingSelected, stillShown, type Selection } from './selection.ts';
import { createTileStore, type TileStore } from './tileStore.ts';
import { followTheme } from './theme.ts';
import { LARGEST_TILE, SMALLEST_TILE, type Toolbar } from './toolbar.ts';
import { galleryStyles } from './galleryStyles.ts';

type Action = Extract<PageRequest, { kind: 'act' }>['action'];
type Indexing = Extract<ToPage, { type: 'indexing' }>['progress'];

/** Images that a context menu is given, or that are dragged. */
const MOST_IN_MENU = 5000;
const SAVE_MILLISECONDS = 300;
const STEP = 32;

const START: Omit<SavedState, 'version' | 'anchor' | 'detail'> = {
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
  ground: 'auto',
  split: 60,
};

/** The whole page: toolbar, filters, grid and the image in the detail pane. It owns the state; the parts tell it what to change. */
@customElement('assetlens-gallery')
export class Gallery extends LitElement {
  @state() private accessor view = START;
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
  @state() private accessor narrow = false;
  @state() private accessor isDark = false;
  @query('assetlens-grid') private accessor grid!: ImageGrid | null; // there while there are images
  @query('assetlens-toolbar') private accessor toolbar!: Toolbar | null;
  @query('assetlens-detail') private accessor detailPane!: DetailPane | null; // there while an image is shown

  readonly #connection: Connection;
  readonly #tiles: TileStore;
  readonly #thumbnails: Thumbnails;
  #arranging: AbortController | undefined;
  /** Images in the grid, each once. */
  #shownCount: number | undefined;
  #choicesAreStale = true;
  /** Whether the user has moved the focus. */
  #wentSomewhere = false;
  /** The arrangement that is in view. */
  #shown: Arrangement | undefined;
  #saveTimer: number | undefined;
  /** What was shown before the page was hidden, until it is shown again. */
  #comeBack: Pick<SavedState, 'anchor' | 'detail'> | undefined;
  #detailUri: string | null = null;
  #anchor: SavedState['anchor'] = null;

  constructor() {
    super();
    this.#connection = connect((notice) => {
      this.#heard(notice);
    });
    const arrived = (): void => {
      this.arrivals++;
    };
    this.#tiles = createTileStore(this.#connection, (changed) => {
      if (changed.length > 0) this.#thumbnails.refresh(changed);
      arrived();
    });
    this.#thumbnails = createThumbnails(this.#connection, arrived);
    const { saved } = this.#connection;
    if (saved) {
      this.view = saved;
      this.#comeBack = saved;
      // Kept until there are others: the page may be hidden again before it is where it was.
      this.#detailUri = saved.detail?.uri ?? null;
      this.#anchor = saved.anchor;
    }
    const narrow = window.matchMedia('(max-width: 640px)');
    this.narrow = narrow.matches;
    narrow.addEventListener('change', ({ matches }) => {
      this.narrow = matches;
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
        this.#choicesAreStale = true;
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
  #set(part: Partial<typeof START>): void {
    this.view = { ...this.view, ...part };
    if (part.arrangement) void this.#arrange();
    this.#saveSoon();
  }

  readonly #rearrange = ({ detail }: CustomEvent<Partial<Arrangement>>): void => {
    this.#set({ arrangement: { ...this.view.arrangement, ...detail } });
  };

  async #arrange(): Promise<void> {
    this.#arranging?.abort(); // a new arrangement ends the one before
    const controller = new AbortController();
    this.#arranging = controller;
    this.busy = true;
    try {
      const { arrangement } = this.view;
      const arranged = await this.#connection.ask({ kind: 'arrange', arrangement }, controller.signal);
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
      if (isAbort(error)) return;
      this.mistake = messageOf(error);
    } finally {
      if (this.#arranging === controller) this.busy = false;
    }
  }

  /** What the filters offer; the old choice stays until the new one is there. */
  async #loadChoices(): Promise<void> {
    if (!this.#choicesAreStale) return;
    this.#choicesAreStale = false;
    try {
      this.choices = await this.#connection.ask({ kind: 'choices' });
    } catch (error) {
      this.#choicesAreStale = true;
      if (!isAbort(error)) this.notice = messageOf(error);
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
    this.#saveSoon();
  }

  readonly #closeDetail = (): void => {
    this.detail = -1;
    this.#detailUri = null;
    this.grid?.goTo(this.grid.focusedPosition);
    this.#saveSoon();
  };

  #saveSoon(): void {
    window.clearTimeout(this.#saveTimer);
    this.#saveTimer = window.setTimeout(() => {
      const place = this.grid?.place;
      const tile = place && this.#tiles.get(this.arranged?.order[place.position] ?? -1);
      if (tile) this.#anchor = { uri: tile.uri, offset: place.offset };
      this.#connection.save({
        version: 1,
        ...this.view,
        anchor: this.#anchor,
        detail: this.#detailUri === null ? null : { uri: this.#detailUri },
      });
    }, SAVE_MILLISECONDS);
  }

  protected override render(): TemplateResult {
    const { view, arranged } = this;
    return html`
      <assetlens-toolbar
        .arrangement=${view.arrangement}
        .tileSize=${view.tileSize}
        .ground=${view.ground}
        .filtersOpen=${view.filtersOpen}
        .filters=${countFilters(view.arrangement)}
        .shown=${this.#shownCount}
        .total=${arranged?.total ?? 0}
        .selected=${this.selection.ids.size}
        .busy=${this.busy}
        @arrange=${this.#rearrange}
        @tile-size=${({ detail }: CustomEvent<number>) => {
          this.#set({ tileSize: detail });
        }}
        @ground=${({ detail }: CustomEvent<SavedState['ground']>) => {
          this.#set({ ground: detail });
        }}
        @toggle-filters=${() => {
          this.#set({ filtersOpen: !view.filtersOpen });
        }}
      ></assetlens-toolbar>
      ${indexingLine(this.indexing)}
      ${problemLine(this.problem, () => {
        this.problem = '';
        this.grid?.goTo(this.grid.focusedPosition);
      })}
      ${noticeLine(this.#noticeText())}
      <main class="ground-${view.ground}" @keydown=${this.#keyPressed} @contextmenu=${this.#menuAsked}>
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

  #noticeText(): string {
    const partial = this.arranged && this.arranged.order.length > 0 ? this.arranged.message : '';
    return [this.notice, partial].filter(Boolean).join('\n');
  }

  /** The grid stays the same element whether there is a detail pane or not, and with it the focus and what is in view. */
  #renderPanes(): TemplateResult {
    const open = this.detail >= 0;
    const position = open ? `${this.view.split}%` : '100%';
    return html`<vscode-split-layout
      split=${this.narrow ? 'horizontal' : 'vertical'}
      fixed-pane="end"
      .minStart=${open ? '160px' : '0px'}
      .minEnd=${open ? '260px' : '0px'}
      .handleSize=${open ? 4 : 0}
      .initialHandlePosition=${position}
      .handlePosition=${position}
      class=${open ? 'open' : ''}
      @vsc-split-layout-change=${({ detail }: CustomEvent<{ readonly positionInPercentage: number }>) => {
        if (open) this.#set({ split: boundedSplit(detail.positionInPercentage) });
      }}
    >
      <div slot="start" class="pane">${this.#renderGrid()}</div>
      <div slot="end" class="pane">
        ${
          open
            ? html`${separator(this.view.split, this.narrow, (split) => {
                this.#set({ split });
              })}
              ${this.#renderDetail()}`
            : nothing
        }
      </div>
    </vscode-split-layout>`;
  }

  get #pictureGround(): PictureGround {
    if (this.view.ground !== 'auto') return 'any';
    return this.isDark ? 'dark' : 'light';
  }

  #renderDetail(): TemplateResult {
    return html`<assetlens-detail
      .connection=${this.#connection}
      .image=${this.detail}
      .generation=${this.generation}
      .ground=${this.#pictureGround}
      .heatmap=${this.view.heatmap}
      @close-detail=${this.#closeDetail}
      @show-image=${({ detail }: CustomEvent<number>) => {
        this.#showDetail(detail);
      }}
      @detail-shown=${({ detail }: CustomEvent<{ readonly uri: string }>) => {
        this.#detailUri = detail.uri;
        this.#saveSoon();
      }}
      @heatmap-settings=${({ detail }: CustomEvent<SavedState['heatmap']>) => {
        this.#set({ heatmap: detail });
      }}
      @act=${({ detail }: CustomEvent<Action>) => void this.#act(detail, [this.detail])}
    ></assetlens-detail>`;
  }

  #renderGrid(): TemplateResult {
    const { arranged } = this;
    if (this.mistake !== '') return insteadOfGrid('error', l10n.t('The gallery could not be shown.'), this.mistake);
    if (!arranged) return insteadOfGrid('loading', l10n.t('Looking at the images…'));
    if (arranged.message !== '' && arranged.order.length === 0) return insteadOfGrid('info', arranged.message);
    if (arranged.total === 0) {
      const pressed = (): void => void this.#ask({ kind: 'tagWorkspace' });
      const title = l10n.t('Tag Workspace Images');
      return emptyGrid(l10n.t('No image of this workspace is indexed yet.'), { id: 'tag-workspace', title, pressed });
    }
    if (arranged.order.length === 0) {
      const pressed = (): void => {
        const { names, group, order } = this.view.arrangement;
        this.#set({ arrangement: { ...everything, names, group, order } });
      };
      const title = l10n.t('Show All Images');
      return emptyGrid(l10n.t('No image passes the search and the filters.'), { id: 'show-all', title, pressed });
    }
    return html`<assetlens-grid
      .arranged=${arranged}
      .selection=${this.selection}
      .tiles=${this.#tiles}
      .thumbnails=${this.#thumbnails}
      .tileSize=${this.view.tileSize}
      .arrivals=${this.arrivals}
      .ground=${this.#pictureGround}
      .mayDrag=${(ids: readonly number[]) => this.#areKnown(ids)}
      @grid-select=${({ detail }: CustomEvent<Selection>) => {
        this.selection = detail;
        void this.#tiles.load([...detail.ids].slice(0, MOST_IN_MENU)).catch(() => undefined); // for menus and drags
      }}
      @grid-focus=${({ detail }: CustomEvent<{ readonly position: number }>) => {
        this.#wentSomewhere = true;
        if (this.detail >= 0) this.#showDetail(arranged.order[detail.position] ?? -1);
        this.#saveSoon();
      }}
      @grid-scroll=${() => {
        this.#saveSoon();
      }}
      @grid-open=${({ detail }: CustomEvent<{ readonly position: number }>) => {
        this.#showDetail(arranged.order[detail.position] ?? -1);
      }}
      @grid-remove=${({ detail }: CustomEvent<{ readonly position: number }>) => void this.#remove(detail.position)}
    ></assetlens-grid>`;
  }

  /** Says of the selected images that the label they stand under does not hold. */
  async #remove(position: number): Promise<void> {
    const label = this.grid?.groupOf(position)?.label;
    const focused = this.arranged?.order[position];
    if (!label || focused === undefined) return;
    const ids = this.selection.ids.has(focused) ? [...this.selection.ids] : [focused];
    const tiles = await this.#tiles.load(ids);
    const carrying = tiles.filter(({ tags }) => tags.some((tag) => tag.set === label.set && tag.label === label.label));
    if (carrying.length === 0) return;
    await this.#ask({
      kind: 'setTag',
      ids: carrying.map(({ id }) => id),
      label: label.label,
      holds: false,
      undo: true,
    });
  }

  async #act(action: Action, ids: readonly number[]): Promise<void> {
    if (ids.length > 0) await this.#ask({ kind: 'act', action, ids: [...ids] });
  }

  async #ask(request: PageRequest): Promise<void> {
    this.problem = '';
    try {
      await this.#connection.ask(request);
    } catch (error) {
      if (!isAbort(error)) this.problem = messageOf(error);
    }
  }

  /** What the selection, or the image with the focus, is meant by. */
  #chosen(): number[] {
    if (this.selection.ids.size > 0) return [...this.selection.ids];
    const focused = this.arranged?.order[this.grid?.focusedPosition ?? -1];
    return focused === undefined ? [] : [focused];
  }

  readonly #keyPressed = (event: KeyboardEvent): void => {
    const command = event.ctrlKey || event.metaKey;
    if (isTyping(event) || event.altKey) return;
    // In the detail pane keys mean the image that it shows.
    const inDetail = event.composedPath().some((node) => node === this.detailPane);
    const chosen = inDetail ? [this.detail] : this.#chosen();
    if (command && event.key.toLowerCase() === 'c') {
      if (window.getSelection()?.isCollapsed === false) return; // the text that is selected is meant
      void this.#act('copyRelativePath', chosen);
    } else if (command) return;
    else if (event.key === 't') void this.#act('addTag', chosen);
    else if (event.key === '/') this.toolbar?.focusSearch();
    else if (event.key === '+' || event.key === '=') this.#zoom(STEP);
    else if (event.key === '-') this.#zoom(-STEP);
    else if (event.key === 'Escape' && this.detail >= 0) this.#closeDetail();
    else if (event.repeat || this.detailPane?.correct(event.key) !== true) return;
    event.preventDefault();
  };

  /** A menu, or what is dragged, is for all that is selected or for nothing: says so where not all of it is known yet. */
  #areKnown(ids: readonly number[]): boolean {
    const tooMany = ids.length > MOST_IN_MENU;
    if (!tooMany && ids.every((id) => this.#tiles.get(id))) {
      this.notice = '';
      return true;
    }
    this.notice = tooMany
      ? l10n.t('Menu and dragging take up to {0} images; the keys T and Ctrl+C take all that are selected.', MOST_IN_MENU.toLocaleString()) // prettier-ignore
      : l10n.t('The selected images are being read. Try again in a moment.');
    return false;
  }

  #zoom(step: number): void {
    this.#set({ tileSize: Math.max(SMALLEST_TILE, Math.min(LARGEST_TILE, this.view.tileSize + step)) });
  }

  /** The editor's own menu, which is told of the images by an attribute of the outermost element. */
  readonly #menuAsked = (event: MouseEvent): void => {
    const onTile = event
      .composedPath()
      .some((node) => node instanceof HTMLElement && node.dataset['position'] !== undefined);
    if (!onTile) {
      delete this.dataset['vscodeContext'];
      return;
    }
    const label = this.grid?.groupOf(this.grid.focusedPosition)?.label;
    const chosen = this.#chosen();
    if (!this.#areKnown(chosen)) {
      delete this.dataset['vscodeContext'];
      return;
    }
    const tiles = chosen.map((id) => this.#tiles.get(id)).filter((tile) => tile !== undefined);
    this.dataset['vscodeContext'] = menuContext(tiles, label ?? null);
  };

  static override readonly styles = galleryStyles;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

declare global {
  interface HTMLElementTagNameMap {
    'assetlens-gallery': Gallery;
  }
}
