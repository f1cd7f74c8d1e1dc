import { elementsOf, isElement, type Element } from '../lower/xml.ts';

const URL_REFERENCE = /url\(\s*["']?#([^)"'\s]+)/g;

/** The elements that others refer to by their identifiers. Looks each element up once. */
export class References {
  readonly #byId = new Map<string, Element>();
  readonly #of = new Map<Element, readonly string[]>();

  constructor(root: Element) {
    for (const element of elementsOf(root)) {
      const id = element.getAttribute('id') ?? '';
      if (id !== '' && !this.#byId.has(id)) this.#byId.set(id, element);
    }
  }

  /**
   * The elements that an element needs, directly and indirectly, and that are not in it.
   * @param also identifiers that a style sheet refers to
   */
  closure(element: Element, also: readonly string[]): Element[] {
    const needed = new Set<Element>();
    const waiting = [...this.#referencesOf(element), ...also];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const found = this.#byId.get(id);
      if (!found || needed.has(found) || contains(element, found) || contains(found, element)) continue;
      needed.add(found);
      waiting.push(...this.#referencesOf(found));
    }
    // An element is not written a second time inside of another one.
    return [...needed].filter((it) => !ancestorsOf(it).some((ancestor) => needed.has(ancestor)));
  }

  #referencesOf(element: Element): readonly string[] {
    const known = this.#of.get(element);
    if (known) return known;
    const found = new Set([element, ...elementsOf(element)].flatMap(ownReferences));
    this.#of.set(element, [...found]);
    return [...found];
  }
}

/** The identifiers in a text of CSS. */
export function urlReferences(css: string): string[] {
  return Array.from(css.matchAll(URL_REFERENCE), ([, id = '']) => id);
}

function ownReferences(element: Element): string[] {
  return Array.from(element.attributes).flatMap(({ localName, value }) =>
    localName === 'href' ? (value.startsWith('#') ? [value.slice(1)] : []) : urlReferences(value),
  );
}

function contains(outer: Element, inner: Element): boolean {
  return outer === inner || ancestorsOf(inner).includes(outer);
}

function ancestorsOf(element: Element): Element[] {
  const found: Element[] = [];
  for (let node = element.parentNode; node && isElement(node); node = node.parentNode) found.push(node);
  return found;
}
