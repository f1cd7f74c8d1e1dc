import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { isAbortError } from '../../../base/abortError.ts';
import { messageOf } from '../../../base/userError.ts';
import { ticksOf, valueAt } from '../../../heatmapPicture.ts';
import type { HeatmapReply, PictureBackground, Prompt } from '../../protocol.ts';
import type { Connection } from '../connection.ts';
import { blobPicture, pictureBlob, releasePicture, type BlobPicture } from '../dom/blobPicture.ts';
import { inlineStyle } from '../dom/inlineStyle.ts';
import type { HeatmapSettings } from '../gallery/savedState.ts';
import { heatmapControls, heatmapKinds } from './heatmapControls.ts';
import { mapLabel, mapNote, valueText } from './heatmapText.ts';
import { heatmapViewStyles } from './heatmapViewStyles.ts';
import { exportedPng, gradientOf, isSeparate, mapsOf, paintInto, type PromptMap } from './mapPainting.ts';

/** Maximum number of prompts, because each has a different hue. */
export const MAX_PROMPTS = 6;
/** Longest side of the picture, for screens of any density. */
const PICTURE_SIDE = 1600;

/** The picture of an image with heatmaps: where the image shows prompts, or why it is similar to them. */
@customElement('assetlens-heatmap')
export class HeatmapView extends LitElement {
  @property({ attribute: false }) accessor connection: Connection | undefined;
  @property({ type: Number }) accessor image = -1;
  /** Hash of the content of the image; empty while it is unknown. */
  @property() accessor contentHash = '';
  @property() accessor background: PictureBackground = 'any';
  @property({ attribute: false }) accessor settings!: HeatmapSettings; // always set by the gallery
  @property({ attribute: false }) accessor prompts: readonly Prompt[] = [];
  @state() private accessor picture: BlobPicture | undefined;
  @state() private accessor bitmap: ImageBitmap | undefined;
  /** A heatmap, and the prompts and the method that it is for. */
  @state() private accessor reply:
    | {
        readonly heatmap: HeatmapReply;
        readonly prompts: readonly Prompt[];
        readonly method: HeatmapSettings['method'];
      }
    | undefined;
  @state() private accessor error = '';
  /** The values under the pointer, and where to show them. */
  @state() private accessor pointerValue: { readonly x: number; readonly y: number; readonly text: string } | undefined;
  #pictureRequest: AbortController | undefined;
  #heatmapRequest: AbortController | undefined;

  override disconnectedCallback(): void {
    this.#pictureRequest?.abort();
    this.#heatmapRequest?.abort();
    this.#releasePicture();
    super.disconnectedCallback();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const isEdited = this.contentHash !== '' && (changed.get('contentHash') ?? '') !== '';
    const isOther = changed.has('image') || changed.has('connection') || isEdited;
    if (isOther) this.reply = undefined;
    if (isOther || changed.has('background')) void this.#loadPicture();
    const before = changed.get('settings');
    const isOtherHeatmap =
      changed.has('settings') && (before?.on !== this.settings.on || before.method !== this.settings.method);
    if (isOther || changed.has('prompts') || isOtherHeatmap) void this.#loadHeatmap();
  }

