import { css } from 'lit';

export const filterPaneStyles = css`
  :host {
    display: block;
    overflow: auto;
    height: 100%;
    box-sizing: border-box;
    padding: 4px 12px 16px;
    border-right: 1px solid var(--vscode-panel-border, transparent);
  }
  .head {
    display: flex;
    align-items: center;
    justify-content: space-between;
  }
  h2 {
    font-size: 13px;
    font-weight: 600;
  }
  .field {
    display: flex;
    flex-direction: column;
    gap: 4px;
    margin-bottom: 14px;
  }
  .name {
    font-weight: 600;
  }
  .range {
    display: flex;
    align-items: center;
    gap: 4px;
  }
  .range vscode-textfield {
    width: 64px;
  }
  .labels {
    display: flex;
    flex-direction: column;
    max-height: 280px;
    overflow: auto;
  }
  .more {
    color: var(--vscode-descriptionForeground);
    margin: 4px 0;
  }
  vscode-single-select,
  vscode-textfield {
    width: 100%;
  }
`;
