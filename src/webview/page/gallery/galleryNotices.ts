import * as l10n from '@vscode/l10n';
import { html, nothing, type TemplateResult } from 'lit';
import type { Arranged, IndexingProgress } from '../../protocol.ts';

type Part = TemplateResult | typeof nothing;

/** A note above the images. */
export function noticeLine(...texts: readonly string[]): Part {
  const text = texts.filter(Boolean).join('\n');
  return text === '' ? nothing : html`<div class="notice" role="status">${text}</div>`;
}

/** The progress of the indexer. */
export function indexingLine(progress: IndexingProgress): Part {
  if (!progress) return nothing;
  const { message, percent } = progress;
  // Screen readers have the progress bar; they need not read the message for every image.
  return html`<div class="indexing">
    <vscode-progress-bar .value=${percent} ?indeterminate=${percent === 0} aria-label=${message}></vscode-progress-bar>
    <span aria-hidden="true">${message}</span>
  </div>`;
}

/** An error, until the user closes it. */
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

/** The placeholder of an empty grid: the reason, and what the user can do. Undefined if the grid has images. */
export function gridPlaceholder(
  arranged: Arranged | undefined,
  error: string,
  on: { readonly tagWorkspace: () => void; readonly showAll: () => void },
): TemplateResult | undefined {
  if (error !== '') return message('error', l10n.t('The gallery failed to load.'), error);
  if (!arranged) return message('loading', l10n.t('Indexing images…'));
  if (arranged.order.length > 0) return undefined;
  if (arranged.message !== '') return message('info', arranged.message);
  if (arranged.total === 0) {
    const button = { id: 'tag-workspace', title: l10n.t('Tag Workspace Images'), pressed: on.tagWorkspace };
    return messageWithButton(l10n.t('No image of this workspace is indexed yet.'), button);
  }
  const button = { id: 'show-all', title: l10n.t('Show All Images'), pressed: on.showAll };
  return messageWithButton(l10n.t('No image matches the search and the filters.'), button);
}

function message(kind: 'error' | 'info' | 'loading', text: string, more = ''): TemplateResult {
  return html`<div class="empty" role=${kind === 'error' ? 'alert' : 'status'}>
    <vscode-icon name=${kind} size="24" ?spin=${kind === 'loading'} aria-hidden="true"></vscode-icon>
    <p>${text}</p>
    ${more === '' ? nothing : html`<p>${more}</p>`}
  </div>`;
}

function messageWithButton(text: string, button: { id: string; title: string; pressed: () => void }): TemplateResult {
  return html`<div class="empty">
    <p>${text}</p>
    <vscode-button id=${button.id} @click=${button.pressed}>${button.title}</vscode-button>
  </div>`;
}
