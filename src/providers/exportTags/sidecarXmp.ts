import { DOMParser, MIME_TYPE, onErrorStopParsing, XMLSerializer, type Document, type Element } from '@xmldom/xmldom';
import { UserError } from '../../base/userError.ts';

/** Keywords of a sidecar. */
export interface SidecarTags {
  /** dc:subject */
  readonly subjects: readonly string[];
  /** lr:hierarchicalSubject, "set|label" */
  readonly hierarchical: readonly string[];
}

/** XMP specification part 1 (ISO 16684-1), sections 7 and 8; lr is what Lightroom, darktable and digiKam keep hierarchies of keywords in. */
const NAMESPACES = {
  x: 'adobe:ns:meta/',
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  dc: 'http://purl.org/dc/elements/1.1/',
  lr: 'http://ns.adobe.com/lightroom/1.0/',
  // Ours: which keywords come from here, so that the next export takes back those alone.
  assetlens: 'urn:assetlens:xmp:1.0/',
} as const;
type Prefix = keyof typeof NAMESPACES;

/** A list of keywords, and the list of those among them that are ours. */
const LISTS = [
  { from: 'subjects', prefix: 'dc', name: 'subject', own: 'subject' },
  { from: 'hierarchical', prefix: 'lr', name: 'hierarchicalSubject', own: 'hierarchicalSubject' },
] as const;

const EMPTY = `<?xml version="1.0" encoding="UTF-8"?>\n<x:xmpmeta xmlns:x="${NAMESPACES.x}">
  <rdf:RDF xmlns:rdf="${NAMESPACES.rdf}">
    <rdf:Description rdf:about=""/>
  </rdf:RDF>
</x:xmpmeta>`;
const INDENT = '  ';
/** XML 1.0, production 2 (Char) */
const NO_XML = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * A sidecar with these keywords. Of an existing one everything stays: other properties, and keywords that somebody else wrote;
 * those that an earlier export wrote are replaced.
 * @param existing its text; null where there is none yet
 * @returns null where there is nothing to change
 * @throws UserError where the existing one cannot be changed without the risk of a loss
 */
export function withTags(existing: string | null, tags: SidecarTags): string | null {
  if (existing === null && tags.subjects.length === 0) return null;
  const { declaration, body } = splitDeclaration(existing ?? EMPTY);
  const document = parse(body);
  const descriptions = descriptionsOf(document);
  const before = serialize(document);
  for (const { from, prefix, name, own } of LISTS) {
    const written = new Set(listOf(descriptions, 'assetlens', own).items());
    const list = listOf(descriptions, prefix, name);
    list.remove(written);
    const kept = new Set(list.items());
    const added = [...new Set(tags[from].map(cleaned))].filter((tag) => tag !== '' && !kept.has(tag));
    list.add(added);
    const ours = listOf(descriptions, 'assetlens', own);
    ours.remove(written);
    ours.add(added);
  }
  const after = serialize(document);
  if (existing !== null && after === before) return null;
  return `${declaration}${after}\n`;
}

/** The keywords of a sidecar. @throws UserError where it is no XMP that is read */
export function tagsOfSidecar(text: string): SidecarTags {
  const descriptions = descriptionsOf(parse(splitDeclaration(text).body));
  const of = (prefix: Prefix, name: string): string[] => listOf(descriptions, prefix, name).items();
  return { subjects: of('dc', 'subject'), hierarchical: of('lr', 'hierarchicalSubject') };
}

/** The declaration is no part of the document tree, and is put back as it was. */
function splitDeclaration(text: string): { readonly declaration: string; readonly body: string } {
  const declaration = /^\ufeff?<\?xml\s[^>]*\?>\s*/.exec(text)?.[0] ?? '';
  const encoding = /encoding\s*=\s*["']([^"']*)["']/i.exec(declaration)?.[1] ?? 'utf-8';
  if (!/^(?:utf-?8|us-ascii)$/i.test(encoding)) throw new UserError(`it is in ${encoding}, not in UTF-8`);
  return { declaration, body: text.slice(declaration.length) };
}

function parse(text: string): Document {
  // Entities of its own would be lost: XMP has none.
  if (/<!DOCTYPE/i.test(text)) throw new UserError('it has a document type, which XMP has not');
  try {
    return new DOMParser({ onError: onErrorStopParsing }).parseFromString(
      text.replace(/^\ufeff/, ''),
      MIME_TYPE.XML_TEXT,
    );
  } catch (error) {
    throw new UserError('it is no well-formed XML', { cause: error });
  }
}

