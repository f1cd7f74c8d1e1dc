import { childElements, elementsOf, isSvg, SVG_NAMESPACE, type Document, type Element } from './xml.ts';

/** An icon that a sheet defines. */
interface Definition {
  readonly element: Element;
  /** The part of its coordinate system to show. */
  readonly viewBox: string;
}

/** Elements that show nothing by themselves. */
const HIDDEN =
  /^(?:defs|symbol|title|desc|metadata|style|script|linearGradient|radialGradient|clipPath|mask|filter|font)$/;
const DRAWN = /^(?:g|path|rect|circle|ellipse|line|polyline|polygon|svg|symbol|use)$/;
/** Sides of a cell and of the icon in it, in the coordinates of the grid. */
const CELL = 100;
const ICON = 80;
const MARGIN = (CELL - ICON) / 2;
/** Icons that are shown; more would be smaller than a few pixels. */
const MOST_ICONS = 400;
const DEFAULT_VIEW = '0 0 24 24';
const DEFAULT_EM = 1000;

/**
 * Shows the icons of a sheet in a grid. A sheet defines symbols, shapes or the glyphs of a font for other documents, and
 * shows nothing by itself.
 * @returns whether the drawing is a sheet
 */
export function layOutSheet(document: Document): boolean {
  const root = document.documentElement;
  if (!root || !childElements(root).every(isHidden)) return false;
  const own = root.getAttribute('viewBox');
  const glyphs = elementsOf(root).filter((element) => isSvg(element, 'glyph') && element.getAttribute('d') !== null);
  const definitions = definitionsOf(root, own ?? DEFAULT_VIEW);
  const count = Math.min(MOST_ICONS, definitions.length > 0 ? definitions.length : glyphs.length);
  if (count === 0) return false;
  const columns = Math.ceil(Math.sqrt(count));
  for (let at = 0; at < count; at++) {
    const cell = { x: (at % columns) * CELL + MARGIN, y: Math.floor(at / columns) * CELL + MARGIN };
    const definition = definitions[at];
    const glyph = glyphs[at];
    const icon = definition ? iconOf(document, definition, at) : glyph && glyphIcon(document, glyph);
    if (!icon) continue;
    for (const [name, value] of Object.entries({ ...cell, width: ICON, height: ICON })) {
      icon.setAttribute(name, String(value));
    }
    root.appendChild(icon);
  }
  for (const name of ['width', 'height', 'style', 'display', 'hidden', 'preserveAspectRatio'])
    root.removeAttribute(name);
  root.setAttribute('viewBox', `0 0 ${columns * CELL} ${Math.ceil(count / columns) * CELL}`);
  return true;
}

/** The symbols of a sheet, or the shapes in its definitions that have an identifier. */
function definitionsOf(root: Element, view: string): Definition[] {
  const symbols = elementsOf(root).filter((element) => isSvg(element, 'symbol'));
  const shapes = childElements(root)
    .filter((element) => isSvg(element, 'defs'))
    .flatMap(childElements)
    .filter((element) => element.hasAttribute('id') && DRAWN.test(element.localName ?? ''));
  return (symbols.length > 0 ? symbols : shapes).map((element) => ({
    element,
    viewBox: element.getAttribute('viewBox') ?? sizeOf(element) ?? view,
  }));
}

/** A reference to a definition, in a picture of its own. */
function iconOf(document: Document, { element, viewBox }: Definition, index: number): Element {
  const id = element.getAttribute('id') ?? `assetlens-symbol-${index}`;
  element.setAttribute('id', id);
  const icon = svgElement(document, 'svg', { viewBox });
  const [x = '0', y = '0', width = '100%', height = '100%'] = viewBox.trim().split(/[\s,]+/);
  const box = isSvg(element, 'symbol') ? { x, y, width, height } : {};
  icon.appendChild(svgElement(document, 'use', { href: `#${id}`, ...box }));
  return icon;
}

/** A glyph of an SVG font, whose vertical axis points upwards. */
function glyphIcon(document: Document, glyph: Element): Element {
  const font = glyph.parentNode;
  const face = font ? childElements(font).find((element) => isSvg(element, 'font-face')) : undefined;
  const em = Number(face?.getAttribute('units-per-em') ?? DEFAULT_EM) || DEFAULT_EM;
  const ascent = Number(face?.getAttribute('ascent') ?? em) || em;
  const advance = Number(glyph.getAttribute('horiz-adv-x') ?? em) || em;
  const icon = svgElement(document, 'svg', { viewBox: `0 0 ${advance} ${em}` });
  const d = glyph.getAttribute('d') ?? '';
  icon.appendChild(svgElement(document, 'path', { d, transform: `matrix(1 0 0 -1 0 ${ascent})` }));
  return icon;
}

function svgElement(document: Document, name: string, attributes: Readonly<Record<string, string>>): Element {
  const element = document.createElementNS(SVG_NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function isHidden(element: Element): boolean {
  return element.namespaceURI !== SVG_NAMESPACE || HIDDEN.test(element.localName ?? '') || isEmptyGroup(element);
}

function isEmptyGroup(element: Element): boolean {
  return isSvg(element, 'g') && childElements(element).every(isHidden);
}

function sizeOf(element: Element): string | null {
  const [width, height] = [element.getAttribute('width'), element.getAttribute('height')].map(Number);
  return width && height ? `0 0 ${width} ${height}` : null;
}
