import * as l10n from '@vscode/l10n';
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { percent } from '../../../base/format.ts';
import type { Duplicates, PictureBackground, Reference } from '../../protocol.ts';
import { isAbort, type Connection } from '../messages/connection.ts';
import { shownPicture, type Shown } from '../messages/pictures.ts';
import { baseName } from '../controls/words.ts';

const SIDE = 128;

interface Twin {
  readonly image: Duplicates['images'][number];
  readonly picture: Shown;
}

/** Near duplicates of an image, and the lines of texts that refer to it; both are looked for when the image is shown. */
@customElement('assetlens-related')
export class RelatedFiles extends LitElement {
  @property({ attribute: false }) accessor connection: Connection | undefined;
  @property({ type: Number }) accessor image = -1;
  @property() accessor background: PictureBackground = 'any';
  /** Raised when images may be others than before. */
  @property({ type: Number }) accessor generation = 0;
  @state() private accessor twins: readonly Twin[] | undefined;
  @state() private accessor references: { readonly list: readonly Reference[]; readonly complete: boolean } | undefined;
  @state() private accessor mistake = '';
  #running: AbortController | undefined;

  override disconnectedCallback(): void {
    this.#running?.abort();
    this.#forgetTwins();
    super.disconnectedCallback();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const isOther = changed.has('image') || changed.has('connection');
    if (isOther) {
      this.#forgetTwins();
      [this.references, this.mistake] = [undefined, ''];
    }
    // All texts are read for the lines that refer to it: once an image.
    if (isOther || changed.has('background') || changed.has('generation')) void this.#load(isOther);
  }

  async #load(withReferences: boolean): Promise<void> {
    this.#running?.abort();
    const controller = new AbortController();
    this.#running = controller;
    const { connection, image: id } = this;
    if (!connection || id < 0) return;
    const { signal } = controller;
    const jobs = [this.#loadTwins(connection, id, signal)];
    if (withReferences || !this.references) jobs.push(this.#loadReferences(connection, id, signal));
    for (const job of await Promise.allSettled(jobs)) {
      if (job.status === 'fulfilled' || isAbort(job.reason)) continue;
      this.mistake = job.reason instanceof Error ? job.reason.message : String(job.reason);
    }
  }

  /** Those that are shown stay until the new ones are there. */
  async #loadTwins(connection: Connection, id: number, signal: AbortSignal): Promise<void> {
    const { images } = await connection.ask({ kind: 'duplicates', id }, signal);
    const ask = { kind: 'thumbnail', side: SIDE, background: this.background } as const;
    const pictures = await Promise.all(images.map((image) => connection.ask({ ...ask, id: image.id }, signal)));
    signal.throwIfAborted();
    this.#forgetTwins();
    this.twins = images.map((image, i) => {
      const picture = pictures[i];
      return { image, picture: picture ? shownPicture(picture) : { url: null, reason: '' } };
    });
  }

  async #loadReferences(connection: Connection, id: number, signal: AbortSignal): Promise<void> {
    const { references: list, complete } = await connection.ask({ kind: 'references', id }, signal);
    this.references = { list, complete };
  }

  #forgetTwins(): void {
    for (const { picture } of this.twins ?? []) if (picture.url !== null) URL.revokeObjectURL(picture.url);
    this.twins = undefined;
  }

  protected override render(): TemplateResult {
    const { twins, references, mistake } = this;
    return html`
      <section aria-label=${l10n.t('Near duplicates')}>
        <h3>${l10n.t('Near duplicates')}</h3>
        ${twins === undefined ? waiting(mistake) : twins.length === 0 ? html`<p>${l10n.t('None')}</p>` : html`<div class="twins">${twins.map((twin) => this.#renderTwin(twin))}</div>`}
      </section>
      <section aria-label=${l10n.t('Used in')}>
        <h3>${l10n.t('Used in')}</h3>
        ${
          references === undefined
            ? waiting(mistake)
            : references.list.length === 0
              ? html`<p>${l10n.t('No text of this workspace refers to it.')}</p>`
              : html`<ul>
                  ${references.list.map((reference) => this.#renderReference(reference))}
                </ul>`
        }
        ${references?.complete === false ? html`<p>${l10n.t('There are more.')}</p>` : nothing}
      </section>
      ${mistake === '' ? nothing : html`<p class="mistake" role="alert">${mistake}</p>`}
    `;
  }

  #renderTwin({ image, picture }: Twin): TemplateResult {
    const what = image.isCopy ? l10n.t('copy') : percent(image.cosine);
    return html`<button
      class="twin"
      title=${image.path}
      @click=${() => {
        this.dispatchEvent(new CustomEvent('show-image', { detail: image.id }));
      }}
    >
      <span class="background">${picture.url === null ? nothing : html`<img src=${picture.url} alt="" />`}</span>
      <span class="label">${baseName(image.path)}</span>
      <span class="label">${what}</span>
    </button>`;
  }

  #renderReference({ uri, file, line, start, end, text }: Reference): TemplateResult {
    return html`<li>
      <button
        class="reference"
        title=${text}
        @click=${() => {
          void this.connection?.ask({ kind: 'openReference', uri, line, start, end }).catch((error: unknown) => {
            this.mistake = error instanceof Error ? error.message : String(error);
          });
        }}
      >
        ${file}:${line + 1}<span class="line">${text.trim()}</span>
      </button>
    </li>`;
  }

  static override readonly styles = css`
    h3 {
      font-size: 13px;
      font-weight: 600;
      margin: 12px 0 6px;
    }
    p {
      margin: 0;
      color: var(--vscode-descriptionForeground);
    }
    .mistake {
      color: var(--vscode-errorForeground);
    }
    .twins {
      display: flex;
      flex-wrap: wrap;
      gap: 8px;
    }
    button {
      font: inherit;
      color: inherit;
      background: none;
      border: 1px solid transparent;
      border-radius: 3px;
      padding: 2px;
      cursor: pointer;
    }
    button:hover {
      background: var(--vscode-list-hoverBackground);
    }
    button:focus-visible {
      outline: 1px solid var(--vscode-focusBorder);
    }
    .twin {
      width: 76px;
      display: flex;
      flex-direction: column;
      align-items: stretch;
      font-size: 11px;
    }
    .background {
      height: 68px;
      display: flex;
      align-items: center;
      justify-content: center;
      border-radius: 3px;
      background: var(--assetlens-background);
    }
    .background img {
      max-width: 100%;
      max-height: 100%;
    }
    .label {
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    ul {
      list-style: none;
      margin: 0;
      padding: 0;
    }
    .reference {
      display: block;
      width: 100%;
      text-align: left;
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
      color: var(--vscode-textLink-foreground);
    }
    .line {
      color: var(--vscode-descriptionForeground);
      font-family: var(--vscode-editor-font-family);
      margin-left: 8px;
    }
  `;
}

function waiting(mistake: string): TemplateResult | typeof nothing {
  return mistake === '' ? html`<p>${l10n.t('Looking…')}</p>` : nothing;
}

declare global {
  interface HTMLElementTagNameMap {
    'assetlens-related': RelatedFiles;
  }
}
