import { showsOnlyDefinitions } from '../sheet/isSheet.ts';

/** CSS that the renderers lack, in a style sheet or an attribute. */
const CSS =
  /\bvar\(|@(?:media|supports|layer|keyframes|container)|\b(?:oklch|oklab|lab|lch|hwb|color|color-mix|light-dark)\(|transform-(?:origin|box)\s*[:=]|\btransform\s*:|\banimation(?:-name)?\s*:|\b(?:rgb|hsl)a?\([^,()]+\)|<style\b[^<>]*>(?:\s*<!\[CDATA\[)?[^<]*\{[^{}]*\{/;
/** Elements and attributes that have another effect in a browser. */
const ELEMENTS = /<(?:[\w.-]+:)?(?:animate|set|animateTransform|foreignObject|switch|script|style)\b|requiredFeatures/;
const STYLE = /<(?:[\w.-]+:)?style\b/;

/** Whether a drawing has features that lowerDrawing replaces or reports. Most drawings have none. */
export function needsLowering(text: string): boolean {
  return CSS.test(text) || showsOnlyDefinitions(text) || (ELEMENTS.test(text) && !onlySimpleStyles(text));
}

/** Whether the only such elements are style sheets, which both renderers read. */
function onlySimpleStyles(text: string): boolean {
  return STYLE.test(text) && !ELEMENTS.test(text.replace(/<(?:[\w.-]+:)?style\b/g, ''));
}
