import {
  DOMParser,
  MIME_TYPE,
  onErrorStopParsing,
  XMLSerializer,
  type Document,
  type Element,
  type Node,
} from '@xmldom/xmldom';
import { UserError } from '../../base/userError.ts';

/** Keywords of a sidecar. */
export interface SidecarTags {
  /** dc:subject */
  readonly subjects: readonly string[];
  /** lr:hierarchicalSubject, "set|label" */
  readonly hierarchical: readonly string[];
}

/**
 * Namespaces of XMP (specification part 1, ISO 16684-1, sections 7 and 8), and of Lightroom's hierarchical keywords,
 * which darktable and digiKam use too.
 */
const NAMESPACES = {
  x: 'adobe:ns:meta/',
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  dc: 'http://purl.org/dc/elements/1.1/',
  lr: 'http://ns.adobe.com/lightroom/1.0/',
  // Lists which keywords AssetLens wrote, so that the next export removes only those.
  assetlens: 'urn:assetlens:xmp:1.0/',
} as const;
type Prefix = keyof typeof NAMESPACES;

/**
 * The properties that contain keywords. The assetlens property of the same name lists the exported keywords among them.
 */
const PROPERTIES = [
  { tags: 'subjects', prefix: 'dc', name: 'subject' },
  { tags: 'hierarchical', prefix: 'lr', name: 'hierarchicalSubject' },
] as const;

const EMPTY = `<?xml version="1.0" encoding="UTF-8"?>\n<x:xmpmeta xmlns:x="${NAMESPACES.x}">
  <rdf:RDF xmlns:rdf="${NAMESPACES.rdf}">
    <rdf:Description rdf:about=""/>
  </rdf:RDF>
</x:xmpmeta>`;
const INDENT = '  ';
/** A character that XML does not allow (XML 1.0, production 2). */
const INVALID_CHARACTER = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * Returns a sidecar with these keywords. An existing sidecar keeps its other properties and the keywords of other
 * programs; the keywords of an earlier export are replaced.
 * @param existing text of the sidecar; null if there is none
 * @returns null if nothing changes
 * @throws UserError if the existing sidecar cannot be changed without the risk of losing data
 */
export function withTags(existing: string | null, tags: SidecarTags): string | null {
  if (existing === null && tags.subjects.length === 0) return null;
  const { declaration, body } = splitDeclaration(existing ?? EMPTY);
  const document = parse(body);
  const descriptions = descriptionsOf(document);
  const before = serialize(document);
  for (const property of PROPERTIES) {
    const exported = new KeywordList(descriptions, 'assetlens', property.name);
    const keywords = new KeywordList(descriptions, property.prefix, property.name);
    const exportedBefore = new Set(exported.items());
    keywords.remove(exportedBefore);
    const kept = new Set(keywords.items());
    const added = [...new Set(tags[property.tags].map(cleaned))].filter((tag) => tag !== '' && !kept.has(tag));
    keywords.add(added);
    exported.remove(exportedBefore);
    exported.add(added);
  }
  const after = serialize(document);
  if (existing !== null && after === before) return null;
  return `${declaration}${after}\n`;
}

/** Splits off the XML declaration, which the document tree does not contain. */
function splitDeclaration(text: string): { readonly declaration: string; readonly body: string } {
  const declaration = /^\ufeff?<\?xml\s[^>]*\?>\s*/.exec(text)?.[0] ?? '';
  const encoding = /encoding\s*=\s*["']([^"']*)["']/i.exec(declaration)?.[1] ?? 'utf-8';
  if (!/^(?:utf-?8|us-ascii)$/i.test(encoding)) throw new UserError(`it is in ${encoding}, not in UTF-8`);
  return { declaration, body: text.slice(declaration.length) };
}

function parse(text: string): Document {
  // The serializer would lose entities that a document type defines. XMP has no document type.
  if (/<!DOCTYPE/i.test(text)) throw new UserError('it has a document type declaration, which XMP does not allow');
  try {
    return new DOMParser({ onError: onErrorStopParsing }).parseFromString(
      text.replace(/^\ufeff/, ''),
      MIME_TYPE.XML_TEXT,
    );
  } catch (error) {
    throw new UserError('it is not well-formed XML', { cause: error });
  }
}

function serialize(document: Document): string {
  let text: string;
  try {
    text = new XMLSerializer().serializeToString(document, { requireWellFormed: true });
  } catch (error) {
    throw new UserError('it contains text that XML does not allow', { cause: error }); // the parser is less strict
  }
  // The serializer does not check attributes.
  if (INVALID_CHARACTER.test(text)) throw new UserError('it contains characters that XML does not allow');
  return text;
}

