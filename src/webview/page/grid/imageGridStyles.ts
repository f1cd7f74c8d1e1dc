import { css } from 'lit';
import { CAPTION_HEIGHT, GAP, PADDING, TITLE_HEIGHT } from './gridMeasures.ts';

export const imageGridStyles = css`
  :host {
    display: block;
    min-width: 0;
    height: 100%;
  }
  .scroller {
    height: 100%;
    overflow: auto;
    position: relative;
    contain: strict;
    outline: none;
  }
  .all {
    position: relative;
  }
  .row {
    position: absolute;
    top: 0;
    left: ${PADDING}px;
    right: ${PADDING}px;
    display: flex;
    gap: ${GAP}px;
  }
  .title {
    height: ${TITLE_HEIGHT}px;
    align-items: end;
    box-sizing: border-box;
    padding-bottom: 6px;
    white-space: nowrap;
  }
  .title .name {
    font-weight: 600;
  }
  .title .count {
    color: var(--vscode-descriptionForeground);
    margin-left: 6px;
  }
  .tile {
    flex: none;
    box-sizing: border-box;
    outline: 1px solid transparent;
    outline-offset: 1px;
    border-radius: 4px;
    cursor: default;
    user-select: none;
  }
  .picture {
    position: relative;
    display: flex;
    align-items: center;
    justify-content: center;
    border-radius: 4px;
    overflow: hidden;
    box-sizing: border-box;
    border: 1px solid var(--vscode-contrastBorder, transparent);
    background: var(--assetlens-checkerboard);
  }
  .picture img {
    max-width: 100%;
    max-height: 100%;
    object-fit: contain;
  }
  .broken {
    color: var(--vscode-list-warningForeground);
  }
  .tile:hover .picture {
    box-shadow: 0 0 0 2px var(--vscode-list-hoverBackground);
  }
  .tile.selected {
    background: var(--vscode-list-inactiveSelectionBackground);
    color: var(--vscode-list-inactiveSelectionForeground);
  }
  .scroller:focus-within .tile.selected {
    background: var(--vscode-list-activeSelectionBackground);
    color: var(--vscode-list-activeSelectionForeground);
  }
  .tile.selected .picture {
    box-shadow: 0 0 0 2px var(--vscode-focusBorder);
  }
  .tile:focus {
    outline-color: var(--vscode-focusBorder);
    outline-width: 2px;
  }
  .badge {
    position: absolute;
    top: 4px;
    right: 4px;
    display: flex;
    padding: 2px;
    border-radius: 3px;
    background: var(--vscode-badge-background);
    color: var(--vscode-badge-foreground);
  }
  .stack {
    position: absolute;
    right: 4px;
    bottom: 4px;
    padding: 1px 5px;
    border-radius: 8px;
    font-size: 11px;
    background: var(--vscode-badge-background);
    color: var(--vscode-badge-foreground);
    cursor: pointer;
  }
  .badge vscode-icon {
    --vscode-icon-foreground: var(--vscode-badge-foreground);
  }
  .caption {
    height: ${CAPTION_HEIGHT}px;
    padding: 2px 3px;
    box-sizing: border-box;
    font-size: 12px;
    line-height: 17px;
  }
  .caption .name,
  .caption .words {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .caption .labels {
    display: flex;
    gap: 4px;
    justify-content: space-between;
    color: var(--vscode-descriptionForeground);
  }
  .tile.selected .labels {
    color: inherit;
  }
  .caption .score {
    flex: none;
    font-variant-numeric: tabular-nums;
  }
`;
