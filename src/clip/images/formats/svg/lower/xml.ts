import { DOMParser, XMLSerializer, type Document, type Element, type Node } from '@xmldom/xmldom';
import type { Options } from 'css-select';
import { rootOffset } from '../root.ts';

export type { Document, Element, Node };

export const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';
const ELEMENT_NODE = 1;
/** Characters of a document type with entities. */
const LONGEST_PROLOGUE = 64 * 1024;
/** Characters that entities may add to a document. */
const MOST_ENTITY_TEXT = 1_000_000;

/** Parses an SVG. @returns null where it is not well-formed XML, or its entities are too long or refer to each other */
export function parseSvg(text: string): Document | null {
  const expanded = expandEntities(text);
  if (expanded === null) return null;
  try {
    return new DOMParser({
      onError(level, message) {
        if (level !== 'warning') throw new Error(message);
      },
    }).parseFromString(expanded, 'image/svg+xml');
  } catch {
    return null;
  }
}

export function writeSvg(document: Document): string {
  return new XMLSerializer().serializeToString(document);
}

/** The text of an element, with the namespaces that it needs. */
export function writeElement(element: Element): string {
  return new XMLSerializer().serializeToString(element);
}

/** All elements of a document or below an element, in document order. */
export function elementsOf(parent: Document | Element): Element[] {
  return Array.from(parent.getElementsByTagName('*'));
}

export function childElements(parent: Node): Element[] {
  const found: Element[] = [];
  for (let child = parent.firstChild; child; child = child.nextSibling) if (isElement(child)) found.push(child);
  return found;
}

/** The most elements inside each other. @param elements in document order */
export function levelsOf(elements: readonly Element[]): number {
  const levels = new Map<Node, number>();
  let most = 0;
  for (const element of elements) {
    const level = 1 + ((element.parentNode && levels.get(element.parentNode)) ?? 0);
    levels.set(element, level);
    most = Math.max(most, level);
  }
  return most;
}

/** Whether an element is of SVG and has this name. */
export function isSvg(element: Element, name: string): boolean {
  return element.localName === name && element.namespaceURI === SVG_NAMESPACE;
}

export function isElement(node: Node): node is Element {
  return node.nodeType === ELEMENT_NODE;
}

/** Access to the tree for css-select. */
export const adapter: NonNullable<Options<Node, Element>['adapter']> = {
  isTag: isElement,
  getAttributeValue: (element, name) => element.getAttribute(name) ?? undefined,
  getChildren: (node) => Array.from(node.childNodes),
  getName: (element) => element.localName ?? element.tagName,
  getParent: ({ parentNode }) => parentNode,
  getSiblings: ({ parentNode }) => (parentNode ? Array.from(parentNode.childNodes) : []),
  getText: ({ textContent }) => textContent ?? '',
  hasAttrib: (element, name) => element.hasAttribute(name),
  removeSubsets: (nodes) => [...new Set(nodes)],
};

/** Replaces the entities that the document type defines, as editors write them for namespaces. */
function expandEntities(text: string): string | null {
  const prologue = text.slice(0, rootOffset(text));
  if (!prologue.includes('<!ENTITY')) return text;
  const doctype = prologue.length > LONGEST_PROLOGUE ? null : /<!DOCTYPE[^[>]*\[([^]*?)\]\s*>/.exec(prologue);
  if (!doctype) return null;
  const entities = new Map<string, string>();
  for (const [, name = '', double, single] of (doctype[1] ?? '').matchAll(
    /<!ENTITY\s+([\w.-]+)\s+(?:"([^"]*)"|'([^']*)')\s*>/g,
  )) {
    const value = double ?? single ?? '';
    if (value.includes('&')) return null;
    entities.set(name, value);
  }
  let added = 0;
  const expanded = text.replace(doctype[0], '').replace(/&([\w.-]+);/g, (reference, name: string) => {
    const value = added > MOST_ENTITY_TEXT ? undefined : entities.get(name);
    added += value?.length ?? 0;
    return value ?? reference;
  });
  return added > MOST_ENTITY_TEXT ? null : expanded;
}
