import * as l10n from '@vscode/l10n';
import { css, html, LitElement, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { COLOURS, type Arrangement } from '../../protocol.ts';
import { inlineStyle } from '../dom/inlineStyle.ts';

type Colour = Arrangement['colours'][number];

/** The colour of each swatch. */
const SWATCHES: Readonly<Record<Colour, string>> = {
  red: '#e11d2e',
  orange: '#ff8c1a',
  yellow: '#f5c518',
  green: '#1a9e3c',
  cyan: '#19b5c4',
  blue: '#1f4fd8',
  purple: '#7b1fa2',
  pink: '#f06aa8',
  brown: '#7a4a21',
  black: '#000000',
  grey: '#8a8a8a',
  white: '#ffffff',
};

/** The filter by colour: a swatch for each colour. Fires `colours` with the chosen ones. */
@customElement('assetlens-colours')
export class ColourFilter extends LitElement {
  @property({ attribute: false }) accessor chosen: Arrangement['colours'] = [];

  protected override render(): TemplateResult {
    return html`${COLOURS.map((colour) => {
      const isChosen = this.chosen.includes(colour);
      return html`<button
        aria-pressed=${isChosen}
        aria-label=${colourName(colour)}
        title=${colourName(colour)}
        .style=${inlineStyle({ background: SWATCHES[colour] })}
        @click=${() => {
          const detail = isChosen ? this.chosen.filter((other) => other !== colour) : [...this.chosen, colour];
          this.dispatchEvent(new CustomEvent('colours', { detail }));
        }}
      ></button>`;
    })}`;
  }

  static override readonly styles = css`
    :host {
      display: flex;
      flex-wrap: wrap;
      gap: 6px;
    }
    button {
      width: 22px;
      height: 22px;
      padding: 0;
      border: 1px solid var(--vscode-contrastBorder, var(--vscode-descriptionForeground));
      border-radius: 50%;
      cursor: pointer;
      forced-color-adjust: none;
    }
    button[aria-pressed='true'],
    button:focus-visible {
      outline: 2px solid var(--vscode-focusBorder);
      outline-offset: 2px;
    }
  `;
}

function colourName(colour: Colour): string {
  switch (colour) {
    case 'red':
      return l10n.t('Red');
    case 'orange':
      return l10n.t('Orange');
    case 'yellow':
      return l10n.t('Yellow');
    case 'green':
      return l10n.t('Green');
    case 'cyan':
      return l10n.t('Cyan');
    case 'blue':
      return l10n.t('Blue');
    case 'purple':
      return l10n.t('Purple');
    case 'pink':
      return l10n.t('Pink');
    case 'brown':
      return l10n.t('Brown');
    case 'black':
      return l10n.t('Black');
    case 'grey':
      return l10n.t('Grey');
    case 'white':
      return l10n.t('White');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'assetlens-colours': ColourFilter;
  }
}
