import { encodeFragment } from '../../../../../base/imagePath.ts';
import {
  childElements,
  elementsOf,
  isSvg,
  levelsOf,
  parseSvg,
  SVG_NAMESPACE,
  writeElement,
  type Element,
} from '../lower/xml.ts';
import { References, urlReferences } from './closure.ts';
import { definitionsOf, fontMetrics, showsNothing, styleElements, type Definition } from './definitions.ts';

/** The images of a sheet as documents of their own. */
export interface ExtractedSheet {
  /** By fragment, in the order of the sheet. */
  readonly documents: ReadonlyMap<string, string>;
  /** Images that are left out, because the sheet has too many. */
  readonly left: number;
  /** Whether the sheet shows something without a fragment. */
  readonly isDrawing: boolean;
}

/** Images of a sheet. Icon fonts and sets of icons have some hundred. */
export const MOST_FRAGMENTS = 2000;
/** Characters of all documents of a sheet. Images may share definitions, which each document repeats. */
const MOST_CHARACTERS = 32 * 2 ** 20;
const LONGEST_ID = 200;
/** Identifiers that the renderers find as they are written. */
const REFERABLE = /^[\p{L}\p{N}._:-]+$/u;
/** Levels of elements that the renderers draw. */
const MOST_LEVELS = 1000;
/** Attributes and properties of the root element that its content inherits. */
const INHERITED = /^(?:fill|stroke|color|font|opacity|paint-order|shape-rendering|clip-rule|vector-effect)(?:-|$)|^--/;

/**
 * Extracts the images of a sheet: each with the definitions and styles that it needs, so that it can be drawn, and
 * hashed, without the others.
 * @param text a drawing in Unicode
 * @returns null where the drawing is not a sheet or not well-formed
 */
export function extractSheet(text: string): ExtractedSheet | null {
  const document = parseSvg(text);
  const root = document?.documentElement;
  if (!document || !root || levelsOf(elementsOf(document)) > MOST_LEVELS) return null;
  const definitions = distinct(definitionsOf(document));
  if (definitions.size === 0) return null;
  const isDrawing = !showsNothing(root) && [...definitions.values()].every(({ kind }) => kind === 'view');
  const writer = new DocumentWriter(root);
  const documents = new Map<string, string>();
  let characters = 0;
  for (const [fragment, definition] of definitions) {
    if (documents.size === MOST_FRAGMENTS) break;
    const written = writer.write(definition);
    characters += written.length;
    if (characters > MOST_CHARACTERS) break;
    documents.set(fragment, written);
  }
  return { documents, left: definitions.size - documents.size, isDrawing };
}

/** The definitions by fragment. Where an identifier occurs twice, the first counts, as in browsers. */
function distinct(definitions: readonly Definition[]): Map<string, Definition> {
  const found = new Map<string, Definition>();
  for (const definition of definitions) {
    const { id } = definition;
    const fragment = encodeFragment(id);
    if (id.trim() !== '' && id.length <= LONGEST_ID && !found.has(fragment)) found.set(fragment, definition);
  }
  return found;
}

/** Writes the definitions of one sheet as documents. */
class DocumentWriter {
  readonly #root: Element;
  readonly #references: References;
  readonly #attributes: string;
  readonly #styles: string;
  readonly #styleReferences: readonly string[];
  readonly #written = new Map<Element, string>();

  constructor(root: Element) {
    this.#root = root;
    this.#references = new References(root);
    this.#attributes = inheritedAttributes(root);
    const styles = styleElements(root);
    this.#styles = styles.map(writeElement).join('');
    this.#styleReferences = urlReferences(styles.map(({ textContent }) => textContent ?? '').join('\n'));
  }

  write(definition: Definition): string {
    const { element, kind, id } = definition;
    const viewBox = definition.viewBox === null ? '' : ` viewBox="${definition.viewBox}"`;
    const content = this.#contentOf(definition);
    // A style for the target of a link applies to the element that the link names.
    const styles = kind === 'target' ? this.#styles.replaceAll(':target', `[id=${quoted(id)}]`) : this.#styles;
    const needed = kind === 'view' ? [] : this.#references.closure(element, this.#styleReferences);
    const defs = needed.length === 0 ? '' : `<defs>${needed.map((it) => this.#textOf(it)).join('')}</defs>`;
    return `<svg xmlns="${SVG_NAMESPACE}"${this.#attributes}${viewBox}>${styles}${defs}${content}</svg>`;
  }

