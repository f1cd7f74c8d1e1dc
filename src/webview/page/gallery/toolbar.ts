import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { GROUPINGS, ORDERS, type Arrangement } from '../../protocol.ts';
import { choiceOf } from '../controls/choiceOf.ts';
import { select } from '../controls/select.ts';
import { valueOf } from '../controls/valueOf.ts';
import { chipsOf } from '../filter/filterChips.ts';
import { imageCount } from '../formatting.ts';
import { BACKGROUNDS, type SavedState } from './savedState.ts';
import { toolbarStyles } from './toolbarStyles.ts';
import type { View } from './viewState.ts';

/** Limits of the side of a tile, in pixels. */
const SMALLEST_TILE = 32;
const LARGEST_TILE = 320;
const ZOOM_STEP = 32;

/** The side of tiles after a number of zoom steps. */
export function zoomed(side: number, steps: number): number {
  return Math.max(SMALLEST_TILE, Math.min(LARGEST_TILE, side + steps * ZOOM_STEP));
}

export interface ToolbarEvents {
  /** The user has changed a part of the arrangement. */
  arrange: CustomEvent<Partial<Arrangement>>;
  /** The user has changed another setting. */
  view: CustomEvent<Partial<View>>;
  /** The user moves from the search box to the results. */
  'to-results': CustomEvent<undefined>;
}

/** The search starts when the user has not typed for this time. */
const DEBOUNCE_MILLISECONDS = 200;

/** The toolbar: search box, filter button, grouping, order, size and background of the tiles, number of images. */
@customElement('assetlens-toolbar')
export class Toolbar extends LitElement {
  @property({ attribute: false }) accessor arrangement: Arrangement | undefined;
  @property({ type: Number }) accessor tileSize = 128;
  @property() accessor background: SavedState['background'] = 'auto';
  @property({ type: Boolean }) accessor filtersOpen = false;
  @property({ type: Number }) accessor filters = 0;
  /** Number of images in the grid, each counted once; undefined before the first arrangement. */
  @property({ type: Number }) accessor shown: number | undefined;
  @property({ type: Number }) accessor total = 0;
  @property({ type: Number }) accessor selected = 0;
  @property({ type: Boolean }) accessor busy = false;
  @query('#search') private accessor searchBox!: HTMLElement | null;
  #timer: number | undefined;

  focusSearch(): void {
    this.searchBox?.focus();
  }

