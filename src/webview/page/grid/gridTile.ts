import * as l10n from '@vscode/l10n';
import { html, nothing, type TemplateResult } from 'lit';
import { classMap } from 'lit/directives/class-map.js';
import type { Arranged, Group, Tile } from '../../protocol.ts';
import { inlineStyle } from '../dom/inlineStyle.ts';
import type { BlobPicture } from '../dom/blobPicture.ts';
import { percent } from '../../../base/format.ts';
import { stackBadge, tileLabel, tileBadge, tileCaption, tilePicture, tileTooltip } from './tileParts.ts';
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
  readonly score: number | undefined;
  /** Number of copies and other sizes under the image. */
  readonly copies: number;
  /** Whether the image is a result because of its name. */
  readonly isNamed: boolean;
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
  { position, column, side, hasCaption, tile, picture, score, copies, isNamed, isSelected, isTabStop }: GridTile,
  on: TileHandlers,
): TemplateResult {
  const shown = isNamed ? l10n.t('name') : score === undefined ? '' : percent(score);
  const square = { width: `${side}px`, height: `${side}px` };
  return html`<div
    id="tile-${position}"
    class=${classMap({ tile: true, selected: isSelected })}
    role="gridcell"
    aria-colindex=${column + 1}
    aria-selected=${isSelected}
    aria-label=${tile ? tileLabel(tile, shown, copies) : l10n.t('Loading')}
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
    ${hasCaption && tile ? tileCaption(tile, shown) : nothing}
  </div>`;
}

/** The position of the tile that handles an event, or -1. */
export function positionOf(event: Event): number {
  return event.currentTarget instanceof HTMLElement ? Number(event.currentTarget.dataset['position'] ?? -1) : -1;
}

/** The score that the image at a position is sorted by, if it has one. */
export function scoreAt(arranged: Arranged | undefined, position: number): number | undefined {
  const score = arranged?.scores[position] ?? NaN;
  return Number.isNaN(score) || score <= 0 ? undefined : score;
}

/** Asks to show the stack of the tile that was clicked, instead of selecting the tile. */
function openStack(event: Event): void {
  event.stopPropagation();
  const tile = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-position]') : null;
  const detail = { position: Number(tile?.dataset['position'] ?? -1) };
  tile?.dispatchEvent(new CustomEvent('open-stack', { detail, bubbles: true, composed: true }));
}

/** The stack under the image at a position, and whether the image is a result because of its name. */
export function stackAt(arranged: Arranged | undefined, position: number): Pick<GridTile, 'copies' | 'isNamed'> {
  return { copies: arranged?.copies[position] ?? 0, isNamed: arranged?.named[position] === 1 };
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
