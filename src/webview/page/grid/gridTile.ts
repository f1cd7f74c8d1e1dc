import * as l10n from '@vscode/l10n';
import { html, nothing, type TemplateResult } from 'lit';
import { classMap } from 'lit/directives/class-map.js';
import type { Arranged, Group, Tile } from '../../protocol.ts';
import { inlineStyle } from '../controls/inlineStyle.ts';
import type { Shown } from '../messages/pictures.ts';
import { spokenTile, tileBadge, tileCaption, tilePicture, tileTooltip } from './tileParts.ts';
import { imageCount } from '../controls/words.ts';

/** A tile of the grid as it is now. */
export interface GridTile {
  readonly position: number;
  readonly column: number;
  /** Of its picture, in pixels. */
  readonly side: number;
  readonly captioned: boolean;
  /** Undefined while it is on its way, as is the picture. */
  readonly tile: Tile | undefined;
  readonly picture: Shown | undefined;
  readonly score: number | undefined;
  readonly isSelected: boolean;
  /** Whether it has the grid's stop of the tab key. */
  readonly hasFocus: boolean;
}

export interface TileHandlers {
  readonly pressed: (event: MouseEvent) => void;
  readonly clicked: (event: MouseEvent) => void;
  readonly doubleClicked: (event: MouseEvent) => void;
  readonly menuAsked: (event: MouseEvent) => void;
  readonly dragged: (event: DragEvent) => void;
}

export function renderTile(
  { position, column, side, captioned, tile, picture, score, isSelected, hasFocus }: GridTile,
  on: TileHandlers,
): TemplateResult {
  const square = { width: `${side}px`, height: `${side}px` };
  return html`<div
    id="tile-${position}"
    class=${classMap({ tile: true, selected: isSelected })}
    role="gridcell"
    aria-colindex=${column + 1}
    aria-selected=${isSelected}
    aria-label=${tile ? spokenTile(tile, score) : l10n.t('Loading')}
    tabindex=${hasFocus ? 0 : -1}
    title=${tile ? tileTooltip(tile) : ''}
    draggable="true"
    data-position=${position}
    .style=${inlineStyle({ width: `${side}px` })}
    @mousedown=${on.pressed}
    @click=${on.clicked}
    @dblclick=${on.doubleClicked}
    @contextmenu=${on.menuAsked}
    @dragstart=${on.dragged}
  >
    <div class="picture" .style=${inlineStyle(square)}>${tilePicture(picture)}${tile ? tileBadge(tile) : nothing}</div>
    ${captioned && tile ? tileCaption(tile, score) : nothing}
  </div>`;
}

/** The position of the tile that an event is of; -1 where it is of none. */
export function positionOf(event: Event): number {
  return event.currentTarget instanceof HTMLElement ? Number(event.currentTarget.dataset['position'] ?? -1) : -1;
}

/** What the image of a position was sorted by, where it has a score. */
export function scoreAt(arranged: Arranged | undefined, position: number): number | undefined {
  const score = arranged?.scores[position] ?? NaN;
  return Number.isNaN(score) || score <= 0 ? undefined : score;
}

export function groupTitle(group: Group | undefined, columns: number): TemplateResult {
  return html`<div role="rowheader" aria-colspan=${columns}>
    <span class="name" dir="auto">${group?.title}</span>
    <span class="count">${imageCount(group?.count ?? 0)}</span>
  </div>`;
}

/** For an editor or a terminal, as from the Explorer. */
export function fillDrag(transfer: DataTransfer, tiles: readonly Tile[]): void {
  const uris = tiles.map(({ uri }) => uri).join('\r\n');
  transfer.effectAllowed = 'copy';
  transfer.setData('text/uri-list', uris);
  transfer.setData('application/vnd.code.uri-list', uris);
  transfer.setData('text/plain', tiles.map(({ path }) => path).join('\n'));
}
