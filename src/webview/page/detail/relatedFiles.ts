import * as l10n from '@vscode/l10n';
import { css, html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { percent } from '../../../base/format.ts';
import { isAbortError } from '../../../base/abortError.ts';
import { printable } from '../../../base/printable.ts';
import { messageOf } from '../../../base/userError.ts';
import type { Duplicates, PictureBackground, Reference, References } from '../../protocol.ts';
import type { Connection } from '../connection.ts';
import { blobPicture, releasePicture, type BlobPicture } from '../dom/blobPicture.ts';
import { baseName } from '../formatting.ts';

const THUMBNAIL_SIDE = 128;

interface Duplicate {
  readonly image: Duplicates['images'][number];
  readonly picture: BlobPicture;
}

/** Near duplicates of an image, and the lines of texts that refer to it. */
@customElement('assetlens-related')
export class RelatedFiles extends LitElement {
  @property({ attribute: false }) accessor connection: Connection | undefined;
  @property({ type: Number }) accessor image = -1;
  @property() accessor background: PictureBackground = 'any';
  /** Increased when images may have changed. */
  @property({ type: Number }) accessor generation = 0;
  @state() private accessor duplicates: readonly Duplicate[] | undefined;
  @state() private accessor references: References | undefined;
  @state() private accessor error = '';
  #running: AbortController | undefined;

  override disconnectedCallback(): void {
    this.#running?.abort();
    this.#releaseDuplicates();
    super.disconnectedCallback();
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const isOther = changed.has('image') || changed.has('connection');
    if (isOther) {
      this.#releaseDuplicates();
      [this.references, this.error] = [undefined, ''];
    }
    if (isOther || changed.has('background') || changed.has('generation')) void this.#load(isOther);
  }

  /** @param isOther whether the image is another one. Its references are searched once, because that reads all texts */
  async #load(isOther: boolean): Promise<void> {
    this.#running?.abort();
    const controller = new AbortController();
    this.#running = controller;
    const { connection, image: id } = this;
    if (!connection || id < 0) return;
    const { signal } = controller;
    const requests = [this.#loadDuplicates(connection, id, signal)];
    if (isOther || !this.references) requests.push(this.#loadReferences(connection, id, signal));
    for (const request of await Promise.allSettled(requests)) {
      if (request.status === 'rejected' && !isAbortError(request.reason)) this.error = messageOf(request.reason);
    }
  }

  /** The old duplicates stay until the new ones arrive. */
  async #loadDuplicates(connection: Connection, id: number, signal: AbortSignal): Promise<void> {
    const { images } = await connection.call('duplicates', { id }, signal);
    const { background } = this;
    const pictures = await Promise.all(
      images.map((image) => connection.call('thumbnail', { id: image.id, side: THUMBNAIL_SIDE, background }, signal)),
    );
    signal.throwIfAborted();
    this.#releaseDuplicates();
    this.duplicates = images.map((image, i) => {
      const picture = pictures[i];
      return { image, picture: picture ? blobPicture(picture) : { url: null, reason: '' } };
    });
  }

  async #loadReferences(connection: Connection, id: number, signal: AbortSignal): Promise<void> {
    this.references = await connection.call('references', { id }, signal);
  }

  #releaseDuplicates(): void {
    for (const { picture } of this.duplicates ?? []) releasePicture(picture);
    this.duplicates = undefined;
  }

  protected override render(): TemplateResult {
    const { references, error } = this;
    return html`
      <section aria-label=${l10n.t('Near duplicates')}>
        <h3>${l10n.t('Near duplicates')}</h3>
        ${this.#renderDuplicates()}
      </section>
      <section aria-label=${l10n.t('Used in')}>
        <h3>${l10n.t('Used in')}</h3>
        ${this.#renderReferences()}
        ${references?.complete === false ? html`<p>${l10n.t('The list is incomplete.')}</p>` : nothing}
      </section>
      ${error === '' ? nothing : html`<p class="error" role="alert">${error}</p>`}
    `;
  }

  #renderDuplicates(): TemplateResult | typeof nothing {
    const { duplicates } = this;
    if (!duplicates) return this.#renderLoading();
    if (duplicates.length === 0) return html`<p>${l10n.t('None')}</p>`;
    return html`<div class="duplicates">${duplicates.map((duplicate) => this.#renderDuplicate(duplicate))}</div>`;
  }

  #renderReferences(): TemplateResult | typeof nothing {
    const { references } = this;
    if (!references) return this.#renderLoading();
    if (references.references.length === 0) {
      return html`<p>${l10n.t('No text file of this workspace refers to this image.')}</p>`;
    }
    return html`<ul>
      ${references.references.map((reference) => this.#renderReference(reference))}
    </ul>`;
  }

  #renderLoading(): TemplateResult | typeof nothing {
    return this.error === '' ? html`<p>${l10n.t('Searching…')}</p>` : nothing;
  }

  #renderDuplicate({ image, picture }: Duplicate): TemplateResult {
    return html`<button
      class="duplicate"
      title=${printable(image.path)}
      @click=${() => {
        this.dispatchEvent(new CustomEvent('show-image', { detail: image.id }));
      }}
    >
      <span class="picture">${picture.url === null ? nothing : html`<img src=${picture.url} alt="" />`}</span>
      <span class="label">${baseName(image.path)}</span>
      <span class="label">${image.isCopy ? l10n.t('copy') : percent(image.cosine)}</span>
    </button>`;
  }

  #renderReference(reference: Reference): TemplateResult {
    return html`<li>
      <button class="reference" title=${printable(reference.text)} @click=${() => void this.#open(reference)}>
        ${printable(reference.file)}:${reference.line + 1}<span class="line">${printable(reference.text.trim())}</span>
      </button>
    </li>`;
  }

  async #open({ uri, line, start, end }: Reference): Promise<void> {
    try {
      await this.connection?.call('openReference', { uri, line, start, end });
    } catch (error) {
      this.error = messageOf(error);
    }
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
    .error {
      color: var(--vscode-errorForeground);
    }
    .duplicates {
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
    .duplicate {
      width: 76px;
      display: flex;
      flex-direction: column;
      align-items: stretch;
      font-size: 11px;
    }
    .picture {
      height: 68px;
      display: flex;
      align-items: center;
      justify-content: center;
      border-radius: 3px;
      background: var(--assetlens-checkerboard);
    }
    .picture img {
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

declare global {
  interface HTMLElementTagNameMap {
    'assetlens-related': RelatedFiles;
  }
}
