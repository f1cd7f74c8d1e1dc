/** CSS that the renderers lack, in a style sheet or an attribute. */
const CSS =
  /\bvar\(|@(?:media|supports|layer|keyframes|container)|\b(?:oklch|oklab|lab|lch|hwb|color|color-mix|light-dark)\(|transform-(?:origin|box)\s*[:=]|\btransform\s*:|\banimation(?:-name)?\s*:|\b(?:rgb|hsl)a?\([^,()]+\)|<style\b[^<>]*>(?:\s*<!\[CDATA\[)?[^<]*\{[^{}]*\{/;
/** Elements and attributes that have another effect in a browser. */
const ELEMENTS = /<(?:[\w.-]+:)?(?:animate|set|animateTransform|foreignObject|switch|script|style)\b|requiredFeatures/;
const DEFINITIONS = /<(?:symbol|defs|font)\b/;
const DEFINITION = /^(?:symbol|defs|font|metadata)$/;
const TAG =
  /<(\/?)(?:[\w.-]+:)?(symbol|defs|font|metadata|path|rect|circle|ellipse|line|polyline|polygon|text|image|use|foreignObject)\b/g;
const STYLE = /<(?:[\w.-]+:)?style\b/;

/** Whether a drawing has features that lowerDrawing replaces or reports. Most drawings have none. */
export function needsLowering(text: string): boolean {
  return CSS.test(text) || mayBeSheet(text) || (ELEMENTS.test(text) && !onlySimpleStyles(text));
}

/** Whether the only such elements are style sheets, which both renderers read. */
function onlySimpleStyles(text: string): boolean {
  return STYLE.test(text) && !ELEMENTS.test(text.replace(/<(?:[\w.-]+:)?style\b/g, ''));
}

/** Whether no shape is outside of definitions. One pass over the tags, because strangers write these texts. */
function mayBeSheet(text: string): boolean {
  if (!DEFINITIONS.test(text)) return false;
  let depth = 0;
  for (const [, close, name = ''] of text.matchAll(TAG)) {
    if (DEFINITION.test(name)) depth = Math.max(0, depth + (close === '/' ? -1 : 1));
    else if (depth === 0) return false;
  }
  return true;
}