  #contentOf(definition: Definition): string {
    const { kind, element, viewBox, id } = definition;
    switch (kind) {
      case 'glyph': {
        // The vertical axis of a font points upwards.
        const { ascent } = fontMetrics(element);
        return `<path transform="matrix(1 0 0 -1 0 ${ascent})" d="${escaped(element.getAttribute('d') ?? '')}"/>`;
      }
      case 'target':
        return this.#textOf(resized(element, viewBox));
      case 'view':
        return this.#visibleParts(definition);
      case 'symbol':
      case 'shape': {
        const isViewport = isSvg(element, 'symbol') || isSvg(element, 'svg');
        const [x = '', y = '', width = '', height = ''] = (viewBox ?? '').split(' ');
        const box = isViewport && viewBox !== null ? ` x="${x}" y="${y}" width="${width}" height="${height}"` : '';
        const name = REFERABLE.test(id) ? id : 'symbol';
        const changes = {
          ...(name === id ? {} : { id: name }),
          ...(isViewport && viewBox === null ? { overflow: 'visible' } : {}),
        };
        return `<defs>${this.#textOf(withAttributes(element, changes))}</defs><use href="#${name}"${box}/>`;
      }
    }
  }

  /** The content of the drawing without the nested pictures that are outside of a view. */
  #visibleParts({ viewBox }: Definition): string {
    const [left = 0, top = 0, width = 0, height = 0] = (viewBox ?? '').split(' ').map(Number);
    const isOutside = (element: Element): boolean => {
      if (!isSvg(element, 'svg') || element.getAttribute('overflow') === 'visible') return false;
      const [x = NaN, y = NaN, across = NaN, down = NaN] = ['x', 'y', 'width', 'height'].map((name) =>
        Number(element.getAttribute(name) ?? (name === 'x' || name === 'y' ? 0 : NaN)),
      );
      return x >= left + width || y >= top + height || x + across <= left || y + down <= top;
    };
    return childElements(this.#root)
      .filter((element) => !isSvg(element, 'view') && !isSvg(element, 'style') && !isOutside(element))
      .map((element) => this.#textOf(element))
      .join('');
  }

  #textOf(element: Element): string {
    const known = this.#written.get(element);
    if (known !== undefined) return known;
    const written = writeElement(element);
    this.#written.set(element, written);
    return written;
  }
}

/** A nested picture that fills its view box. */
function resized(element: Element, viewBox: string | null): Element {
  if (!isSvg(element, 'svg') || viewBox === null) return element;
  const [x = '', y = '', width = '', height = ''] = viewBox.split(' ');
  return withAttributes(element, { x, y, width, height });
}

function withAttributes(element: Element, attributes: Readonly<Record<string, string>>): Element {
  if (Object.keys(attributes).length === 0) return element;
  const copy = element.cloneNode(true) as Element;
  for (const [name, value] of Object.entries(attributes)) copy.setAttribute(name, value);
  return copy;
}

function inheritedAttributes(root: Element): string {
  const declarations = (root.getAttribute('style') ?? '')
    .split(';')
    .map((declaration) => declaration.trim())
    .filter((declaration) => INHERITED.test(declaration.slice(0, Math.max(0, declaration.indexOf(':'))).trim()));
  const attributes = Array.from(root.attributes)
    .filter(({ name }) => INHERITED.test(name))
    .map(({ name, value }) => [name, value] as const);
  if (declarations.length > 0) attributes.push(['style', declarations.join(';')]);
  return attributes.map(([name, value]) => ` ${name}="${escaped(value)}"`).join('');
}

/** A string of CSS in the text of an element. */
function quoted(id: string): string {
  return escaped(`"${id.replace(/["\\]/g, '\\$&')}"`).replaceAll('&quot;', '"');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
