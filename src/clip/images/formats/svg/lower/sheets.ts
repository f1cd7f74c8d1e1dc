import { definitionsOf, fontMetrics, showsNothing, type Definition } from '../sheet/definitions.ts';
import { isSvg, SVG_NAMESPACE, type Document, type Element } from './xml.ts';

/** Sides of a cell and of the icon in it, in the coordinates of the grid. */
const CELL = 100;
const ICON = 80;
const MARGIN = (CELL - ICON) / 2;
/** Icons that are shown; more would be smaller than a few pixels. */
const MOST_ICONS = 400;
const DEFAULT_VIEW = '0 0 24 24';

/**
 * Shows the icons of a sheet in a grid. A sheet defines symbols, shapes or the glyphs of a font for other documents,
 * and shows nothing by itself.
 * @returns whether the drawing is a sheet
 */
export function layOutSheet(document: Document): boolean {
  const root = document.documentElement;
  if (!root || !showsNothing(root)) return false;
  const view = root.getAttribute('viewBox') ?? DEFAULT_VIEW;
  const definitions = definitionsOf(document).slice(0, MOST_ICONS);
  const count = definitions.length;
  if (count === 0) return false;
  const columns = Math.ceil(Math.sqrt(count));
  for (const [at, definition] of definitions.entries()) {
    const cell = { x: (at % columns) * CELL + MARGIN, y: Math.floor(at / columns) * CELL + MARGIN };
    const icon = iconOf(document, definition, definition.viewBox ?? view, at);
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

/** A picture of one definition. */
function iconOf(document: Document, { kind, element }: Definition, viewBox: string, index: number): Element {
  const icon = svgElement(document, 'svg', { viewBox });
  if (kind === 'glyph') {
    // The vertical axis of a font points upwards.
    const transform = `matrix(1 0 0 -1 0 ${fontMetrics(element).ascent})`;
    icon.appendChild(svgElement(document, 'path', { d: element.getAttribute('d') ?? '', transform }));
    return icon;
  }
  const id = element.getAttribute('id') ?? `assetlens-symbol-${index}`;
  element.setAttribute('id', id);
  const [x = '0', y = '0', width = '100%', height = '100%'] = viewBox.trim().split(/[\s,]+/);
  const box = isSvg(element, 'symbol') ? { x, y, width, height } : {};
  icon.appendChild(svgElement(document, 'use', { href: `#${id}`, ...box }));
  return icon;
}

function svgElement(document: Document, name: string, attributes: Readonly<Record<string, string>>): Element {
  const element = document.createElementNS(SVG_NAMESPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
