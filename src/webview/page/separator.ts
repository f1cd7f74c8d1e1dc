import * as l10n from '@vscode/l10n';
import { html, type TemplateResult } from 'lit';

/** Per cent of the gallery that the grid may take beside an open detail pane. */
const LEAST = 10;
const MOST = 90;
const STEP = 2;

export function boundedSplit(percent: number): number {
  return Math.max(LEAST, Math.min(MOST, percent));
}

/**
 * What the handle between grid and detail pane lacks: a stop of the tab key where the arrows, Home and End move it (ARIA's window
 * splitter). `split` in per cent; `narrow`: the panes lie one above the other.
 */
export function separator(split: number, narrow: boolean, move: (split: number) => void): TemplateResult {
  const [less, more] = narrow ? ['ArrowUp', 'ArrowDown'] : ['ArrowLeft', 'ArrowRight'];
  const targets: Readonly<Record<string, number>> = {
    [less]: split - STEP,
    [more]: split + STEP,
    Home: LEAST,
    End: MOST,
  };
  const pressed = (event: KeyboardEvent): void => {
    const target = targets[event.key];
    if (target === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    move(boundedSplit(target));
  };
  return html`<div
    class=${narrow ? 'separator across' : 'separator'}
    role="separator"
    tabindex="0"
    aria-label=${l10n.t('Size of the grid beside the details')}
    aria-orientation=${narrow ? 'horizontal' : 'vertical'}
    aria-valuemin=${LEAST}
    aria-valuemax=${MOST}
    aria-valuenow=${Math.round(split)}
    @keydown=${pressed}
  ></div>`;
}
