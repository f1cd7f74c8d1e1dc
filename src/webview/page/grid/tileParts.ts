import * as l10n from '@vscode/l10n';
import { html, nothing, type TemplateResult } from 'lit';
import { percent } from '../../../base/format.ts';
import { printable } from '../../../base/printable.ts';
import type { Tile } from '../../protocol.ts';
import type { BlobPicture } from '../dom/blobPicture.ts';
import { baseName, folderOf } from '../formatting.ts';

/** The picture of a tile, or an icon with the reason why there is none; nothing while it is loading. */
export function tilePicture(picture: BlobPicture | undefined): TemplateResult | typeof nothing {
  if (!picture) return nothing;
  if (picture.url === null) {
    return html`<vscode-icon class="broken" name="warning" size="24" title=${picture.reason}></vscode-icon>`;
  }
  return html`<img src=${picture.url} alt="" draggable="false" decoding="async" />`;
}

export function tileBadge({ tags }: Tile): TemplateResult | typeof nothing {
  if (!tags.some(({ manual }) => manual)) return nothing;
  return html`<span class="badge" title=${l10n.t('Tagged manually')}
    ><vscode-icon name="edit" size="12"></vscode-icon
  ></span>`;
}

/** The number of copies and other sizes under an image. @param opened shows them when it is clicked */
export function stackBadge(copies: number, opened: (event: Event) => void): TemplateResult | typeof nothing {
  if (copies === 0) return nothing;
  return html`<span class="stack" title=${l10n.t('Show {0} copies and sizes', copies)} @click=${opened}
    >+${copies}</span
  >`;
}

/** @param score the text for the score that the image is sorted by; empty if it has none */
export function tileCaption(tile: Tile, score: string): TemplateResult {
  const labels = tile.tags.slice(0, 3).map(({ label }) => label);
  const [uncertain] = tile.uncertain;
  const text = labels.length > 0 ? labels.join(', ') : uncertain ? `${uncertain.label}?` : '';
  return html`<div class="caption">
    <div class="name" dir="auto">${baseName(tile.path)}</div>
    <div class="labels">
      <span class="words" dir="auto">${printable(text)}</span
      >${score === '' ? nothing : html`<span class="score">${score}</span>`}
    </div>
  </div>`;
}

/** The label of a tile for screen readers. */
export function tileLabel(tile: Tile, score: string, copies: number): string {
  const labels = tile.tags.map(({ label, manual }) => (manual ? l10n.t('{0} manual', label) : label));
  const parts = [
    baseName(tile.path),
    labels.length > 0 ? printable(labels.join(', ')) : l10n.t('no tag'),
    score,
    copies > 0 ? l10n.t('{0} copies and sizes', copies) : '',
    folderOf(tile),
  ];
  return parts.filter(Boolean).join(', ');
}

export function tileTooltip(tile: Tile): string {
  const tags = tile.tags.map(({ label, score, manual }) => `${label} ${manual ? l10n.t('manual') : percent(score)}`);
  return [tile.path, `${tile.width} × ${tile.height} ${tile.format}`, ...tags]
    .map((line) => printable(line))
    .join('\n');
}
