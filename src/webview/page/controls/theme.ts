/** Tells whether the theme of the editor is a dark one, now and whenever that changes; the page lives as long as its document. */
export function followTheme(changed: (isDark: boolean) => void): void {
  const tell = (): void => {
    const kind = document.body.dataset['vscodeThemeKind'] ?? '';
    changed(kind === 'vscode-dark' || kind === 'vscode-high-contrast');
  };
  new MutationObserver(tell).observe(document.body, { attributeFilter: ['data-vscode-theme-kind'] });
  tell();
}
