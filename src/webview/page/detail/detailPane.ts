import * as l10n from '@vscode/l10n';
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import type { Details, PageRequest, PictureBackground, Prompt, SavedState } from '../../protocol.ts';
import { MOST_PROMPTS } from '../heatmap/heatmapView.ts';
import { isAbort, type Connection } from '../messages/connection.ts';
import { isTyping } from '../controls/isTyping.ts';
import type { Correction, LabelBars } from './labelBars.ts';
import { baseName, placeOf } from '../controls/words.ts';

type Action = Extract<PageRequest, { kind: 'act' }>['action'];

export interface DetailEvents {
  'close-detail': CustomEvent;
  /** Another image is to be shown. */
  'show-image': CustomEvent<number>;
  /** The address of what is shown, so that it can be shown again after a reload. */
  'detail-shown': CustomEvent<{ readonly uri: string }>;
  'heatmap-settings': CustomEvent<SavedState['heatmap']>;
  act: CustomEvent<Action>;
}

const ACTIONS: readonly { readonly action: Action; readonly icon: string; readonly title: () => string }[] = [
  { action: 'open', icon: 'go-to-file', title: () => l10n.t('Open') },
  { action: 'openToSide', icon: 'split-horizontal', title: () => l10n.t('Open to the Side') },
  { action: 'reveal', icon: 'list-tree', title: () => l10n.t('Reveal in Explorer') },
  { action: 'copyRelativePath', icon: 'copy', title: () => l10n.t('Copy Relative Path') },
  { action: 'addTag', icon: 'add', title: () => l10n.t('Add Tag…') },
];

/** One image: its picture with heatmap, all labels, what the file says of itself, near duplicates, and where it is used. */
@customElement('assetlens-detail')
export class DetailPane extends LitElement {
  @property({ attribute: false }) accessor connection: Connection | undefined;
  @property({ type: Number }) accessor image = -1;
  /** Raised when images or tags may be others than before. */
  @property({ type: Number }) accessor generation = 0;
  @property() accessor background: PictureBackground = 'any';
  @property({ attribute: false }) accessor heatmap!: SavedState['heatmap']; // the gallery always gives it
  @state() private accessor details: Details | undefined;
  @state() private accessor prompts: readonly Prompt[] = [];
  @state() private accessor mistake = '';
  @query('assetlens-labels') private accessor bars!: LabelBars | null; // there once there are details
  #running: AbortController | undefined;