/** Returns the rdf:Description elements, and adds one if there is none. */
function descriptionsOf(document: Document): Element[] {
  const roots = Array.from(document.getElementsByTagNameNS(NAMESPACES.rdf, 'RDF'));
  const [root] = roots;
  if (!root || roots.length > 1) throw new UserError('it is not an XMP file');
  const descriptions = childrenOf(root, 'rdf', 'Description');
  if (descriptions.length === 0) descriptions.push(appendElement(root, 'rdf', 'Description', 2));
  return descriptions;
}

/** A property that is a list of texts. It may be missing. */
class KeywordList {
  readonly #descriptions: readonly Element[];
  readonly #prefix: Prefix;
  readonly #name: string;

  /** @throws UserError if the property occurs twice, or is not a plain list */
  constructor(descriptions: readonly Element[], prefix: Prefix, name: string) {
    this.#descriptions = descriptions;
    this.#prefix = prefix;
    this.#name = name;
    const isAttribute = descriptions.some((description) => description.hasAttributeNS(NAMESPACES[prefix], name));
    if (isAttribute || this.#properties().length > 1) throw unusual(prefix, name);
    this.#entries();
  }

  items(): string[] {
    return this.#entries().map(({ textContent }) => textContent ?? '');
  }

  remove(items: ReadonlySet<string>): void {
    for (const entry of this.#entries()) if (items.has(entry.textContent ?? '')) removeWithIndent(entry);
    const [property] = this.#properties();
    if (property && this.#entries().length === 0) removeWithIndent(property);
  }

  add(items: readonly string[]): void {
    if (items.length === 0) return;
    const container = this.#container() ?? this.#createContainer();
    for (const item of items) appendElement(container, 'rdf', 'li', 5).textContent = item;
  }

  #properties(): Element[] {
    return this.#descriptions.flatMap((description) => childrenOf(description, this.#prefix, this.#name));
  }

  #container(): Element | undefined {
    const [property] = this.#properties();
    return property && containerOf(property, this.#prefix, this.#name);
  }

  #entries(): Element[] {
    const container = this.#container();
    return container ? childrenOf(container, 'rdf', 'li') : [];
  }

  #createContainer(): Element {
    const [description] = this.#descriptions;
    if (!description) throw new Error('a sidecar without a description');
    return appendElement(appendElement(description, this.#prefix, this.#name, 3), 'rdf', 'Bag', 4);
  }
}

/** Returns the rdf:Bag of a property, or the rdf:Seq that some programs write. */
function containerOf(property: Element, prefix: Prefix, name: string): Element {
  const elements = Array.from(property.childNodes).filter(isElement);
  const [container] = elements;
  const known = container?.namespaceURI === NAMESPACES.rdf && ['Bag', 'Seq'].includes(container.localName ?? '');
  if (!known || elements.length > 1) throw unusual(prefix, name);
  const inner = Array.from(container.childNodes).filter(isElement);
  const plain = inner.every(
    (li) => li.namespaceURI === NAMESPACES.rdf && li.localName === 'li' && !Array.from(li.childNodes).some(isElement),
  );
  if (!plain) throw unusual(prefix, name);
  return container;
}

function unusual(prefix: Prefix, name: string): UserError {
  return new UserError(`its property ${prefix}:${name} has an unsupported structure`);
}

function isElement(node: { readonly nodeType: number }): node is Element {
  return node.nodeType === 1;
}

function childrenOf(parent: Element, prefix: Prefix, name: string): Element[] {
  return Array.from(parent.childNodes)
    .filter(isElement)
    .filter((child) => child.namespaceURI === NAMESPACES[prefix] && child.localName === name);
}

/**
 * Appends an element on a new line.
 * @param depth level of indentation of the element
 */
function appendElement(parent: Element, prefix: Prefix, name: string, depth: number): Element {
  const document = parent.ownerDocument;
  if (!document) throw new Error('an element without a document');
  const element = document.createElementNS(NAMESPACES[prefix], `${prefix}:${name}`);
  removeIndent(parent.lastChild);
  parent.appendChild(document.createTextNode(`\n${INDENT.repeat(depth)}`));
  parent.appendChild(element);
  parent.appendChild(document.createTextNode(`\n${INDENT.repeat(depth - 1)}`));
  return element;
}

function removeWithIndent(element: Element): void {
  removeIndent(element.previousSibling);
  element.parentNode?.removeChild(element);
}

/**
 * Removes the white space at the end of a text. A damaged sidecar may have other text between elements: without this,
 * each export would add white space to it.
 */
function removeIndent(node: Node | null): void {
  if (node?.nodeType !== 3) return;
  node.nodeValue = (node.nodeValue ?? '').trimEnd();
  if (node.nodeValue === '') node.parentNode?.removeChild(node);
}

/** Replaces line breaks and characters that XML does not allow. */
function cleaned(label: string): string {
  return label
    .toWellFormed()
    .replace(/[\p{Cc}\ufffe\uffff\s]+/gu, ' ')
    .trim();
}
