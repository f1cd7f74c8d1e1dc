/**
 * When the editor opens a menu or an input of its own it blurs what has the focus in a page, and later it gives the focus to the
 * page as a whole. This hands it on to the element that had it: who goes on by keyboard goes on where they were.
 * @param into focuses what stands for an element that is not there any more, or not the right one; answers whether it did
 */
export function keepFocus(into: (path: readonly EventTarget[]) => boolean): void {
  let before: readonly EventTarget[] = [];
  // Not focusin: from one element of a shadow root to the next that does not leave the root.
  window.addEventListener('focusout', (event) => {
    if (event.relatedTarget === null) before = event.composedPath();
  });
  window.addEventListener('focus', () => {
    if (document.activeElement !== document.body || into(before)) return;
    const [element] = before;
    if (element instanceof HTMLElement && element.isConnected) element.focus({ preventScroll: true });
  });
}
