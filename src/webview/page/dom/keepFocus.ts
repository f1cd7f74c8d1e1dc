/**
 * Returns the focus to the element that had it. When the editor opens a menu or an input box, the focused
 * element of the page is blurred, and afterwards only the page as a whole gets the focus.
 * @param restore focuses a replacement for the element, for example if it was removed; returns whether it did. The
 *   argument is the event path of the element
 */
export function keepFocus(restore: (path: readonly EventTarget[]) => boolean): void {
  let lastPath: readonly EventTarget[] = [];
  // Not focusin, which does not leave a shadow root if the focus moves within it.
  window.addEventListener('focusout', (event) => {
    if (event.relatedTarget === null) lastPath = event.composedPath();
  });
  window.addEventListener('focus', () => {
    if (document.activeElement !== document.body || restore(lastPath)) return;
    const [element] = lastPath;
    if (element instanceof HTMLElement && element.isConnected) element.focus({ preventScroll: true });
  });
}
