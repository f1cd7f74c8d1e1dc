const DEFINITIONS = /<(?:symbol|defs|font)\b/;
const DEFINITION = /^(?:symbol|defs|font|metadata)$/;
const TAG =
  /<(\/?)(?:[\w.-]+:)?(symbol|defs|font|metadata|path|rect|circle|ellipse|line|polyline|polygon|text|image|use|foreignObject)\b/g;
const VIEW = /<(?:[\w.-]+:)?view\b/;
const TARGET = /:target\b/;

/** Whether no shape is outside of definitions. One pass over the tags, because strangers write these texts. */
export function showsOnlyDefinitions(text: string): boolean {
  if (!DEFINITIONS.test(text)) return false;
  let depth = 0;
  for (const [, close, name = ''] of text.matchAll(TAG)) {
    if (DEFINITION.test(name)) depth = Math.max(0, depth + (close === '/' ? -1 : 1));
    else if (depth === 0) return false;
  }
  return true;
}

/** Whether a drawing may contain images for other documents. Most drawings contain none, and are not parsed. */
export function mayBeSheet(text: string): boolean {
  return VIEW.test(text) || TARGET.test(text) || showsOnlyDefinitions(text);
}
