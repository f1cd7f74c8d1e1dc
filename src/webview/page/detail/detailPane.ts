import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { isAbortError } from '../../../base/abortError.ts';
import { printable } from '../../../base/printable.ts';
import { messageOf } from '../../../base/userError.ts';
import type { Details, ImageAction, PictureBackground, Prompt } from '../../protocol.ts';
import type { Connection } from '../connection.ts';
import { isTyping } from '../dom/isTyping.ts';
import { baseName, folderOf } from '../formatting.ts';
import type { HeatmapSettings } from '../gallery/savedState.ts';
import { MAX_PROMPTS } from '../heatmap/heatmapView.ts';
import { detailPaneStyles } from './detailPaneStyles.ts';
import { firstPrompts } from './firstPrompts.ts';
import type { Correction, LabelBars } from './labelBars.ts';

export interface DetailEvents {
  'close-detail': CustomEvent;
  /** The user has chosen another image. */
  'show-image': CustomEvent<number>;
  /** The image is shown. Its URI can be saved for a reload. */
  'detail-shown': CustomEvent<{ readonly uri: string }>;
  'heatmap-settings': CustomEvent<HeatmapSettings>;
  act: CustomEvent<ImageAction>;
}

const ACTIONS: readonly { readonly action: ImageAction; readonly icon: string; readonly title: () => string }[] = [
  { action: 'open', icon: 'go-to-file', title: () => l10n.t('Open') },
  { action: 'openToSide', icon: 'split-horizontal', title: () => l10n.t('Open to the Side') },
  { action: 'reveal', icon: 'list-tree', title: () => l10n.t('Reveal in Explorer') },
  { action: 'copyRelativePath', icon: 'copy', title: () => l10n.t('Copy Relative Path') },
  { action: 'addTag', icon: 'add', title: () => l10n.t('Add Tag…') },
];

/** One image: its picture with heatmap, labels, properties, near duplicates and references. */
@customElement('assetlens-detail')
export class DetailPane extends LitElement {
  @property({ attribute: false }) accessor connection: Connection | undefined;
  @property({ type: Number }) accessor image = -1;
  /** The words of the search, the first prompts of the heatmap. */
  @property({ attribute: false }) accessor words: readonly string[] = [];
  /** Increased when images or tags may have changed. */
  @property({ type: Number }) accessor generation = 0;
  @property() accessor background: PictureBackground = 'any';
  @property({ attribute: false }) accessor heatmap!: HeatmapSettings; // always set by the gallery
  @state() private accessor details: Details | undefined;
  @state() private accessor prompts: readonly Prompt[] = [];
  @state() private accessor error = '';
  @query('assetlens-labels') private accessor bars!: LabelBars | null; // null before the details are loaded
  #running: AbortController | undefined;
  /** Whether the prompts are the first ones, which the user has not changed. */
  #areSeeded = false;

