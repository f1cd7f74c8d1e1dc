import * as l10n from '@vscode/l10n';
import { html, nothing, type TemplateResult } from 'lit';
import type { ToPage } from '../protocol.ts';

type Part = TemplateResult | typeof nothing;

/** Something to know, above the images. */
export function noticeLine(text: string): Part {
  return text === '' ? nothing : html`<div class="notice" role="status">${text}</div>`;
}

/** What the indexer does. */
export function indexingLine(progress: Extract<ToPage, { type: 'indexing' }>['progress']): Part {
  if (!progress) return nothing;
  const { message, percent } = progress;
  // Its bar is there for screen readers, too; to be told of every image would be no help.
  return html`<div class="indexing">
    <vscode-progress-bar .value=${percent} ?indeterminate=${percent === 0} aria-label=${message}></vscode-progress-bar>
    <span aria-hidden="true">${message}</span>
  </div>`;
}

/** What went wrong, until it is closed. */
export function problemLine(problem: string, closed: () => void): Part {
  if (problem === '') return nothing;
  return html`<div class="problem" role="alert">
    <span>${problem}</span>
    <vscode-toolbar-button
      icon="close"
      label=${l10n.t('Close')}
      title=${l10n.t('Close')}
      @click=${closed}
    ></vscode-toolbar-button>
  </div>`;
}

/** In place of the grid: why there is none. */
export function insteadOfGrid(kind: 'error' | 'info' | 'loading', text: string, more = ''): TemplateResult {
  return html`<div class="empty" role=${kind === 'error' ? 'alert' : 'status'}>
    <vscode-icon name=${kind} size="24" ?spin=${kind === 'loading'} aria-hidden="true"></vscode-icon>
    <p>${text}</p>
    ${more === '' ? nothing : html`<p>${more}</p>`}
  </div>`;
}

/** In place of the grid: why it is empty, and what to do about it. */
export function emptyGrid(text: string, button: { id: string; title: string; pressed: () => void }): TemplateResult {
  return html`<div class="empty">
    <p>${text}</p>
    <vscode-button id=${button.id} @click=${button.pressed}>${button.title}</vscode-button>
  </div>`;
}
