import * as l10n from '@vscode/l10n';
import { html, nothing, type TemplateResult } from 'lit';
import { classMap } from 'lit/directives/class-map.js';
import type { Arranged, Group, Tile } from '../../protocol.ts';
import { inlineStyle } from '../dom/inlineStyle.ts';
import type { BlobPicture } from '../dom/blobPicture.ts';
import {
  stackBadge,
  tileBadge,
  tileCaption,
  tileLabel,
  tilePicture,
  tileTooltip,
  type TileScore,
} from './tileParts.ts';
import { imageCount } from '../formatting.ts';

/** The state of a tile of the grid. */
export interface GridTile {
  readonly position: number;
  readonly column: number;
  /** Side of the picture, in pixels. */
  readonly side: number;
  readonly hasCaption: boolean;
  /** Undefined while it is loading, as is the picture. */
  readonly tile: Tile | undefined;
  readonly picture: BlobPicture | undefined;
  readonly score: TileScore | undefined;
  /** Number of copies and other sizes under the image. */
  readonly copies: number;
  readonly isSelected: boolean;
  /** Whether the Tab key focuses it. */
  readonly isTabStop: boolean;
}

export interface TileHandlers {
  readonly pressed: (event: MouseEvent) => void;
  readonly clicked: (event: MouseEvent) => void;
  readonly doubleClicked: (event: MouseEvent) => void;
  readonly menuRequested: (event: MouseEvent) => void;
  readonly dragged: (event: DragEvent) => void;
}

export function renderTile(
  { position, column, side, hasCaption, tile, picture, score, copies, isSelected, isTabStop }: GridTile,
  on: TileHandlers,
): TemplateResult {
  const square = { width: `${side}px`, height: `${side}px` };
  return html`<div
    id="tile-${position}"
    class=${classMap({ tile: true, selected: isSelected })}
    role="gridcell"
    aria-colindex=${column + 1}
    aria-selected=${isSelected}
    aria-label=${tile ? tileLabel(tile, score, copies) : l10n.t('Loading')}
    tabindex=${isTabStop ? 0 : -1}
    title=${tile ? tileTooltip(tile) : ''}
    draggable="true"
    data-position=${position}
    .style=${inlineStyle({ width: `${side}px` })}
    @mousedown=${on.pressed}
    @click=${on.clicked}
    @dblclick=${on.doubleClicked}
    @contextmenu=${on.menuRequested}
    @dragstart=${on.dragged}
  >
    <div class="picture" .style=${inlineStyle(square)}>
      ${tilePicture(picture)}${tile ? tileBadge(tile) : nothing}${stackBadge(copies, openStack)}
    </div>
    ${hasCaption && tile ? tileCaption(tile, score) : nothing}
  </div>`;
}

/** The position of the tile that handles an event, or -1. */
export function positionOf(event: Event): number {
  return event.currentTarget instanceof HTMLElement ? Number(event.currentTarget.dataset['position'] ?? -1) : -1;
}

/** The score that the image at a position is sorted by, if it has one. */
export function scoreAt(arranged: Arranged | undefined, position: number): TileScore | undefined {
  if (arranged?.named[position] === 1) return { of: 'name' };
  const value = arranged?.scores[position] ?? NaN;
  return !arranged || Number.isNaN(value) || value <= 0 ? undefined : { value, of: arranged.scoreOf };
}

/** Asks to show the stack of the tile that was clicked, instead of selecting the tile. */
function openStack(event: Event): void {
  event.stopPropagation();
  const tile = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-position]') : null;
  const detail = { position: Number(tile?.dataset['position'] ?? -1) };
  tile?.dispatchEvent(new CustomEvent('open-stack', { detail, bubbles: true, composed: true }));
}

/** The number of copies and other sizes under the image at a position. */
export function copiesAt(arranged: Arranged | undefined, position: number): number {
  return arranged?.copies[position] ?? 0;
}

export function groupTitle(group: Group | undefined, columns: number): TemplateResult {
  return html`<div role="rowheader" aria-colspan=${columns}>
    <span class="name" dir="auto">${group?.title}</span>
    <span class="count">${imageCount(group?.count ?? 0)}</span>
  </div>`;
}

/** Fills the data of a drag operation as the Explorer does, for editors and terminals. */
export function fillDrag(transfer: DataTransfer, tiles: readonly Tile[]): void {
  const uris = tiles.map(({ uri }) => uri).join('\r\n');
  transfer.effectAllowed = 'copy';
  transfer.setData('text/uri-list', uris);
  transfer.setData('application/vnd.code.uri-list', uris);
  transfer.setData('text/plain', tiles.map(({ path }) => path).join('\n'));
}