  override disconnectedCallback(): void {
    window.clearTimeout(this.#timer);
    super.disconnectedCallback();
  }

  protected override render(): TemplateResult | typeof nothing {
    const { arrangement } = this;
    if (!arrangement) return nothing;
    return html`<header>
      <h1>${l10n.t('Gallery')}</h1>
      <div class="bar" role="search" aria-label=${l10n.t('Search images')}>
        <vscode-textfield
          id="search"
          type="search"
          .label=${l10n.t('Search images')}
          placeholder=${l10n.t('Describe the image, for example: red car -road path:icons/')}
          .value=${arrangement.query}
          @input=${this.#typed}
          @change=${this.#searchNow}
          @keydown=${this.#keyPressed}
        >
          <vscode-icon slot="content-before" name="search"></vscode-icon>
          <vscode-toolbar-button
            slot="content-after"
            icon="whole-word"
            toggleable
            ?checked=${arrangement.names}
            title=${l10n.t('Also Search File and Folder Names')}
            label=${l10n.t('Also Search File and Folder Names')}
            @click=${() => {
              this.#emit('arrange', { names: !arrangement.names });
            }}
          ></vscode-toolbar-button>
        </vscode-textfield>
        <vscode-toolbar-button
          id="filters"
          icon=${this.filters > 0 ? 'filter-filled' : 'filter'}
          toggleable
          ?checked=${this.filtersOpen}
          label=${l10n.t('Filters')}
          title=${l10n.t('Filters')}
          @click=${() => {
            this.#emit('view', { filtersOpen: !this.filtersOpen });
          }}
          >${this.filters > 0 ? this.filters : nothing}</vscode-toolbar-button
        >
        ${select({
          id: 'group',
          label: l10n.t('Group'),
          options: GROUPINGS.map((value) => [value, groupingName(value)]),
          value: arrangement.group,
          changed: (value) => {
            this.#emit('arrange', { group: choiceOf(GROUPINGS, value) });
          },
        })}
        ${select({
          id: 'order',
          label: l10n.t('Sort'),
          options: ORDERS.map((value) => [value, orderName(value)]),
          value: arrangement.order,
          changed: (value) => {
            this.#emit('arrange', { order: choiceOf(ORDERS, value) });
          },
        })}
        <label class="size" title=${l10n.t('Tile Size')}>
          <vscode-icon name="zoom-in" size="14" aria-hidden="true"></vscode-icon>
          <input
            type="range"
            id="tile-size"
            min=${SMALLEST_TILE}
            max=${LARGEST_TILE}
            step="8"
            aria-label=${l10n.t('Tile Size')}
            .value=${String(this.tileSize)}
            @input=${(event: Event) => {
              this.#emit('view', { tileSize: Number(valueOf(event)) });
            }}
          />
        </label>
        <vscode-toolbar-button
          icon=${{ auto: 'color-mode', light: 'circle-large', dark: 'circle-large-filled' }[this.background]}
          label=${l10n.t('Background of transparent images: {0}', backgroundName(this.background))}
          title=${l10n.t('Background of transparent images: {0}', backgroundName(this.background))}
          @click=${() => {
            this.#emit('view', {
              background: BACKGROUNDS[(BACKGROUNDS.indexOf(this.background) + 1) % BACKGROUNDS.length] ?? 'auto',
            });
          }}
        ></vscode-toolbar-button>
        <span class="count" role="status" aria-live="polite">
          ${this.busy ? html`<vscode-icon name="loading" spin aria-hidden="true"></vscode-icon>` : nothing}${this.#countText()}
        </span>
      </div>
      ${this.#renderChips(arrangement)}
    </header>`;
  }

  /** The filters that are set, each with a button that removes it. */
  #renderChips(arrangement: Arrangement): TemplateResult | typeof nothing {
    const chips = chipsOf(arrangement);
    if (chips.length === 0) return nothing;
    return html`<ul class="chips" aria-label=${l10n.t('Active filters')}>
      ${chips.map(
        ({ text, without }) =>
          html`<li class="chip">
            <span dir="auto">${text}</span>
            <button
              type="button"
              title=${l10n.t('Remove the filter "{0}"', text)}
              aria-label=${l10n.t('Remove the filter "{0}"', text)}
              @click=${() => {
                this.#emit('arrange', without);
              }}
            >
              <vscode-icon name="close" size="12" aria-hidden="true"></vscode-icon>
            </button>
          </li>`,
      )}
    </ul>`;
  }

  #countText(): string {
    if (this.shown === undefined) return '';
    const shown =
      this.shown === this.total
        ? imageCount(this.total)
        : l10n.t('{0} of {1} images', this.shown.toLocaleString(), this.total.toLocaleString());
    return this.selected > 1 ? l10n.t('{0}, {1} selected', shown, this.selected.toLocaleString()) : shown;
  }

  readonly #typed = (): void => {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(this.#searchNow, DEBOUNCE_MILLISECONDS);
  };

  /** Arrow Down and Enter lead to the results, after the typed query was requested. */
  readonly #keyPressed = (event: KeyboardEvent): void => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey && !event.isComposing;
    if (!isPlain || (event.key !== 'ArrowDown' && event.key !== 'Enter')) return;
    this.#searchNow();
    this.#emit('to-results', undefined);
    event.preventDefault();
  };

  readonly #searchNow = (): void => {
    window.clearTimeout(this.#timer);
    const query = (this.searchBox as (HTMLElement & { value: string }) | null)?.value ?? '';
    if (query !== this.arrangement?.query) this.#emit('arrange', { query });
  };

  #emit<Name extends keyof ToolbarEvents>(name: Name, detail: ToolbarEvents[Name]['detail']): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  static override readonly styles = toolbarStyles;
}

function groupingName(grouping: Arrangement['group']): string {
  switch (grouping) {
    case 'none':
      return l10n.t('Not grouped');
    case 'label':
      return l10n.t('By label');
    case 'folder':
      return l10n.t('By folder');
    case 'likeness':
      return l10n.t('By similarity');
  }
}

function orderName(order: Arrangement['order']): string {
  switch (order) {
    case 'best':
      return l10n.t('Best match first');
    case 'name':
      return l10n.t('By name');
    case 'path':
      return l10n.t('By path');
    case 'size':
      return l10n.t('By file size');
    case 'pixels':
      return l10n.t('By image size');
  }
}

function backgroundName(background: SavedState['background']): string {
  switch (background) {
    case 'auto':
      return l10n.t('theme');
    case 'light':
      return l10n.t('light');
    case 'dark':
      return l10n.t('dark');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'assetlens-toolbar': Toolbar;
  }
}
