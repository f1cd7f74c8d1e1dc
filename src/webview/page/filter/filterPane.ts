import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { everything, LABEL_MODES, SIZES, TAGGINGS, type Arrangement, type Choices } from '../../protocol.ts';
import { choiceOf } from '../controls/choiceOf.ts';
import { select, type Select } from '../controls/select.ts';
import { valueOf } from '../controls/valueOf.ts';
import './colourFilter.ts';
import { filterPaneStyles } from './filterPaneStyles.ts';

/** Maximum number of labels in the list. The user finds others by typing. */
const MAX_LABELS = 60;

type Label = Arrangement['labels'][number];

/** The number of filters that are set. */
export function countFilters(arrangement: Arrangement): number {
  const { labels, tagging, score, formats, size, colours, folder } = arrangement;
  const areSet = [
    labels.length > 0,
    tagging !== 'all',
    score.least > 0 || score.most < 1,
    formats.length > 0,
    size !== 'all',
    colours.length > 0,
    folder !== '',
  ];
  return areSet.filter(Boolean).length;
}

/** An arrangement's filters, unset. */
const NO_FILTERS: Partial<Arrangement> = {
  labels: everything.labels,
  labelMode: everything.labelMode,
  tagging: everything.tagging,
  score: everything.score,
  formats: everything.formats,
  size: everything.size,
  colours: everything.colours,
  folder: everything.folder,
};

/** The filters by label, score, type, size and folder. Fires `arrange` with the changed part of the arrangement. */
@customElement('assetlens-filters')
export class FilterPane extends LitElement {
  @property({ attribute: false }) accessor arrangement: Arrangement = everything;
  @property({ attribute: false }) accessor choices: Choices | undefined;
  /** The text to find labels by. */
  @state() private accessor labelText = '';

  protected override render(): TemplateResult {
    const { arrangement, choices } = this;
    return html`<section aria-label=${l10n.t('Filters')}>
      <div class="head">
        <h2>${l10n.t('Filters')}</h2>
        <vscode-button
          secondary
          id="reset"
          ?disabled=${countFilters(arrangement) === 0}
          @click=${() => {
            this.#emit(NO_FILTERS);
          }}
          >${l10n.t('Reset')}</vscode-button
        >
      </div>
      ${this.#renderSelect({
        label: l10n.t('Tags'),
        options: TAGGINGS.map((value) => [value, taggingName(value)]),
        value: arrangement.tagging,
        changed: (value) => {
          this.#emit({ tagging: choiceOf(TAGGINGS, value) });
        },
      })}
      ${this.#renderLabels(choices?.labels ?? [])}
      <div class="field" role="group" aria-label=${l10n.t('Confidence')}>
        <span class="name">${l10n.t('Confidence')}</span>
        <div class="range">
          ${this.#renderPercent('least', l10n.t('Minimum in percent'))} –
          ${this.#renderPercent('most', l10n.t('Maximum in percent'))} %
        </div>
      </div>
      <div class="field" role="group" aria-label=${l10n.t('Type')}>
        <span class="name">${l10n.t('Type')}</span>
        ${(choices?.formats ?? []).map(({ format, images }) => this.#renderFormat(format, images))}
      </div>
      <div class="field" role="group" aria-label=${l10n.t('Colour')}>
        <span class="name">${l10n.t('Colour')}</span>
        <assetlens-colours
          .chosen=${arrangement.colours}
          @colours=${({ detail }: CustomEvent<Arrangement['colours']>) => {
            this.#emit({ colours: detail });
          }}
        ></assetlens-colours>
      </div>
      <vscode-checkbox
        class="field"
        .checked=${arrangement.stacked}
        label=${l10n.t('Stack Copies and Sizes')}
        @change=${() => {
          this.#emit({ stacked: !arrangement.stacked, opened: [] });
        }}
      ></vscode-checkbox>
      ${this.#renderSelect({
        label: l10n.t('Longest Side'),
        options: SIZES.map((value) => [value, sizeName(value)]),
        value: arrangement.size,
        changed: (value) => {
          this.#emit({ size: choiceOf(SIZES, value) });
        },
      })}
      ${this.#renderSelect({
        label: l10n.t('Folder'),
        options: [
          ['', l10n.t('All folders')],
          ...(choices?.folders ?? []).map(
            ({ key, title, images }) => [key, `${title} (${images.toLocaleString()})`] as const,
          ),
        ],
        value: arrangement.folder,
        combobox: true,
        changed: (value) => {
          this.#emit({ folder: value });
        },
      })}
    </section>`;
  }

