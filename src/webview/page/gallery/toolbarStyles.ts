import { css } from 'lit';

export const toolbarStyles = css`
  /* For screen readers; the editor's tab shows the title. */
  h1 {
    position: absolute;
    clip-path: inset(50%);
    width: 1px;
    height: 1px;
    margin: 0;
    overflow: hidden;
  }
  header {
    container-type: inline-size;
    border-bottom: 1px solid var(--vscode-panel-border, transparent);
  }
  /* One line: its parts shrink, and then those with a key or a menu of their own disappear. */
  .bar {
    display: flex;
    align-items: center;
    gap: 8px;
    padding: 8px 12px;
  }
  #search {
    flex: 1 1 260px;
    max-width: 520px;
    min-width: 120px;
  }
  vscode-single-select {
    flex: 0 1 150px;
    width: 150px;
    min-width: 72px;
  }
  .size {
    display: flex;
    align-items: center;
    gap: 4px;
  }
  input[type='range'] {
    width: 96px;
    accent-color: var(--assetlens-accent);
  }
  .count {
    margin-left: auto;
    display: flex;
    align-items: center;
    gap: 6px;
    color: var(--vscode-descriptionForeground);
    white-space: nowrap;
  }
  @container (max-width: 760px) {
    .size {
      display: none;
    }
  }
  @container (max-width: 620px) {
    .count {
      position: absolute;
      clip-path: inset(50%);
    }
  }
  @container (max-width: 420px) {
    #order {
      display: none;
    }
  }
  .chips {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    margin: 0;
    padding: 0 12px 8px;
    list-style: none;
  }
  .chip {
    display: inline-flex;
    align-items: center;
    max-width: 100%;
    padding: 0 2px 0 8px;
    border-radius: 10px;
    border: 1px solid var(--vscode-contrastBorder, transparent);
    background: var(--vscode-badge-background);
    color: var(--vscode-badge-foreground);
  }
  .chip span {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .chip button {
    display: flex;
    padding: 3px;
    border: none;
    border-radius: 8px;
    background: none;
    color: inherit;
    cursor: pointer;
  }
  .chip button:focus-visible {
    outline: 1px solid var(--vscode-focusBorder);
  }
  .chip vscode-icon {
    --vscode-icon-foreground: var(--vscode-badge-foreground);
  }
`;
