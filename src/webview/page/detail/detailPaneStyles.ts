import { css } from 'lit';

export const detailPaneStyles = css`
  :host {
    display: block;
    height: 100%;
    overflow: auto;
    box-sizing: border-box;
  }
  aside {
    padding: 8px 14px 20px;
    outline: none;
  }
  header {
    display: flex;
    flex-wrap: wrap;
    align-items: start;
    justify-content: space-between;
    gap: 4px 12px;
    margin-bottom: 8px;
  }
  .title {
    min-width: 0;
    flex: 1 1 140px;
  }
  h2 {
    font-size: 14px;
    font-weight: 600;
    margin: 0;
    overflow-wrap: anywhere;
  }
  .folder {
    color: var(--vscode-descriptionForeground);
    overflow-wrap: anywhere;
  }
  .actions {
    display: flex;
  }
  h3 {
    font-size: 13px;
    font-weight: 600;
    margin: 12px 0 6px;
  }
  dl {
    display: grid;
    grid-template-columns: max-content 1fr;
    gap: 2px 14px;
    margin: 0;
  }
  dt {
    color: var(--vscode-descriptionForeground);
  }
  dd {
    margin: 0;
    overflow-wrap: anywhere;
  }
  .error {
    color: var(--vscode-errorForeground);
  }
`;