  async #loadPicture(): Promise<void> {
    this.#pictureRequest?.abort();
    const controller = new AbortController();
    this.#pictureRequest = controller;
    this.#releasePicture();
    const { connection, image: id, background } = this;
    if (!connection || id < 0) return;
    try {
      const picture = await connection.call('picture', { id, side: PICTURE_SIDE, background }, controller.signal);
      const bitmap = picture.bytes && (await createImageBitmap(pictureBlob(picture.bytes)));
      if (controller.signal.aborted) {
        bitmap?.close();
        return;
      }
      this.picture = blobPicture(picture);
      this.bitmap = bitmap ?? undefined;
    } catch (error) {
      if (!isAbortError(error)) this.picture = { url: null, reason: messageOf(error) };
    }
  }

  #releasePicture(): void {
    releasePicture(this.picture);
    this.bitmap?.close();
    [this.picture, this.bitmap] = [undefined, undefined];
  }

  async #loadHeatmap(): Promise<void> {
    this.#heatmapRequest?.abort();
    const controller = new AbortController();
    this.#heatmapRequest = controller;
    this.error = '';
    const { connection, image: id, prompts } = this;
    const { on, method } = this.settings;
    if (prompts.length === 0) this.reply = undefined;
    if (!connection || id < 0 || !on || prompts.length === 0) return;
    try {
      const params = { id, method, prompts: [...prompts] };
      const heatmap = await connection.call('heatmap', params, controller.signal);
      this.reply = { heatmap, prompts, method };
    } catch (error) {
      if (isAbortError(error)) return;
      this.reply = undefined;
      this.error = messageOf(error);
    }
  }

  /** The pictures to show, each with the maps over it. */
  #panels(): readonly (readonly PromptMap[])[] {
    const { reply, settings } = this;
    // While the map of the other kind is loading, the old one is not shown, because its values have another meaning.
    if (!settings.on || reply?.method !== settings.method || reply.prompts.length === 0) return [[]];
    const maps = mapsOf(reply.heatmap, reply.prompts, settings);
    return isSeparate(settings) ? maps.map((map) => [map]) : [maps];
  }

  protected override updated(changed: PropertyValues): void {
    // Painting takes 0.1 seconds, too long for every move of the pointer.
    if (!['bitmap', 'reply', 'settings', 'picture'].some((name) => changed.has(name))) return;
    const { bitmap } = this;
    if (!bitmap || !this.settings.on) return;
    const panels = this.#panels();
    this.#canvases().forEach((canvas, i) => {
      paintInto(canvas, bitmap, panels[i] ?? [], this.settings);
    });
  }

  #canvases(): HTMLCanvasElement[] {
    return [...this.renderRoot.querySelectorAll('canvas')];
  }

  protected override render(): TemplateResult {
    const { settings } = this;
    const change = (part: Partial<HeatmapSettings>): void => {
      this.#change(part);
    };
    return html`<figure aria-label=${l10n.t('Picture')}>
      <div class="panels">${this.#panels().map((maps) => this.#renderPanel(maps))}</div>
      <div class="bar" role="group" aria-label=${l10n.t('Heatmap')}>
        <vscode-button
          id="heatmap"
          ?secondary=${!settings.on}
          aria-pressed=${settings.on}
          @click=${() => {
            change({ on: !settings.on });
          }}
          >${l10n.t('Heatmap')}</vscode-button
        >
        ${settings.on ? heatmapKinds(settings.method, change) : nothing}
      </div>
      ${
        settings.on
          ? heatmapControls({
              settings,
              prompts: this.prompts,
              canAddPrompt: this.prompts.length < MAX_PROMPTS,
              canExport: this.bitmap !== undefined,
              note: this.#note(),
              change,
              setPrompts: (prompts) => {
                this.#setPrompts(prompts);
              },
              exportPicture: () => void this.#export(),
            })
          : nothing
      }
      ${this.#renderPointerValue()}
      ${this.error === '' ? nothing : html`<p class="error" role="alert">${this.error}</p>`}
    </figure>`;
  }

  #renderPanel(maps: readonly PromptMap[]): TemplateResult {
    const { picture, settings } = this;
    if (picture?.url === null) return html`<p class="error">${picture.reason}</p>`;
    if (!picture) return html`<div class="waiting"><vscode-icon name="loading" spin></vscode-icon></div>`;
    const label = maps.map((map) => mapLabel(map, settings)).join('. ') || l10n.t('Picture');
    return html`<div class="panel">
      <div class="picture">
        ${
          settings.on
            ? html`<canvas
                role="img"
                aria-label=${label}
                @pointermove=${(event: PointerEvent) => {
                  this.#showPointerValue(event, maps);
                }}
                @pointerleave=${() => {
                  this.pointerValue = undefined;
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

  #renderPointerValue(): TemplateResult | typeof nothing {
    if (!this.settings.on || !this.pointerValue) return nothing;
    const { x, y, text } = this.pointerValue;
    return html`<div class="value" .style=${inlineStyle({ left: `${x}px`, top: `${y}px` })}>${text}</div>`;
  }

  #note(): string {
    if (this.reply) return mapNote(this.reply.heatmap, this.settings);
    return this.error === '' && this.prompts.length > 0
      ? l10n.t('Searching…')
      : l10n.t('Select a label or enter a prompt.');
  }

  #showPointerValue(event: PointerEvent, maps: readonly PromptMap[]): void {
    const canvas = event.currentTarget as HTMLCanvasElement;
    const box = canvas.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    const values = maps.map(({ prompt, grid }) => {
      const value = valueText(valueAt(grid, x, y, this.settings.cells), this.settings);
      return maps.length > 1 ? `${prompt.text} ${value}` : value;
    });
    this.pointerValue = { x: event.clientX + 12, y: event.clientY + 12, text: values.join(' · ') };
  }

  async #export(): Promise<void> {
    const { connection, image: id } = this;
    if (!connection) return;
    try {
      const background = getComputedStyle(this).getPropertyValue('--assetlens-between');
      const png = await exportedPng(this.#canvases(), this.#panels(), background, (value) =>
        valueText(value, this.settings),
      );
      await connection.call('savePicture', { id, png });
    } catch (error) {
      if (!isAbortError(error)) this.error = messageOf(error);
    }
  }

  #setPrompts(prompts: readonly Prompt[]): void {
    this.dispatchEvent(new CustomEvent('prompts', { detail: prompts }));
  }

  #change(part: Partial<HeatmapSettings>): void {
    const detail = { ...this.settings, ...part };
    this.dispatchEvent(new CustomEvent<HeatmapSettings>('heatmap-settings', { detail }));
  }

  static override readonly styles = heatmapViewStyles;
}

declare global {
  interface HTMLElementTagNameMap {
    'assetlens-heatmap': HeatmapView;
  }
}
