import * as l10n from '@vscode/l10n';
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { classMap } from 'lit/directives/class-map.js';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import type { LabelScore, Prompt } from '../../protocol.ts';
import { exactPercent, percent } from '../../../base/format.ts';
import { valueOf } from '../controls/valueOf.ts';
import { inlineStyle } from '../dom/inlineStyle.ts';
import { keepOrder } from './keepOrder.ts';

/** Number of labels in the short list. */
const LISTED = 12;
/** The first labels have a digit as their key. */
const DIGITS = 9;

/** A manual tag that the user sets. */
export interface Correction {
  readonly label: string;
  /** Whether the image has the label; null removes the manual tag. */
  readonly holds: boolean | null;
}

/**
 * The scores of all labels of an image as bars, with their thresholds. A digit key corrects a tag, or removes the
 * correction.
 */
@customElement('assetlens-labels')
export class LabelBars extends LitElement {
  /** The image. The labels keep their order while it is the same, so that a key means the same label. */
  @property({ type: Number }) accessor image = -1;
  @property({ attribute: false }) accessor scores: readonly LabelScore[] = [];
  /** The labels whose heatmap is shown. */
  @property({ attribute: false }) accessor mapped: readonly Prompt[] = [];
  @state() private accessor isComplete = false;
  /** The text to find labels by. */
  @state() private accessor text = '';
  #ordered: readonly LabelScore[] = [];
  /** The label that was corrected last. Screen readers announce its new state. */
  #corrected = '';

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('image')) {
      this.#ordered = [];
      this.#corrected = '';
    }
    if (changed.has('image') || changed.has('scores')) this.#ordered = keepOrder(this.#ordered, this.scores, keyOf);
  }

  /** Corrects the tag of a label by its digit, 1 to 9. @returns whether there is such a label */
  correct(digit: number): boolean {
    const score = this.#listed()[digit - 1];
    if (!score) return false;
    const { label, manual, holds } = score;
    this.#correct({ label, holds: manual === null ? !holds : null });
    return true;
  }

  protected override render(): TemplateResult {
    const listed = this.#listed();
    const corrected = this.scores.find(({ label }) => label === this.#corrected);
    return html`<section aria-label=${l10n.t('Labels')}>
      <div class="head">
        <h3>${l10n.t('Labels')}</h3>
        ${
          this.scores.length > LISTED
            ? html`<vscode-textfield
                type="search"
                .label=${l10n.t('Find a label')}
                placeholder=${l10n.t('Find a label')}
                .value=${this.text}
                @input=${(event: Event) => {
                  this.text = valueOf(event);
                }}
              ></vscode-textfield>`
            : nothing
        }
      </div>
      <ol>
        ${repeat(listed, keyOf, (score, i) => this.#renderScore(score, i))}
      </ol>
      <p class="screen-reader" role="status">${corrected ? `${corrected.label}: ${stateText(corrected)}` : ''}</p>
      ${
        this.scores.length > LISTED && this.text === ''
          ? html`<vscode-button
              secondary
              id="all-labels"
              @click=${() => {
                this.isComplete = !this.isComplete;
              }}
              >${this.isComplete ? l10n.t('Show fewer') : l10n.t('Show all {0} labels', this.scores.length)}</vscode-button
            >`
          : nothing
      }
    </section>`;
  }

  #listed(): readonly LabelScore[] {
    const text = this.text.trim().toLowerCase();
    if (text !== '') return this.#ordered.filter(({ set, label }) => `${set} ${label}`.toLowerCase().includes(text));
    return this.isComplete ? this.#ordered : this.#ordered.slice(0, LISTED);
  }

  #renderScore(score: LabelScore, index: number): TemplateResult {
    const { label, set, holds, manual, threshold, prompts } = score;
    const state = stateText(score);
    const isMapped = this.mapped.some((prompt) => prompt.set === set && prompt.text === label);
    const digit = index < DIGITS && this.text === '' ? String(index + 1) : '';
    const promptsText = l10n.t('Prompts: {0}', prompts.join(' · '));
    const keepTitle = manual === true ? l10n.t('Undo') : l10n.t('Confirm "{0}"', label);
    const removeTitle = manual === false ? l10n.t('Undo') : l10n.t('Reject "{0}"', label);
    return html`<li class=${classMap({ holds, rejected: manual === false })}>
      <span class="key" aria-hidden="true">${digit}</span>
      <button
        class=${classMap({ name: true, mapped: isMapped })}
        aria-pressed=${isMapped}
        title="${l10n.t('Show in Heatmap')}&#10;${promptsText}"
        aria-label=${l10n.t('{0}, {1}: show in heatmap', label, state)}
        @click=${() => {
          this.dispatchEvent(new CustomEvent<Prompt>('map-label', { detail: { text: label, set } }));
        }}
      >
        ${label}
      </button>
      <span
        class="bar"
        role="meter"
        aria-label=${label}
        aria-valuemin="0"
        aria-valuemax="100"
        aria-valuenow=${Math.round(100 * score.score)}
        aria-valuetext=${l10n.t('{0}; threshold {1}', percent(score.score), exactPercent(threshold))}
        title=${l10n.t('{0}; threshold {1}', percent(score.score), exactPercent(threshold))}
      >
        <span class="fill" .style=${inlineStyle({ width: `${100 * score.score}%` })}></span>
        <span class="threshold" .style=${inlineStyle({ left: `${100 * threshold}%` })}></span>
      </span>
      <span class="score">${state}</span>
      <vscode-toolbar-button
        icon="check"
        toggleable
        .checked=${live(manual === true)}
        label=${keepTitle}
        title=${digit === '' || holds ? keepTitle : l10n.t('{0} ({1})', keepTitle, digit)}
        @click=${() => {
          this.#correct({ label, holds: manual === true ? null : true });
        }}
      ></vscode-toolbar-button>
      <vscode-toolbar-button
        icon="close"
        toggleable
        .checked=${live(manual === false)}
        label=${removeTitle}
        title=${digit === '' || !holds ? removeTitle : l10n.t('{0} ({1})', removeTitle, digit)}
        @click=${() => {
          this.#correct({ label, holds: manual === false ? null : false });
        }}
      ></vscode-toolbar-button>
    </li>`;
  }

  #correct(detail: Correction): void {
    this.#corrected = detail.label;
    this.dispatchEvent(new CustomEvent<Correction>('correct', { detail }));
  }

  static override readonly styles = css`
    .head {
      display: flex;
      align-items: center;
      gap: 12px;
    }
    .head vscode-textfield {
      width: 140px;
    }
    h3 {
      font-size: 13px;
      font-weight: 600;
      margin: 8px 0;
    }
    ol {
      list-style: none;
      margin: 0 0 8px;
      padding: 0;
    }
    li {
      display: grid;
      grid-template-columns: 12px minmax(70px, 130px) minmax(40px, 1fr) 56px 22px 22px;
      align-items: center;
      gap: 6px;
      min-height: 24px;
    }
    .key {
      color: var(--vscode-descriptionForeground);
      font-size: 11px;
      text-align: right;
    }
    .name {
      font: inherit;
      text-align: left;
      padding: 1px 4px;
      border: 1px solid transparent;
      border-radius: 3px;
      background: none;
      color: inherit;
      cursor: pointer;
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    .name:hover {
      background: var(--vscode-toolbar-hoverBackground);
    }
    .name:focus-visible {
      outline: 1px solid var(--vscode-focusBorder);
    }
    .holds .name {
      font-weight: 600;
    }
    .rejected .name {
      text-decoration: line-through;
    }
    .name.mapped {
      background: var(--vscode-inputOption-activeBackground);
      border-color: var(--vscode-inputOption-activeBorder, transparent);
    }
    .bar {
      position: relative;
      height: 10px;
      border-radius: 2px;
      background: var(--vscode-editorWidget-background);
      border: 1px solid var(--vscode-contrastBorder, var(--vscode-widget-border, transparent));
    }
    .fill {
      position: absolute;
      inset: 0 auto 0 0;
      border-radius: 1px;
      background: var(--vscode-descriptionForeground);
      opacity: 0.6;
    }
    .holds .fill {
      background: var(--vscode-progressBar-background, var(--vscode-charts-blue));
      opacity: 1;
    }
    .threshold {
      position: absolute;
      top: -3px;
      bottom: -3px;
      width: 2px;
      margin-left: -1px;
      background: var(--vscode-foreground);
    }
    .score {
      text-align: right;
      font-variant-numeric: tabular-nums;
      white-space: nowrap;
    }
    .screen-reader {
      position: absolute;
      clip-path: inset(50%);
      width: 1px;
      height: 1px;
      margin: 0;
      overflow: hidden;
    }
  `;
}

function keyOf({ set, label }: LabelScore): string {
  return JSON.stringify([set, label]);
}

/** The state of a label: its manual tag, or its score. */
function stateText({ manual, score }: LabelScore): string {
  if (manual === null) return percent(score);
  return manual ? l10n.t('manual') : l10n.t('rejected');
}

declare global {
  interface HTMLElementTagNameMap {
    'assetlens-labels': LabelBars;
  }
}
