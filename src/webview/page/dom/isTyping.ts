/** Controls that handle letters and digits themselves. */
const CONTROLS = new Set(['input', 'textarea', 'select', 'vscode-textfield', 'vscode-single-select']);

/** Whether a key press goes to such a control. */
export function isTyping(event: Event): boolean {
  return event.composedPath().some((node) => node instanceof Element && CONTROLS.has(node.localName));
}
