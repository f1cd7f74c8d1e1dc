import type { LabelScore, Prompt } from '../../protocol.ts';

/** Maximum number of words of a search, because each map has a different hue. */
const MOST_WORDS = 3;

/**
 * Returns the first prompts of a heatmap: the words of the search, or else the best label of the image.
 * @param best undefined if there are no labels
 */
export function firstPrompts(words: readonly string[], best: Pick<LabelScore, 'set' | 'label'> | undefined): Prompt[] {
  const searched = [...new Set(words)].slice(0, MOST_WORDS).map((text) => ({ text, set: null }));
  if (searched.length > 0) return searched;
  return best ? [{ text: best.label, set: best.set }] : [];
}
