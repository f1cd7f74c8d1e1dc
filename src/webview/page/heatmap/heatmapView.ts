import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { ticksOf, valueAt } from '../../../heatmapPicture.ts';
import {
  COLOUR_MAPS,
  HEATMAP_KINDS,
  type HeatmapReply,
  type PictureBackground,
  type Prompt,
  type SavedState,
} from '../../protocol.ts';
import { choiceOf } from '../controls/choiceOf.ts';
import { isAbort, type Connection } from '../messages/connection.ts';
import { inlineStyle } from '../controls/inlineStyle.ts';
import { exportedPng, gradientOf, isApart, mapsOf, paintInto, type PromptMap } from './mapPainting.ts';
import { shownPicture, type Shown } from '../messages/pictures.ts';
import { madeHow, spokenMap, valueText } from './heatmapWords.ts';
import { heatmapViewStyles } from './heatmapViewStyles.ts';

type Settings = SavedState['heatmap'];

/** Prompts at once: each has a hue of its own. */
export const MOST_PROMPTS = 6;
/** Pixels of the picture, for screens of any density. */
const SIDE = 1600;

/** The picture of one image, and over it where prompts hold, or why the image scores as it does. */
@customElement('assetlens-heatmap')
export class HeatmapView extends LitElement {
  @property({ attribute: false }) accessor connection: Connection | undefined;
  @property({ type: Number }) accessor image = -1;
  /** Hash of its content; empty while it is not known. */
  @property() accessor content = '';
  @property() accessor background: PictureBackground = 'any';
  @property({ attribute: false }) accessor settings!: Settings; // the gallery always gives it
  @property({ attribute: false }) accessor prompts: readonly Prompt[] = [];
  @state() private accessor picture: Shown | undefined;
  @state() private accessor bitmap: ImageBitmap | undefined;
  /** A reply, and what it is of. */
  @state() private accessor reply:
    | { readonly heatmap: HeatmapReply; readonly prompts: readonly Prompt[]; readonly method: Settings['method'] }
    | undefined;
  @state() private accessor mistake = '';
  @state() private accessor pointed: { readonly x: number; readonly y: number; readonly text: string } | undefined;
  #loading: AbortController | undefined;
  #asking: AbortController | undefined;

  override disconnectedCallback(): void {
    this.#loading?.abort();
    this.#asking?.abort();
    this.#forgetPicture();
    super.disconnectedCallback();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const isEdited = this.content !== '' && (changed.get('content') ?? '') !== '';
    const isOther = changed.has('image') || changed.has('connection') || isEdited;
    if (changed.has('background') && !isOther) void this.#loadPicture();
    if (isOther) {
      this.reply = undefined;
      void this.#loadPicture();
    }
    const before = changed.get('settings');
    const asksOther =
      changed.has('settings') && (before?.on !== this.settings.on || before.method !== this.settings.method);
    if (isOther || changed.has('prompts') || asksOther) void this.#ask();
  }

