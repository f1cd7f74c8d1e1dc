import {
  childElements,
  elementsOf,
  isElement,
  isSvg,
  SVG_NAMESPACE,
  type Document,
  type Element,
} from '../lower/xml.ts';

/** An image that a sheet defines for other documents. */
export interface Definition {
  /** `symbol`, `shape` and `glyph` show nothing by themselves; `target` is hidden until a link names it. */
  readonly kind: 'symbol' | 'shape' | 'glyph' | 'target' | 'view';
  /** The fragment that names it; '' if nothing can refer to it. */
  readonly id: string;
  readonly element: Element;
  /** The part of its coordinate system to show; null where only its content determines it. */
  readonly viewBox: string | null;
}

/** Elements that show nothing by themselves. */
const HIDDEN =
  /^(?:defs|symbol|title|desc|metadata|style|script|linearGradient|radialGradient|clipPath|mask|filter|font|view)$/;
const DRAWN = /^(?:g|path|rect|circle|ellipse|line|polyline|polygon|svg|symbol|use)$/;
/** Letters of the alphabet without names of their own in a font that is not for icons. */
const TEXT_FONT_LETTERS = 20;
const VIEW_BOX = /^\s*(?:[-+.\de]+(?:\s*,\s*|\s+|$)){4}$/i;

/**
 * The images that a drawing defines: the symbols of a sheet, the shapes in its definitions, or the glyphs of a font;
 * else the parts of the drawing that a link can show, which are elements with a style for `:target`, and views.
 */
export function definitionsOf(document: Document): Definition[] {
  const root = document.documentElement;
  if (!root) return [];
  if (showsNothing(root)) {
    const symbols = elementsOf(root).filter((element) => isSvg(element, 'symbol'));
    if (symbols.length > 0) return symbols.map((element) => definition('symbol', element));
    const shapes = shapesOf(root);
    return shapes.length > 0 ? shapes.map((element) => definition('shape', element, root)) : glyphsOf(root);
  }
  const targets = hasTargetStyle(root) ? childElements(root).filter(isTarget) : [];
  if (targets.length > 0) return targets.map((element) => definition('target', element, root));
  const views = elementsOf(root).filter((element) => isSvg(element, 'view') && viewBoxOf(element) !== null);
  return views.map((element) => definition('view', element));
}

/** Whether a drawing consists of definitions alone. */
export function showsNothing(root: Element): boolean {
  return childElements(root).every(isHidden);
}

/** The styles of a document. */
export function styleElements(root: Element): Element[] {
  return elementsOf(root).filter((element) => isSvg(element, 'style'));
}

/** The font of a glyph: the height of its square, and where its line of writing is. */
export function fontMetrics(glyph: Element): {
  readonly em: number;
  readonly ascent: number;
  readonly advance: number;
} {
  const font = glyph.parentNode;
  const face = font ? childElements(font).find((element) => isSvg(element, 'font-face')) : undefined;
  const numberOf = (element: Element | undefined, name: string): number => Number(element?.getAttribute(name) ?? 0);
  const em = numberOf(face, 'units-per-em') || 1000;
  const common = font && isElement(font) ? numberOf(font, 'horiz-adv-x') : 0;
  return { em, ascent: numberOf(face, 'ascent') || em, advance: numberOf(glyph, 'horiz-adv-x') || common || em };
}

function definition(kind: Definition['kind'], element: Element, root?: Element): Definition {
  const viewBox = viewBoxOf(element) ?? sizeOf(element) ?? (root ? viewBoxOf(root) : null);
  return { kind, id: element.getAttribute('id') ?? '', element, viewBox };
}

/** The shapes in definitions that have an identifier. */
function shapesOf(root: Element): Element[] {
  return childElements(root)
    .filter((element) => isSvg(element, 'defs'))
    .flatMap(childElements)
    .filter((element) => element.hasAttribute('id') && DRAWN.test(element.localName ?? ''));
}

/** The glyphs of a font. Those of a font for texts are letters, which nobody looks for, and have no fragments. */
function glyphsOf(root: Element): Definition[] {
  const glyphs = elementsOf(root).filter((element) => isSvg(element, 'glyph') && element.getAttribute('d'));
  const letters = glyphs.filter((glyph) => {
    const character = glyph.getAttribute('unicode') ?? '';
    return /^[a-z]$/.test(character) && [null, '', character].includes(glyph.getAttribute('glyph-name'));
  });
  const isText = letters.length >= TEXT_FONT_LETTERS;
  return glyphs.map((element) => {
    const { em, advance } = fontMetrics(element);
    return { kind: 'glyph', id: isText ? '' : glyphId(element), element, viewBox: `0 0 ${advance} ${em}` };
  });
}

/** The name of a glyph, or its code point: "U+E001". */
function glyphId(glyph: Element): string {
  const [first, ...others] = Array.from(glyph.getAttribute('unicode') ?? '');
  const code = first?.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0');
  const unicode = code === undefined || others.length > 0 ? '' : `U+${code}`;
  const names = ['glyph-name', 'id'].map((name) => glyph.getAttribute(name) ?? '');
  return names.find((name) => name !== '') ?? unicode;
}

function hasTargetStyle(root: Element): boolean {
  return styleElements(root).some(({ textContent }) => textContent?.includes(':target'));
}

function isTarget(element: Element): boolean {
  return element.hasAttribute('id') && (isSvg(element, 'svg') || isSvg(element, 'g'));
}

function isHidden(element: Element): boolean {
  return element.namespaceURI !== SVG_NAMESPACE || HIDDEN.test(element.localName ?? '') || isEmptyGroup(element);
}

function isEmptyGroup(element: Element): boolean {
  return isSvg(element, 'g') && childElements(element).every(isHidden);
}

function viewBoxOf(element: Element): string | null {
  const written = element.getAttribute('viewBox') ?? '';
  if (!VIEW_BOX.test(written)) return null;
  const numbers = written
    .trim()
    .split(/\s*,\s*|\s+/)
    .map(Number);
  const [, , width = 0, height = 0] = numbers;
  return numbers.every(Number.isFinite) && width > 0 && height > 0 ? numbers.join(' ') : null;
}

function sizeOf(element: Element): string | null {
  const [width = 0, height = 0] = ['width', 'height'].map((name) => Number(element.getAttribute(name) ?? 0));
  return width > 0 && height > 0 ? `0 0 ${width} ${height}` : null;
}
