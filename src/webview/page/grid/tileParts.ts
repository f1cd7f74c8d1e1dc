import * as l10n from '@vscode/l10n';
import { html, nothing, type TemplateResult } from 'lit';
import { percent } from '../../../base/format.ts';
import { printable } from '../../../base/printable.ts';
import type { Arranged, Tile } from '../../protocol.ts';
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

/** The score of a tile and its meaning; for a result because of its name, the score says little. */
export type TileScore = { readonly of: Arranged['scoreOf']; readonly value: number } | { readonly of: 'name' };

/** The number of copies and other sizes under an image. @param opened shows them when it is clicked */
export function stackBadge(copies: number, opened: (event: Event) => void): TemplateResult | typeof nothing {
  if (copies === 0) return nothing;
  return html`<span class="stack" title=${l10n.t('Show copies and sizes ({0})', copies)} @click=${opened}
    >+${copies}</span
  >`;
}

/** @param score the score that the image is sorted by, if it has one */
export function tileCaption(tile: Tile, score: TileScore | undefined): TemplateResult {
  const labels = tile.tags.slice(0, 3).map(({ label }) => label);
  const [maybe] = tile.maybe;
  const text = labels.length > 0 ? labels.join(', ') : maybe ? `${maybe.label}?` : '';
  return html`<div class="caption">
    <div class="name" dir="auto">${baseName(tile.path)}</div>
    <div class="labels">
      <span class="words" dir="auto">${printable(text)}</span>${score === undefined ? nothing : tileScore(score)}
    </div>
  </div>`;
}

/** A score with its meaning: an icon for a match with the search, and a percentage alone for a tag. */
function tileScore(score: TileScore): TemplateResult {
  if (score.of === 'name') return html`<span class="score">${l10n.t('name')}</span>`;
  const { of, value } = score;
  if (of === 'tag') return html`<span class="score" title=${l10n.t('Confidence of the tag')}>${percent(value)}</span>`;
  return html`<span class="score match" title=${l10n.t('Match with the search')}
    ><vscode-icon name="search" size="11" aria-hidden="true"></vscode-icon>${percent(value)}</span
  >`;
}

/** The label of a tile for screen readers. */
export function tileLabel(tile: Tile, score: TileScore | undefined, copies = 0): string {
  const labels = tile.tags.map(({ label, manual }) => (manual ? l10n.t('{0} manual', label) : label));
  const parts = [
    baseName(tile.path),
    labels.length > 0 ? printable(labels.join(', ')) : l10n.t('no tag'),
    score === undefined ? '' : scoreLabel(score),
    copies > 0 ? l10n.t('copies and sizes: {0}', copies) : '',
    folderOf(tile),
  ];
  return parts.filter(Boolean).join(', ');
}

function scoreLabel(score: TileScore): string {
  if (score.of === 'name') return l10n.t('name');
  const { of, value } = score;
  return of === 'search' ? l10n.t('match {0}', percent(value)) : l10n.t('confidence {0}', percent(value));
}

export function tileTooltip(tile: Tile): string {
  const tags = tile.tags.map(({ label, score, manual }) => `${label} ${manual ? l10n.t('manual') : percent(score)}`);
  const maybe = tile.maybe.map(({ label, score }) => `${label}? ${percent(score)}`);
  return [tile.path, `${tile.width} × ${tile.height} ${tile.format}`, ...tags, ...maybe]
    .map((line) => printable(line))
    .join('\n');
}