  override disconnectedCallback(): void {
    this.#running?.abort();
    super.disconnectedCallback();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('image')) {
      this.details = undefined;
      // What was typed stays for the next image; its labels are its own.
      this.prompts = this.prompts.filter(({ set }) => set === null);
    }
    if (changed.has('image') || changed.has('generation') || changed.has('connection')) void this.#load();
  }

  async #load(): Promise<void> {
    this.#running?.abort();
    const controller = new AbortController();
    this.#running = controller;
    this.mistake = '';
    if (!this.connection || this.image < 0) return;
    try {
      const details = await this.connection.ask({ kind: 'details', id: this.image }, controller.signal);
      this.details = details;
      const [best] = details.scores;
      if (this.prompts.length === 0 && best) this.prompts = [{ text: best.label, set: best.set }];
      this.#tell('detail-shown', { uri: details.tile.uri });
    } catch (error) {
      if (isAbort(error)) return;
      this.mistake = error instanceof Error ? error.message : String(error);
    }
  }

  protected override render(): TemplateResult {
    const { details, mistake } = this;
    const tile = details?.tile;
    return html`<aside aria-label=${l10n.t('Image')} @keydown=${this.#keyPressed} tabindex="-1">
      <header>
        <div class="title">
          <h2 dir="auto" title=${tile?.path ?? ''}>${tile ? baseName(tile.path) : l10n.t('Loading')}</h2>
          <span class="place" dir="auto">${tile ? placeOf(tile) : nothing}</span>
        </div>
        <div class="actions" role="group" aria-label=${l10n.t('Image')}>
          ${ACTIONS.map(
            ({ action, icon, title }) =>
              html`<vscode-toolbar-button
                icon=${icon}
                label=${title()}
                title=${title()}
                @click=${() => {
                  this.#tell('act', action);
                }}
              ></vscode-toolbar-button>`,
          )}
          <vscode-toolbar-button
            id="close"
            icon="close"
            label=${l10n.t('Close')}
            title=${l10n.t('Close')}
            @click=${() => {
              this.#tell('close-detail', undefined);
            }}
          ></vscode-toolbar-button>
        </div>
      </header>
      ${mistake === '' ? nothing : html`<p class="mistake" role="alert">${mistake}</p>`}
      <assetlens-heatmap
        .connection=${this.connection}
        .image=${this.image}
        .content=${tile?.hash ?? ''}
        .background=${this.background}
        .settings=${this.heatmap}
        .prompts=${this.prompts}
        @prompts=${({ detail }: CustomEvent<readonly Prompt[]>) => {
          this.prompts = detail;
        }}
        @heatmap-settings=${({ detail }: CustomEvent<SavedState['heatmap']>) => {
          this.#tell('heatmap-settings', detail);
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
          this.#tell('show-image', detail);
        }}
      ></assetlens-related>
    `;
  }

  /** A label's map beside those that are shown; once more takes it away. The first click shows the map at all. */
  #toggleMap(prompt: Prompt): void {
    const others = this.prompts.filter((one) => one.set !== prompt.set || one.text !== prompt.text);
    const isShown = others.length < this.prompts.length && this.heatmap.on;
    if (isShown) this.prompts = others;
    else this.prompts = this.heatmap.on ? [...others, prompt].slice(-MOST_PROMPTS) : [prompt];
    const on = this.prompts.length > 0;
    if (on !== this.heatmap.on) this.#tell('heatmap-settings', { ...this.heatmap, on });
  }

  async #correct({ label, holds }: Correction): Promise<void> {
    try {
      await this.connection?.ask({ kind: 'setTag', ids: [this.image], label, holds, undo: false });
    } catch (error) {
      this.mistake = error instanceof Error ? error.message : String(error);
    }
  }

  readonly #keyPressed = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event)) return;
    if (event.key === 'Escape') this.#tell('close-detail', undefined);
    else if (!this.correct(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  };

  /** @returns whether the key stands for a label */
  correct(key: string): boolean {
    return /^[1-9]$/.test(key) && this.bars?.correct(Number(key)) === true;
  }

  #tell<Name extends keyof DetailEvents>(name: Name, detail: DetailEvents[Name]['detail']): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  static override readonly styles = css`
    :host {
      display: block;
      height: 100%;
      overflow: auto;
      box-sizing: border-box;
    }
    aside {
      padding: 8px 14px 20px;
      outline: none;
    }
    header {
      display: flex;
      flex-wrap: wrap;
      align-items: start;
      justify-content: space-between;
      gap: 4px 12px;
      margin-bottom: 8px;
    }
    .title {
      min-width: 0;
      flex: 1 1 140px;
    }
    h2 {
      font-size: 14px;
      font-weight: 600;
      margin: 0;
      overflow-wrap: anywhere;
    }
    .place {
      color: var(--vscode-descriptionForeground);
      overflow-wrap: anywhere;
    }
    .actions {
      display: flex;
    }
    h3 {
      font-size: 13px;
      font-weight: 600;
      margin: 12px 0 6px;
    }
    dl {
      display: grid;
      grid-template-columns: max-content 1fr;
      gap: 2px 14px;
      margin: 0;
    }
    dt {
      color: var(--vscode-descriptionForeground);
    }
    dd {
      margin: 0;
      overflow-wrap: anywhere;
    }
    .mistake {
      color: var(--vscode-errorForeground);
    }
  `;
}

declare global {
  interface HTMLElementTagNameMap {
    'assetlens-detail': DetailPane;
  }
}