  async #loadPicture(): Promise<void> {
    this.#loading?.abort();
    const controller = new AbortController();
    this.#loading = controller;
    this.#forgetPicture();
    const { connection, image: id } = this;
    if (!connection || id < 0) return;
    try {
      const picture = await connection.ask(
        { kind: 'picture', id, side: SIDE, background: this.background },
        controller.signal,
      );
      const bitmap = picture.bytes && (await createImageBitmap(new Blob([new Uint8Array(picture.bytes)])));
      if (controller.signal.aborted) {
        bitmap?.close();
        return;
      }
      this.picture = shownPicture(picture);
      this.bitmap = bitmap ?? undefined;
    } catch (error) {
      if (!isAbort(error)) this.picture = { url: null, reason: error instanceof Error ? error.message : String(error) };
    }
  }

  #forgetPicture(): void {
    if (this.picture?.url) URL.revokeObjectURL(this.picture.url);
    this.bitmap?.close();
    [this.picture, this.bitmap] = [undefined, undefined];
  }

  async #ask(): Promise<void> {
    this.#asking?.abort();
    const controller = new AbortController();
    this.#asking = controller;
    this.mistake = '';
    const { connection, image: id, prompts, settings } = this;
    if (prompts.length === 0) this.reply = undefined;
    if (!connection || id < 0 || !settings.on || prompts.length === 0) return;
    try {
      const heatmap = await connection.ask(
        { kind: 'heatmap', id, method: settings.method, prompts: [...prompts] },
        controller.signal,
      );
      this.reply = { heatmap, prompts, method: settings.method };
    } catch (error) {
      if (isAbort(error)) return;
      this.reply = undefined;
      this.mistake = error instanceof Error ? error.message : String(error);
    }
  }

  /** Pictures side by side, each with the maps that lie on it. */
  #panels(): readonly (readonly PromptMap[])[] {
    const { reply, settings } = this;
    // Shares are no probabilities: the map of the other kind is not shown while this one is on its way.
    if (!settings.on || reply?.method !== settings.method || reply.prompts.length === 0) return [[]];
    const maps = mapsOf(reply.heatmap, reply.prompts, settings);
    return isApart(settings) ? maps.map((map) => [map]) : [maps];
  }

  protected override updated(changed: PropertyValues): void {
    // Not at each move of the pointer: it takes a tenth of a second.
    if (!['bitmap', 'reply', 'settings', 'picture'].some((name) => changed.has(name))) return;
    const { bitmap } = this;
    const panels = this.#panels();
    if (!bitmap || !this.settings.on) return;
    this.#canvases().forEach((canvas, i) => {
      paintInto(canvas, bitmap, panels[i] ?? [], this.settings);
    });
  }

  #canvases(): HTMLCanvasElement[] {
    return [...this.renderRoot.querySelectorAll('canvas')];
  }

  protected override render(): TemplateResult {
    const { settings } = this;
    const panels = this.#panels();
    return html`<figure aria-label=${l10n.t('Picture')}>
      <div class="panels">${panels.map((maps) => this.#renderPanel(maps))}</div>
      <div class="bar" role="group" aria-label=${l10n.t('Heatmap')}>
        <vscode-button
          id="heatmap"
          ?secondary=${!settings.on}
          aria-pressed=${settings.on}
          @click=${() => {
            this.#change({ on: !settings.on });
          }}
          >${l10n.t('Heatmap')}</vscode-button
        >
        ${settings.on ? this.#renderKinds() : nothing}
      </div>
      ${settings.on ? this.#renderControls() : nothing}
      ${this.mistake === '' ? nothing : html`<p class="mistake" role="alert">${this.mistake}</p>`}
    </figure>`;
  }

  #renderPanel(maps: readonly PromptMap[]): TemplateResult {
    const { picture, settings } = this;
    if (picture?.url === null) return html`<p class="mistake">${picture.reason}</p>`;
    if (!picture) return html`<div class="waiting"><vscode-icon name="loading" spin></vscode-icon></div>`;
    const spoken = maps.map((map) => spokenMap(map, settings)).join('. ') || l10n.t('Picture');
    return html`<div class="panel">
      <div class="background">
        ${
          settings.on
            ? html`<canvas
                role="img"
                aria-label=${spoken}
                @pointermove=${(event: PointerEvent) => {
                  this.#point(event, maps);
                }}
                @pointerleave=${() => {
                  this.pointed = undefined;
                }}
              ></canvas>`
            : html`<img src=${picture.url} alt=${l10n.t('Picture')} />`
        }
      </div>
      ${maps.map((map) => this.#renderLegend(map))}
    </div>`;
  }

  #renderLegend(map: PromptMap): TemplateResult {
    return html`<div class="legend">
      <span class="prompt">${map.prompt.text}</span>
      <span class="gradient" .style=${inlineStyle({ background: gradientOf(map) })}></span>
      <span class="ticks"
        >${ticksOf(map.scale).map((tick) => html`<span>${valueText(tick, this.settings)}</span>`)}</span
      >
    </div>`;
  }

  #renderKinds(): TemplateResult {
    const { settings } = this;
    return html`<span class="kinds">
      ${HEATMAP_KINDS.map(
        (kind) =>
          html`<vscode-button
            ?secondary=${settings.method !== kind}
            aria-pressed=${settings.method === kind}
            title=${kind === 'where' ? l10n.t('Which parts show it, beside the background') : l10n.t('How much each part adds to the similarity, or takes from it')}
            @click=${() => {
              this.#change({ method: kind });
            }}
            >${kind === 'where' ? l10n.t('Where') : l10n.t('Why')}</vscode-button
          >`,
      )}
    </span>`;
  }

  #renderControls(): TemplateResult {
    const { settings, prompts } = this;
    const signed = settings.method === 'why';
    const options = COLOUR_MAPS.map((value) => ({
      value,
      label: value,
      selected: value === settings.colours,
      description: '',
      disabled: false,
    }));
    return html`<div class="controls">
        <div class="prompts">
          ${prompts.map(
            (prompt) =>
              html`<span class="chip"
                >${prompt.text}<vscode-icon
                  name="close"
                  size="12"
                  action-icon
                  label=${l10n.t('Remove "{0}"', prompt.text)}
                  title=${l10n.t('Remove "{0}"', prompt.text)}
                  @click=${() => {
                    this.#setPrompts(prompts.filter((other) => other !== prompt));
                  }}
                ></vscode-icon
              ></span>`,
          )}
          <vscode-textfield
            id="prompt"
            .label=${l10n.t('Look for')}
            placeholder=${l10n.t('Look for anything, then press Enter')}
            ?disabled=${prompts.length >= MOST_PROMPTS}
            @keydown=${this.#promptTyped}
          ></vscode-textfield>
        </div>
        <div class="options">
          <vscode-single-select
            label=${l10n.t('Colours')}
            title=${l10n.t('Colours')}
            ?disabled=${signed}
            .options=${options}
            .value=${settings.colours}
            @change=${(event: Event) => {
              this.#change({ colours: choiceOf(COLOUR_MAPS, (event.target as HTMLElement & { value: string }).value) });
            }}
          ></vscode-single-select>
          <label
            >${l10n.t('Opacity')}<input
              type="range"
              min="0.1"
              max="1"
              step="0.05"
              .value=${String(settings.opacity)}
              @input=${(event: Event) => {
                this.#change({ opacity: Number((event.target as HTMLInputElement).value) });
              }}
          /></label>
          ${this.#renderSwitch('cells', l10n.t('Show cells'))}
          ${this.#renderSwitch('relative', l10n.t('Relative colours'))}
          ${this.#renderSwitch('sideBySide', l10n.t('Side by side'))}
          <vscode-button secondary icon="export" ?disabled=${!this.bitmap} @click=${() => void this.#export()}
            >${l10n.t('Export PNG')}</vscode-button
          >
        </div>
        <p class="note">${this.#note()}</p>
      </div>
      ${this.pointed ? html`<div class="value" .style=${inlineStyle({ left: `${this.pointed.x}px`, top: `${this.pointed.y}px` })}>${this.pointed.text}</div>` : nothing}`;
  }

  #renderSwitch(key: 'cells' | 'relative' | 'sideBySide', label: string): TemplateResult {
    return html`<vscode-checkbox
      .checked=${this.settings[key]}
      label=${label}
      @change=${(event: Event) => {
        this.#change({ [key]: (event.target as HTMLElement & { checked: boolean }).checked });
      }}
    ></vscode-checkbox>`;
  }

  #note(): string {
    if (this.reply) return madeHow(this.reply.heatmap, this.settings);
    return this.mistake === '' && this.prompts.length > 0
      ? l10n.t('Looking…')
      : l10n.t('Choose a label, or type what to look for.');
  }

  #point(event: PointerEvent, maps: readonly PromptMap[]): void {
    const canvas = event.currentTarget as HTMLCanvasElement;
    const box = canvas.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    const values = maps.map(({ prompt, grid }) => {
      const value = valueText(valueAt(grid, x, y, this.settings.cells), this.settings);
      return maps.length > 1 ? `${prompt.text} ${value}` : value;
    });
    this.pointed = { x: event.clientX + 12, y: event.clientY + 12, text: values.join(' · ') };
  }

  readonly #promptTyped = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return;
    const field = event.currentTarget as HTMLElement & { value: string };
    const text = field.value.trim();
    if (text === '') return;
    field.value = '';
    // The same words twice would only take each other's share.
    if (!this.prompts.some((prompt) => prompt.text === text)) this.#setPrompts([...this.prompts, { text, set: null }]);
  };

  async #export(): Promise<void> {
    const { connection, image: id } = this;
    if (!connection) return;
    try {
      const background = getComputedStyle(this).getPropertyValue('--assetlens-between');
      const png = await exportedPng(this.#canvases(), this.#panels(), background, (value) =>
        valueText(value, this.settings),
      );
      await connection.ask({ kind: 'savePicture', id, png });
    } catch (error) {
      if (!isAbort(error)) this.mistake = error instanceof Error ? error.message : String(error);
    }
  }

  #setPrompts(prompts: readonly Prompt[]): void {
    this.dispatchEvent(new CustomEvent('prompts', { detail: prompts }));
  }

  #change(part: Partial<Settings>): void {
    this.dispatchEvent(new CustomEvent<Settings>('heatmap-settings', { detail: { ...this.settings, ...part } }));
  }

  static override readonly styles = heatmapViewStyles;
}

declare global {
  interface HTMLElementTagNameMap {
    'assetlens-heatmap': HeatmapView;
  }
}
