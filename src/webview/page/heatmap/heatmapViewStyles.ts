import { css } from 'lit';

export const heatmapViewStyles = css`
  figure {
    margin: 0;
  }
  .panels {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .panel {
    flex: 1 1 180px;
    min-width: 0;
  }
  .picture {
    display: flex;
    justify-content: center;
    border-radius: 4px;
    overflow: hidden;
    background: var(--assetlens-checkerboard);
  }
  canvas,
  img {
    display: block;
    max-width: 100%;
    max-height: 360px;
    object-fit: contain;
  }
  img {
    min-height: 120px;
  }
  .waiting {
    flex: 1;
    min-height: 160px;
    display: flex;
    align-items: center;
    justify-content: center;
  }
  .legend {
    display: grid;
    gap: 2px;
    margin-top: 4px;
    font-size: 11px;
  }
  .prompt {
    font-weight: 600;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .gradient {
    height: 8px;
    border-radius: 2px;
    border: 1px solid var(--vscode-contrastBorder, transparent);
  }
  .ticks {
    display: flex;
    justify-content: space-between;
    font-variant-numeric: tabular-nums;
  }
  .bar,
  .options,
  .prompts {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px 10px;
    margin-top: 8px;
  }
  .kinds {
    display: flex;
    gap: 2px;
  }
  /* Fills hardly differ in high contrast themes, so a pressed button also has a line. */
  vscode-button[aria-pressed='true'] {
    box-shadow: 0 3px 0 var(--vscode-contrastActiveBorder, transparent);
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 2px;
    padding: 0 2px 0 8px;
    border-radius: 10px;
    background: var(--vscode-badge-background);
    color: var(--vscode-badge-foreground);
  }
  .chip vscode-icon {
    --vscode-icon-foreground: var(--vscode-badge-foreground);
  }
  #prompt {
    flex: 1 1 160px;
  }
  vscode-single-select {
    width: 96px;
  }
  label {
    display: flex;
    align-items: center;
    gap: 6px;
  }
  input[type='range'] {
    width: 80px;
    accent-color: var(--assetlens-accent);
  }
  .note {
    color: var(--vscode-descriptionForeground);
    font-size: 11px;
    margin: 6px 0 0;
  }
  .error {
    color: var(--vscode-errorForeground);
  }
  .value {
    position: fixed;
    z-index: 10;
    pointer-events: none;
    padding: 2px 6px;
    border-radius: 3px;
    border: 1px solid var(--vscode-editorHoverWidget-border, transparent);
    background: var(--vscode-editorHoverWidget-background);
    color: var(--vscode-editorHoverWidget-foreground);
    font-variant-numeric: tabular-nums;
  }
`;
