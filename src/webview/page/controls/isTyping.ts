/** Controls that take letters and digits for themselves. */
const CONTROLS = new Set(['input', 'textarea', 'select', 'vscode-textfield', 'vscode-single-select']);

/** Whether a key goes into a control, where it means what it means there. */
export function isTyping(event: Event): boolean {
  return event.composedPath().some((node) => node instanceof Element && CONTROLS.has(node.localName));
}
