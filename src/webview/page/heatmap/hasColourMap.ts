import type { HeatmapSettings } from '../gallery/savedState.ts';

/**
 * Whether the colour map that the user chose is used: a signed map has its own colours, and several prompts over one
 * picture have a hue each.
 */
export function hasColourMap({ method, sideBySide }: HeatmapSettings, prompts: number): boolean {
  return method !== 'why' && (prompts <= 1 || sideBySide);
}
