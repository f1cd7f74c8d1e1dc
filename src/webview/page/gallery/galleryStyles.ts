import { css } from 'lit';

export const galleryStyles = css`
  :host {
    display: flex;
    flex-direction: column;
    height: 100vh;
    overflow: hidden;
  }
  main {
    flex: 1;
    min-height: 0;
    display: flex;
  }
  .background-auto {
    --assetlens-check: color-mix(in srgb, var(--vscode-foreground) 9%, var(--vscode-editor-background));
    --assetlens-between: var(--vscode-editor-background);
  }
  .background-light {
    --assetlens-check: #e8e8e8;
    --assetlens-between: #ffffff;
  }
  .background-dark {
    --assetlens-check: #2c2c2c;
    --assetlens-between: #1e1e1e;
  }
  main {
    --assetlens-checkerboard: repeating-conic-gradient(var(--assetlens-check) 0 25%, var(--assetlens-between) 0 50%) 0
      0 / 16px 16px;
  }
  assetlens-filters {
    flex: 0 0 240px;
  }
  assetlens-grid,
  assetlens-split {
    flex: 1;
    min-width: 0;
    height: 100%;
  }
  .pane {
    height: 100%;
    min-width: 0;
  }
  .pane[slot='end'] {
    position: relative;
  }
  .empty {
    flex: 1;
    display: flex;
    flex-direction: column;
    align-items: center;
    justify-content: center;
    gap: 12px;
    padding: 24px;
    text-align: center;
    color: var(--vscode-descriptionForeground);
  }
  .empty p {
    margin: 0;
    white-space: pre-line;
  }
  .problem {
    display: flex;
    justify-content: space-between;
    gap: 12px;
    padding: 4px 12px 6px;
    color: var(--vscode-errorForeground);
  }
  .notice {
    padding: 4px 12px 6px;
    white-space: pre-line;
    color: var(--vscode-notificationsWarningIcon-foreground, var(--vscode-foreground));
  }
  .indexing {
    padding: 4px 12px 6px;
    color: var(--vscode-descriptionForeground);
  }
`;
