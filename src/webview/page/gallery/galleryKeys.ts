import { isTyping } from '../dom/isTyping.ts';

/** The effect of a key press that the grid does not handle. `other` may be a key of the detail pane. */
export type GalleryKey = 'copy' | 'tag' | 'search' | 'larger' | 'smaller' | 'close' | 'other';

const KEYS: Readonly<Record<string, GalleryKey>> = {
  t: 'tag',
  '/': 'search',
  '+': 'larger',
  '=': 'larger',
  '-': 'smaller',
  Escape: 'close',
};

/** The key of the gallery; null if it is typed into a control, belongs to the browser, or copies selected text. */
export function galleryKeyOf(event: KeyboardEvent): GalleryKey | null {
  if (isTyping(event) || event.altKey) return null;
  if (event.ctrlKey || event.metaKey) {
    return event.key.toLowerCase() === 'c' && window.getSelection()?.isCollapsed !== false ? 'copy' : null;
  }
  return KEYS[event.key] ?? 'other';
}
