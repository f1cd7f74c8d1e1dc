import * as l10n from '@vscode/l10n';
import { css, html, LitElement, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { inlineStyle } from '../dom/inlineStyle.ts';

/** Limits and steps of the position of the border, in percent. */
const LEAST = 10;
const MOST = 90;
const STEP = 2;
const LARGE_STEP = 10;

/**
 * Two panes side by side or stacked, with a border that the user moves by the pointer or by the keys of ARIA's
 * focusable separator (arrow keys, Home, End). The split layout of the elements library supports only the pointer.
 * Fires `view` with the position as `split`.
 */
@customElement('assetlens-split')
export class SplitPanes extends LitElement {
  /** Whether the second pane is below the first one, because the page is narrow. */
  @property({ type: Boolean, reflect: true }) accessor stacked = false;
  /** Whether the second pane is shown. */
  @property({ type: Boolean, reflect: true }) accessor open = false;
  /** Position of the border, in percent. */
  @property({ type: Number }) accessor position = 50;

  readonly #narrowPage = window.matchMedia('(max-width: 640px)');
  readonly #updateStacked = (): void => {
    this.stacked = this.#narrowPage.matches;
  };

  override connectedCallback(): void {
    super.connectedCallback();
    this.#updateStacked();
    this.#narrowPage.addEventListener('change', this.#updateStacked);
  }

  override disconnectedCallback(): void {
    this.#narrowPage.removeEventListener('change', this.#updateStacked);
    super.disconnectedCallback();
  }

  protected override render(): TemplateResult {
    const { position, stacked } = this;
    const tracks = this.open
      ? `minmax(160px, ${position}fr) 4px minmax(${stacked ? 160 : 290}px, ${100 - position}fr)`
      : '1fr';
    return html`<div
      class="panes"
      .style=${inlineStyle({ [stacked ? 'grid-template-rows' : 'grid-template-columns']: tracks })}
    >
      <div id="start" class="pane"><slot name="start"></slot></div>
      <div
        class="border"
        role="separator"
        tabindex=${this.open ? 0 : -1}
        ?hidden=${!this.open}
        aria-label=${l10n.t('Size of the detail pane')}
        aria-orientation=${stacked ? 'horizontal' : 'vertical'}
        aria-controls="start"
        aria-valuemin=${LEAST}
        aria-valuemax=${MOST}
        aria-valuenow=${Math.round(position)}
        @keydown=${this.#keyPressed}
        @mousedown=${preventDrag}
        @pointerdown=${this.#pressed}
        @pointermove=${this.#dragged}
        @pointerup=${this.#dragged}
      ></div>
      <div class="pane" ?hidden=${!this.open}><slot name="end"></slot></div>
    </div>`;
  }

  readonly #keyPressed = (event: KeyboardEvent): void => {
    const [less, more] = this.stacked ? ['ArrowUp', 'ArrowDown'] : ['ArrowLeft', 'ArrowRight'];
    const step = event.shiftKey ? LARGE_STEP : STEP;
    if (event.key === less) this.#move(this.position - step);
    else if (event.key === more) this.#move(this.position + step);
    else if (event.key === 'Home') this.#move(LEAST);
    else if (event.key === 'End') this.#move(MOST);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  readonly #pressed = (event: PointerEvent): void => {
    if (event.button !== 0) return;
    const border = event.currentTarget as HTMLElement;
    border.setPointerCapture(event.pointerId);
    border.focus();
  };

  readonly #dragged = (event: PointerEvent): void => {
    if (!(event.currentTarget as HTMLElement).hasPointerCapture(event.pointerId)) return;
    const { left, top, width, height } = this.getBoundingClientRect();
    this.#move(100 * (this.stacked ? (event.clientY - top) / height : (event.clientX - left) / width));
  };

  #move(position: number): void {
    this.dispatchEvent(new CustomEvent('view', { detail: { split: Math.max(LEAST, Math.min(MOST, position)) } }));
  }

  static override readonly styles = css`
    :host {
      display: block;
    }
    .panes {
      display: grid;
      height: 100%;
    }
    :host(:not([stacked])) .panes {
      grid-template-rows: 100%;
    }
    :host([stacked]) .panes {
      grid-template-columns: 100%;
    }
    .pane {
      min-width: 0;
      min-height: 0;
      overflow: hidden;
    }
    [hidden] {
      display: none;
    }
    .border {
      position: relative;
      z-index: 1;
      cursor: ew-resize;
      touch-action: none;
      border-inline-start: 1px solid var(--vscode-editorGroup-border, var(--vscode-contrastBorder, transparent));
    }
    :host([stacked]) .border {
      cursor: ns-resize;
      border-inline-start: none;
      border-block-start: 1px solid var(--vscode-editorGroup-border, var(--vscode-contrastBorder, transparent));
    }
    /* A larger target for the pointer than the visible border. */
    .border::after {
      content: '';
      position: absolute;
      inset: -2px;
    }
    .border:hover,
    .border:active {
      background: var(--vscode-sash-hoverBorder);
    }
    .border:focus-visible {
      background: var(--vscode-focusBorder);
      outline: none;
    }
  `;
}

/** When the border moves away from the pointer, the browser would start to drag the picture below it. */
function preventDrag(event: MouseEvent): void {
  event.preventDefault();
}

declare global {
  interface HTMLElementTagNameMap {
    'assetlens-split': SplitPanes;
  }
}
