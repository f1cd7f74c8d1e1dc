/** Reports whether the editor's theme is dark, now and whenever it changes. */
export function followTheme(onChange: (isDark: boolean) => void): void {
  const report = (): void => {
    const kind = document.body.dataset['vscodeThemeKind'] ?? '';
    onChange(kind === 'vscode-dark' || kind === 'vscode-high-contrast');
  };
  new MutationObserver(report).observe(document.body, { attributeFilter: ['data-vscode-theme-kind'] });
  report();
}