function serialize(document: Document): string {
  let text: string;
  try {
    text = new XMLSerializer().serializeToString(document, { requireWellFormed: true });
  } catch (error) {
    throw new UserError('it holds what XML does not allow', { cause: error }); // the parser lets more pass
  }
  // Of attributes the serializer lets all pass.
  if (NO_XML.test(text)) throw new UserError('it holds characters that XML does not allow');
  return text;
}

/** The rdf:Description elements of the file itself: those that are about nothing else. */
function descriptionsOf(document: Document): Element[] {
  const roots = Array.from(document.getElementsByTagNameNS(NAMESPACES.rdf, 'RDF'));
  const [root] = roots;
  if (!root || roots.length > 1) throw new UserError('it is no XMP');
  const descriptions = childrenOf(root, 'rdf', 'Description');
  if (descriptions.length === 0) descriptions.push(appendElement(root, 'rdf', 'Description', 2));
  return descriptions;
}

interface KeywordList {
  items(): string[];
  remove(these: ReadonlySet<string>): void;
  add(these: readonly string[]): void;
}

/** A property of the descriptions that is a list of texts, whether it is there or not. */
function listOf(descriptions: readonly Element[], prefix: Prefix, name: string): KeywordList {
  if (descriptions.some((one) => one.hasAttributeNS(NAMESPACES[prefix], name))) throw unusual(prefix, name);
  const [property, ...more] = descriptions.flatMap((one) => childrenOf(one, prefix, name));
  if (more.length > 0) throw unusual(prefix, name);
  const container = property && containerOf(property, prefix, name);
  const entries = (): Element[] => (container ? childrenOf(container, 'rdf', 'li') : []);
  return {
    items: () => entries().map(({ textContent }) => textContent ?? ''),
    remove(these) {
      for (const entry of entries()) if (these.has(entry.textContent ?? '')) removeWithIndent(entry);
      if (property && entries().length === 0) removeWithIndent(property);
    },
    add(these) {
      if (these.length === 0) return;
      const present = descriptions.flatMap((one) => childrenOf(one, prefix, name))[0];
      const [description] = descriptions;
      if (!description) throw new Error('a sidecar without a description');
      const list = present
        ? containerOf(present, prefix, name)
        : appendElement(appendElement(description, prefix, name, 3), 'rdf', 'Bag', 4);
      for (const text of these) appendElement(list, 'rdf', 'li', 5).textContent = text;
    },
  };
}

/** The rdf:Bag of a property, or rdf:Seq as some programs write. */
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
  return new UserError(`its ${prefix}:${name} is written in a way that is not read`);
}

function isElement(node: { readonly nodeType: number }): node is Element {
  return node.nodeType === 1;
}

function childrenOf(parent: Element, prefix: Prefix, name: string): Element[] {
  return Array.from(parent.childNodes)
    .filter(isElement)
    .filter((child) => child.namespaceURI === NAMESPACES[prefix] && child.localName === name);
}

/** @param depth of the new element, to indent it by where it is to stand in a line of its own */
function appendElement(parent: Element, prefix: Prefix, name: string, depth: number): Element {
  const document = parent.ownerDocument;
  if (!document) throw new Error('an element without a document');
  const element = document.createElementNS(NAMESPACES[prefix], `${prefix}:${name}`);
  const last = parent.lastChild;
  const indented = last !== null && last.nodeType === 3 && /^\s*$/.test(last.nodeValue ?? '');
  if (indented) parent.removeChild(last);
  parent.appendChild(document.createTextNode(`\n${INDENT.repeat(depth)}`));
  parent.appendChild(element);
  parent.appendChild(document.createTextNode(`\n${INDENT.repeat(depth - 1)}`));
  return element;
}

function removeWithIndent(element: Element): void {
  const before = element.previousSibling;
  if (before?.nodeType === 3 && /^\s*$/.test(before.nodeValue ?? '')) before.parentNode?.removeChild(before);
  element.parentNode?.removeChild(element);
}

/** One line without what XML cannot hold. */
function cleaned(label: string): string {
  return label
    .toWellFormed()
    .replace(/[\p{Cc}\ufffe\uffff\s]+/gu, ' ')
    .trim();
}