  override disconnectedCallback(): void {
    this.#running?.abort();
    super.disconnectedCallback();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('image')) {
      this.details = undefined;
      // Free text that the user entered stays for the next image; labels and the words of an earlier search do not.
      this.prompts = this.#areSeeded ? [] : this.prompts.filter(({ set }) => set === null);
    }
    if (changed.has('image') || changed.has('generation') || changed.has('connection')) void this.#load();
  }

  async #load(): Promise<void> {
    this.#running?.abort();
    const controller = new AbortController();
    this.#running = controller;
    this.error = '';
    if (!this.connection || this.image < 0) return;
    try {
      const details = await this.connection.call('details', { id: this.image }, controller.signal);
      this.details = details;
      const [best] = details.scores;
      if (this.prompts.length === 0) {
        this.prompts = firstPrompts(this.words, best);
        this.#areSeeded = true;
      }
      this.#emit('detail-shown', { uri: details.tile.uri });
    } catch (error) {
      if (!isAbortError(error)) this.error = messageOf(error);
    }
  }

  protected override render(): TemplateResult {
    const { details, error } = this;
    const tile = details?.tile;
    return html`<aside aria-label=${l10n.t('Image')} @keydown=${this.#keyPressed} tabindex="-1">
      <header>
        <div class="title">
          <h2 dir="auto" title=${printable(tile?.path ?? '')}>${tile ? baseName(tile.path) : l10n.t('Loading')}</h2>
          <span class="folder" dir="auto">${tile ? folderOf(tile) : nothing}</span>
        </div>
        <div class="actions" role="group" aria-label=${l10n.t('Image')}>
          ${ACTIONS.map(
            ({ action, icon, title }) =>
              html`<vscode-toolbar-button
                icon=${icon}
                label=${title()}
                title=${title()}
                @click=${() => {
                  this.#emit('act', action);
                }}
              ></vscode-toolbar-button>`,
          )}
          <vscode-toolbar-button
            id="close"
            icon="close"
            label=${l10n.t('Close')}
            title=${l10n.t('Close')}
            @click=${() => {
              this.#emit('close-detail', undefined);
            }}
          ></vscode-toolbar-button>
        </div>
      </header>
      ${error === '' ? nothing : html`<p class="error" role="alert">${error}</p>`}
      <assetlens-heatmap
        .connection=${this.connection}
        .image=${this.image}
        .contentHash=${tile?.hash ?? ''}
        .background=${this.background}
        .settings=${this.heatmap}
        .prompts=${this.prompts}
        @prompts=${({ detail }: CustomEvent<readonly Prompt[]>) => {
          this.prompts = detail;
          this.#areSeeded = false;
        }}
        @heatmap-settings=${({ detail }: CustomEvent<HeatmapSettings>) => {
          this.#emit('heatmap-settings', detail);
        }}
      ></assetlens-heatmap>
      ${details ? this.#renderDetails(details) : nothing}
    </aside>`;
  }

  #renderDetails({ tile, scores, properties }: Details): TemplateResult {
    return html`
      <assetlens-labels
        .image=${tile.id}
        .scores=${scores}
        .mapped=${this.heatmap.on ? this.prompts : []}
        @correct=${({ detail }: CustomEvent<Correction>) => void this.#correct(detail)}
        @map-label=${({ detail }: CustomEvent<Prompt>) => {
          this.#toggleMap(detail);
        }}
      ></assetlens-labels>
      <section aria-label=${l10n.t('File')}>
        <h3>${l10n.t('File')}</h3>
        <dl>
          ${properties.map(
            ({ name, value }) =>
              html`<dt>${name}</dt>
                <dd>${value}</dd>`,
          )}
        </dl>
      </section>
      <assetlens-related
        .connection=${this.connection}
        .image=${tile.id}
        .background=${this.background}
        .generation=${this.generation}
        @show-image=${({ detail }: CustomEvent<number>) => {
          this.#emit('show-image', detail);
        }}
      ></assetlens-related>
    `;
  }

  /** Shows the heatmap of a label beside the others, or removes it. If heatmaps are off, shows only this one. */
  #toggleMap(prompt: Prompt): void {
    const others = this.prompts.filter(({ set, text }) => set !== prompt.set || text !== prompt.text);
    const isShown = others.length < this.prompts.length && this.heatmap.on;
    if (isShown) this.prompts = others;
    else this.prompts = this.heatmap.on ? [...others, prompt].slice(-MAX_PROMPTS) : [prompt];
    this.#areSeeded = false;
    const on = this.prompts.length > 0;
    if (on !== this.heatmap.on) this.#emit('heatmap-settings', { ...this.heatmap, on });
  }

  async #correct({ label, holds }: Correction): Promise<void> {
    try {
      await this.connection?.call('setTag', { ids: [this.image], label, holds, undo: false });
    } catch (error) {
      this.error = messageOf(error);
    }
  }

  readonly #keyPressed = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event)) return;
    if (event.key === 'Escape') this.#emit('close-detail', undefined);
    else if (!this.correctByKey(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  /** Corrects the tag of a label by a digit key. @returns whether the key stands for a label */
  correctByKey(key: string): boolean {
    return /^[1-9]$/.test(key) && this.bars?.correct(Number(key)) === true;
  }

  #emit<Name extends keyof DetailEvents>(name: Name, detail: DetailEvents[Name]['detail']): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  static override readonly styles = detailPaneStyles;
}

declare global {
  interface HTMLElementTagNameMap {
    'assetlens-detail': DetailPane;
  }
}