  #renderLabels(all: Choices['labels']): TemplateResult {
    const { labels, labelMode } = this.arrangement;
    const text = this.labelText.trim().toLowerCase();
    const several = new Set(all.map(({ set }) => set)).size > 1;
    const isChosen = (label: Label): boolean => labels.some((chosen) => isSameLabel(chosen, label));
    const matching = all.filter(
      (label) => isChosen(label) || `${label.set} ${label.label}`.toLowerCase().includes(text),
    );
    // The chosen labels first, then those of most images.
    const ordered = matching.toSorted((a, b) => Number(isChosen(b)) - Number(isChosen(a)) || b.images - a.images);
    const listed = ordered.slice(0, MAX_LABELS);
    return html`<div class="field" role="group" aria-label=${l10n.t('Labels')}>
      <span class="name">${l10n.t('Labels')}</span>
      ${select({
        label: l10n.t('Labels'),
        options: LABEL_MODES.map((value) => [value, labelModeName(value)]),
        value: labelMode,
        changed: (value) => {
          this.#emit({ labelMode: choiceOf(LABEL_MODES, value) });
        },
      })}
      <vscode-textfield
        type="search"
        .label=${l10n.t('Find a label')}
        placeholder=${l10n.t('Find a label')}
        .value=${this.labelText}
        @input=${(event: Event) => {
          this.labelText = valueOf(event);
        }}
      ></vscode-textfield>
      <div class="labels">
        ${repeat(
          listed,
          ({ set, label }) => JSON.stringify([set, label]),
          ({ set, label, images }) =>
            html`<vscode-checkbox
              .checked=${isChosen({ set, label })}
              label=${`${several && set !== '' ? `${set}: ` : ''}${label} (${images.toLocaleString()})`}
              @change=${() => {
                const others = labels.filter((chosen) => !isSameLabel(chosen, { set, label }));
                this.#emit({ labels: others.length < labels.length ? others : [...labels, { set, label }] });
              }}
            ></vscode-checkbox>`,
        )}
        ${ordered.length > MAX_LABELS ? html`<p class="more">${l10n.t('{0} more labels. Type to filter.', (ordered.length - MAX_LABELS).toLocaleString())}</p>` : nothing}
      </div>
    </div>`;
  }

  #renderFormat(format: string, images: number): TemplateResult {
    const { formats } = this.arrangement;
    return html`<vscode-checkbox
      .checked=${formats.includes(format)}
      label=${`${format} (${images.toLocaleString()})`}
      @change=${() => {
        const others = formats.filter((other) => other !== format);
        this.#emit({ formats: others.length < formats.length ? others : [...formats, format] });
      }}
    ></vscode-checkbox>`;
  }

  #renderPercent(end: 'least' | 'most', label: string): TemplateResult {
    const { score } = this.arrangement;
    return html`<vscode-textfield
      type="number"
      min="0"
      max="100"
      step="5"
      .label=${label}
      title=${label}
      .value=${String(Math.round(100 * score[end]))}
      @change=${(event: Event) => {
        const percent = Number(valueOf(event));
        const value = Math.min(1, Math.max(0, (Number.isFinite(percent) ? percent : 0) / 100));
        this.#emit({ score: { ...score, [end]: value } });
      }}
    ></vscode-textfield>`;
  }

  #renderSelect(options: Select): TemplateResult {
    return html`<div class="field"><span class="name">${options.label}</span>${select(options)}</div>`;
  }

  #emit(detail: Partial<Arrangement>): void {
    this.dispatchEvent(new CustomEvent('arrange', { detail }));
  }

  static override readonly styles = filterPaneStyles;
}

function isSameLabel(a: Label, b: Label): boolean {
  return a.set === b.set && a.label === b.label;
}

function labelModeName(mode: Arrangement['labelMode']): string {
  switch (mode) {
    case 'any':
      return l10n.t('Any of');
    case 'all':
      return l10n.t('All of');
    case 'none':
      return l10n.t('None of');
  }
}

function taggingName(tagging: Arrangement['tagging']): string {
  switch (tagging) {
    case 'all':
      return l10n.t('All images');
    case 'tagged':
      return l10n.t('Tagged');
    case 'manual':
      return l10n.t('Tagged manually');
    case 'uncertain':
      return l10n.t('Uncertain');
    case 'untagged':
      return l10n.t('Untagged');
  }
}

function sizeName(size: Arrangement['size']): string {
  switch (size) {
    case 'all':
      return l10n.t('Any');
    case 'icon':
      return l10n.t('Up to {0} pixels', 64);
    case 'small':
      return l10n.t('{0} to {1} pixels', 65, 256);
    case 'medium':
      return l10n.t('{0} to {1} pixels', 257, 1024);
    case 'large':
      return l10n.t('More than {0} pixels', 1024);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'assetlens-filters': FilterPane;
  }
}
