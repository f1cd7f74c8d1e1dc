import { isTyping } from '../controls/isTyping.ts';

/** What a key does in the gallery, beside what the grid does with it; `other` may be one of the detail pane. */
export type GalleryKey = 'copy' | 'tag' | 'search' | 'larger' | 'smaller' | 'close' | 'other';

const KEYS: Readonly<Record<string, GalleryKey>> = {
  t: 'tag',
  '/': 'search',
  '+': 'larger',
  '=': 'larger',
  '-': 'smaller',
  Escape: 'close',
};

/** Null where the key is not ours: it is typed, the browser's own, or copies a text that is selected. */
export function keyOf(event: KeyboardEvent): GalleryKey | null {
  if (isTyping(event) || event.altKey) return null;
  if (event.ctrlKey || event.metaKey) {
    return event.key.toLowerCase() === 'c' && window.getSelection()?.isCollapsed !== false ? 'copy' : null;
  }
  return KEYS[event.key] ?? 'other';
}
