import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import type { Prompt, SavedState } from '../protocol.ts';
import { isAbort, type Connection } from './connection.ts';
import { shownPicture, type Shown } from './pictures.ts';

@customElement('assetlens-heatmap')
export class HeatmapView extends LitElement {
  @property({ attribute: false }) accessor connection: Connection | undefined;
  @property({ type: Number }) accessor image = -1;
  @property({ type: Number }) accessor generation = 0;
  @property() accessor ground: SavedState['ground'] = 'checkered';
  @property({ attribute: false }) accessor settings!: SavedState['heatmap'];
  @property({ attribute: false }) accessor prompts: readonly Prompt[] = [];
  @state() private accessor picture: Shown | undefined;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('image') || changed.has('connection')) void this.#load();
  }
  async #load(): Promise<void> {
    try {
      const p = await this.connection?.ask({ kind: 'picture', id: this.image, side: 1024 });
      if (p) this.picture = shownPicture(p);
    } catch (error) {
      if (!isAbort(error)) throw error;
    }
  }
  protected override render(): TemplateResult | typeof nothing {
    return html`${this.picture?.url ? html`<img src=${this.picture.url} alt="" />` : nothing}`;
  }
  static override readonly styles = css`
    img {
      max-width: 100%;
      background: var(--assetlens-ground);
    }
  `;
}
