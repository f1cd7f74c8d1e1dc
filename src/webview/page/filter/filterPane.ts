import * as l10n from '@vscode/l10n';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { everything, LABEL_MODES, SIZES, TAGGINGS, type Arrangement, type Choices } from '../../protocol.ts';
import { choiceOf } from '../controls/choiceOf.ts';
import { filterPaneStyles } from './filterPaneStyles.ts';

/** Labels that are listed at once; of more, what is typed finds the others. */
const LISTED = 60;

type Label = Arrangement['labels'][number];

/** How many filters are set. */
export function countFilters(arrangement: Arrangement): number {
  const { labels, tagging, score, formats, size, folder } = arrangement;
  const set = [
    labels.length > 0,
    tagging !== 'all',
    score.least > 0 || score.most < 1,
    formats.length > 0,
    size !== 'all',
    folder !== '',
  ];
  return set.filter(Boolean).length;
}

/** The filters, without query, grouping and order. */
const NO_FILTERS: Partial<Arrangement> = {
  labels: everything.labels,
  labelMode: everything.labelMode,
  tagging: everything.tagging,
  score: everything.score,
  formats: everything.formats,
  size: everything.size,
  folder: everything.folder,
};

/** Which images are shown: by label, score, type, size and folder. Tells "arrange" with what is to change. */
@customElement('assetlens-filters')
export class FilterPane extends LitElement {
  @property({ attribute: false }) accessor arrangement: Arrangement = everything;
  @property({ attribute: false }) accessor choices: Choices | undefined;
  @state() private accessor labelWords = '';

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
            this.#tell(NO_FILTERS);
          }}
          >${l10n.t('Reset')}</vscode-button
        >
      </div>
      ${this.#renderSelect(
        l10n.t('Tags'),
        TAGGINGS.map((value) => [value, taggingName(value)] as const),
        arrangement.tagging,
        (value) => {
          this.#tell({ tagging: choiceOf(TAGGINGS, value) });
        },
      )}
      ${this.#renderLabels(choices?.labels ?? [])}
      <div class="field" role="group" aria-label=${l10n.t('Confidence')}>
        <span class="name">${l10n.t('Confidence')}</span>
        <div class="range">
          ${this.#renderPercent('least', l10n.t('From, in percent'))} –
          ${this.#renderPercent('most', l10n.t('To, in percent'))} %
        </div>
      </div>
      <div class="field" role="group" aria-label=${l10n.t('Type')}>
        <span class="name">${l10n.t('Type')}</span>
        ${(choices?.formats ?? []).map(({ format, images }) => this.#renderFormat(format, images))}
      </div>
      ${this.#renderSelect(
        l10n.t('Longest side'),
        SIZES.map((value) => [value, sizeName(value)] as const),
        arrangement.size,
        (value) => {
          this.#tell({ size: choiceOf(SIZES, value) });
        },
      )}
      ${this.#renderSelect(
        l10n.t('Folder'),
        [
          ['', l10n.t('All folders')],
          ...(choices?.folders ?? []).map(
            ({ key, title, images }) => [key, `${title} (${images.toLocaleString()})`] as const,
          ),
        ],
        arrangement.folder,
        (value) => {
          this.#tell({ folder: value });
        },
        true,
      )}
    </section>`;
  }

  #renderLabels(all: Choices['labels']): TemplateResult {
    const { labels, labelMode } = this.arrangement;
    const words = this.labelWords.trim().toLowerCase();
    const several = new Set(all.map(({ set }) => set)).size > 1;
    const isChosen = (label: Label): boolean =>
      labels.some((one) => one.set === label.set && one.label === label.label);
    const matching = all.filter((one) => isChosen(one) || `${one.set} ${one.label}`.toLowerCase().includes(words));
    // What is chosen first, then what most images have.
    const ordered = matching.toSorted((a, b) => Number(isChosen(b)) - Number(isChosen(a)) || b.images - a.images);
    const listed = ordered.slice(0, LISTED);
    return html`<div class="field" role="group" aria-label=${l10n.t('Labels')}>
      <span class="name">${l10n.t('Labels')}</span>
      ${this.#renderBareSelect(
        l10n.t('Labels'),
        LABEL_MODES.map((value) => [value, labelModeName(value)] as const),
        labelMode,
        (value) => {
          this.#tell({ labelMode: choiceOf(LABEL_MODES, value) });
        },
      )}
      <vscode-textfield
        type="search"
        .label=${l10n.t('Find a label')}
        placeholder=${l10n.t('Find a label')}
        .value=${this.labelWords}
        @input=${(event: Event) => {
          this.labelWords = (event.target as HTMLElement & { value: string }).value;
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
                const others = labels.filter((one) => one.set !== set || one.label !== label);
                this.#tell({ labels: others.length < labels.length ? others : [...labels, { set, label }] });
              }}
            ></vscode-checkbox>`,
        )}
        ${ordered.length > LISTED ? html`<p class="more">${l10n.t('{0} more: type to find them', (ordered.length - LISTED).toLocaleString())}</p>` : nothing}
      </div>
    </div>`;
  }

  #renderFormat(format: string, images: number): TemplateResult {
    const { formats } = this.arrangement;
    return html`<vscode-checkbox
      .checked=${formats.includes(format)}
      label=${`${format} (${images.toLocaleString()})`}
      @change=${() => {
        const others = formats.filter((one) => one !== format);
        this.#tell({ formats: others.length < formats.length ? others : [...formats, format] });
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
        const typed = Number((event.target as HTMLElement & { value: string }).value);
        const value = Math.min(1, Math.max(0, (Number.isFinite(typed) ? typed : 0) / 100));
        this.#tell({ score: { ...score, [end]: value } });
      }}
    ></vscode-textfield>`;
  }

  #renderSelect(
    label: string,
    options: readonly (readonly [value: string, name: string])[],
    value: string,
    changed: (value: string) => void,
    combobox = false,
  ): TemplateResult {
    return html`<div class="field">
      <span class="name">${label}</span>${this.#renderBareSelect(label, options, value, changed, combobox)}
    </div>`;
  }

  #renderBareSelect(
    label: string,
    options: readonly (readonly [value: string, name: string])[],
    value: string,
    changed: (value: string) => void,
    combobox = false,
  ): TemplateResult {
    return html`<vscode-single-select
      label=${label}
      ?combobox=${combobox}
      filter="contains"
      .options=${options.map(([key, name]) => ({ value: key, label: name, selected: key === value, description: '', disabled: false }))}
      .value=${value}
      @change=${(event: Event) => {
        changed((event.target as HTMLElement & { value: string }).value);
      }}
    ></vscode-single-select>`;
  }

  #tell(detail: Partial<Arrangement>): void {
    this.dispatchEvent(new CustomEvent('arrange', { detail }));
  }

  static override readonly styles = filterPaneStyles;
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
      return l10n.t('Tagged by hand');
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
