import * as l10n from '@vscode/l10n';
import { html, type TemplateResult } from 'lit';
import { HEATMAP_KINDS, type Prompt } from '../../protocol.ts';
import { choiceOf } from '../controls/choiceOf.ts';
import { select } from '../controls/select.ts';
import { valueOf } from '../controls/valueOf.ts';
import { COLOUR_MAPS, type HeatmapSettings } from '../gallery/savedState.ts';
import { hasColourMap } from './hasColourMap.ts';

type Change = (part: Partial<HeatmapSettings>) => void;

/** The buttons for the kinds of heatmap. */
export function heatmapKinds(method: HeatmapSettings['method'], change: Change): TemplateResult {
  const titles = {
    where: l10n.t('Shows which parts match the prompt better than the background prompts'),
    why: l10n.t('Shows how much each part increases or decreases the similarity'),
  };
  const names = { where: l10n.t('Where'), why: l10n.t('Why') };
  return html`<span class="kinds">
    ${HEATMAP_KINDS.map(
      (kind) =>
        html`<vscode-button
          ?secondary=${method !== kind}
          aria-pressed=${method === kind}
          title=${titles[kind]}
          @click=${() => {
            change({ method: kind });
          }}
          >${names[kind]}</vscode-button
        >`,
    )}
  </span>`;
}

export interface HeatmapControls {
  readonly settings: HeatmapSettings;
  readonly prompts: readonly Prompt[];
  readonly canAddPrompt: boolean;
  readonly canExport: boolean;
  /** A sentence about the heatmap. */
  readonly note: string;
  readonly change: Change;
  readonly setPrompts: (prompts: readonly Prompt[]) => void;
  readonly exportPicture: () => void;
}

/** The prompts of the heatmap, and the settings of its appearance. */
export function heatmapControls(controls: HeatmapControls): TemplateResult {
  const { settings, canExport, note, change, exportPicture } = controls;
  return html`<div class="controls">
    ${promptControls(controls)}
    <div class="options">
      ${select({
        label: l10n.t('Colours'),
        options: COLOUR_MAPS.map((value) => [value, value]),
        value: settings.colours,
        disabled: !hasColourMap(settings, controls.prompts.length),
        changed: (value) => {
          change({ colours: choiceOf(COLOUR_MAPS, value) });
        },
      })}
      <label
        >${l10n.t('Opacity')}<input
          type="range"
          min="0.1"
          max="1"
          step="0.05"
          .value=${String(settings.opacity)}
          @input=${(event: Event) => {
            change({ opacity: Number(valueOf(event)) });
          }}
      /></label>
      ${checkbox(l10n.t('Show cells'), settings.cells, (cells) => {
        change({ cells });
      })}
      ${checkbox(l10n.t('Relative colours'), settings.relative, (relative) => {
        change({ relative });
      })}
      ${checkbox(l10n.t('Side by side'), settings.sideBySide, (sideBySide) => {
        change({ sideBySide });
      })}
      <vscode-button secondary icon="export" ?disabled=${!canExport} @click=${exportPicture}
        >${l10n.t('Export PNG')}</vscode-button
      >
    </div>
    <p class="note">${note}</p>
  </div>`;
}

function promptControls({ prompts, canAddPrompt, setPrompts }: HeatmapControls): TemplateResult {
  const keyPressed = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter') return;
    const field = event.currentTarget as HTMLElement & { value: string };
    const text = field.value.trim();
    if (text === '') return;
    field.value = '';
    // The same prompt twice would share its probability.
    if (!prompts.some((prompt) => prompt.text === text)) setPrompts([...prompts, { text, set: null }]);
  };
  return html`<div class="prompts">
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
              setPrompts(prompts.filter((other) => other !== prompt));
            }}
          ></vscode-icon
        ></span>`,
    )}
    <vscode-textfield
      id="prompt"
      .label=${l10n.t('Prompt')}
      placeholder=${l10n.t('Enter a prompt, then press Enter')}
      ?disabled=${!canAddPrompt}
      @keydown=${keyPressed}
    ></vscode-textfield>
  </div>`;
}

function checkbox(label: string, isChecked: boolean, changed: (isChecked: boolean) => void): TemplateResult {
  return html`<vscode-checkbox
    .checked=${isChecked}
    label=${label}
    @change=${(event: Event) => {
      changed((event.target as HTMLElement & { checked: boolean }).checked);
    }}
  ></vscode-checkbox>`;
}
