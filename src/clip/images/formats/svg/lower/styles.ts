import { compile } from 'css-select';
import { animatedDeclarations } from './animations.ts';
import { lowerColours, replaceVariables } from './colours.ts';
import { parseDeclarations, type Screen, type StyleDeclaration, type StyleSheet } from './styleSheet.ts';
import { transformAttribute } from './transforms.ts';
import {
  adapter,
  childElements,
  elementsOf,
  isElement,
  isSvg,
  levelsOf,
  type Document,
  type Element,
  type Node,
} from './xml.ts';

/** Selectors times elements that are compared at most. */
const MOST_COMPARISONS = 1_000_000;
/** A longer selector takes long to compare, as one with :has() does. */
const LONGEST_SELECTOR = 200;
/** Presentation attributes whose value can have variables or colours of CSS (SVG 2, section 6.6). */
const PRESENTATION =
  /^(?:fill|stroke|color|stop-color|flood-color|lighting-color|opacity|(?:fill|stroke|stop|flood)-opacity|stroke-(?:width|dasharray|dashoffset|linecap|linejoin)|display|visibility|font-(?:size|family|weight|style)|cx|cy|r|rx|ry|x|y|width|height)$/;
const KEYWORD_WITHOUT_EFFECT = /^(?:unset|revert|revert-layer|initial)$/i;
/** Properties that this module replaces. */
const REPLACED = /^(?:--|animation|transition|transform|color-scheme|will-change)/;

/** The values that an element inherits from its parent. */
interface Inherited {
  readonly variables: ReadonlyMap<string, string>;
  /** The value of `color`. */
  readonly colour: string;
}

type Matched = StyleDeclaration & { readonly specificity: number; readonly order: number };

/**
 * Computes the cascade of all style sheets and attributes (CSS Cascade, section 6), and writes the result as style
 * attributes that need no variables, no selectors and no newer colours.
 * @returns false where the drawing has too many rules, and is left unchanged
 */
export function inlineStyles(document: Document, sheet: StyleSheet, screen: Screen): boolean {
  const elements = elementsOf(document);
  const levels = levelsOf(elements);
  const siblings = elements.reduce((most, { childNodes }) => Math.max(most, childNodes.length), 1);
  const cost = sheet.rules.reduce(
    (sum, { selector }) => sum + elements.length * comparisons(selector, levels, siblings),
    0,
  );
  if (cost > MOST_COMPARISONS) return false;
  const matched = matchRules(elements, sheet);
  const root = document.documentElement;
  if (root) inline(root, { variables: new Map(), colour: '#000' }, { matched, sheet, screen, root });
  for (const element of elements) if (isSvg(element, 'style')) element.parentNode?.removeChild(element);
  return true;
}

/** Comparisons of a selector with one element: css-select tries every combination of ancestors and of siblings. */
function comparisons(selector: string, levels: number, siblings: number): number {
  const ancestors = selector.trim().split(/\s+/).length - 1;
  const others = selector.split(/~|:(?:nth|first|last|only)-/).length - 1;
  return levels ** ancestors * siblings ** others;
}

function matchRules(elements: readonly Element[], { rules }: StyleSheet): ReadonlyMap<Element, readonly Matched[]> {
  const matched = new Map<Element, Matched[]>();
  rules.forEach(({ selector, specificity, declarations }, order) => {
    const matches = compileSelector(selector);
    if (!matches) return;
    for (const element of elements) {
      if (!matches(element)) continue;
      const list = matched.get(element) ?? [];
      list.push(...declarations.map((declaration) => ({ ...declaration, specificity, order })));
      matched.set(element, list);
    }
  });
  return matched;
}

/** @returns null for a selector that css-select does not know, such as a pseudo-element */
function compileSelector(selector: string): ((element: Element) => boolean) | null {
  if (selector.length > LONGEST_SELECTOR || selector.includes(':has(')) return null;
  try {
    return compile<Node, Element>(selector, { adapter, xmlMode: true });
  } catch {
    return null;
  }
}

interface Context {
  readonly matched: ReadonlyMap<Element, readonly Matched[]>;
  readonly sheet: StyleSheet;
  readonly screen: Screen;
  readonly root: Element;
}

function inline(element: Element, inherited: Inherited, context: Context): void {
  const declared = cascade(element, context.matched.get(element) ?? []);
  const variables = variablesOf(declared, inherited.variables);
  const colour = ownColour(
    declared.get('color') ?? element.getAttribute('color') ?? undefined,
    variables,
    inherited.colour,
  );
  const values = new Map<string, string>();
  for (const [property, written] of [...declared, ...animatedDeclarations(declared, context.sheet)]) {
    const value = replaceVariables(written, variables);
    if (value === null || KEYWORD_WITHOUT_EFFECT.test(value)) element.removeAttribute(property);
    else values.set(property, lowerColours(value, colour));
  }
  writeTransform(element, values, context);
  writeStyle(element, values);
  for (const child of childElements(element)) inline(child, { variables, colour }, context);
}

/** The declared value of each property, from presentation attributes, rules and the style attribute. */
function cascade(element: Element, matched: readonly Matched[]): Map<string, string> {
  const rank = ({ isImportant, specificity, order }: Matched): number =>
    (isImportant ? 2 ** 50 : 0) + specificity * 2 ** 20 + order;
  const own = parseDeclarations(element.getAttribute('style') ?? '').map((declaration) => ({
    ...declaration,
    specificity: 2 ** 25,
    order: 0,
  }));
  const declared = new Map<string, string>();
  for (const { name, value } of Array.from(element.attributes)) {
    if (PRESENTATION.test(name) && value.includes('(')) declared.set(name, value);
  }
  for (const { property, value } of [...matched, ...own].sort((a, b) => rank(a) - rank(b)))
    declared.set(property, value);
  return declared;
}

function variablesOf(
  declared: ReadonlyMap<string, string>,
  inherited: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const own = [...declared].filter(([property]) => property.startsWith('--'));
  if (own.length === 0) return inherited;
  const all = new Map([...inherited, ...own]);
  for (const [name, value] of own) {
    const replaced = replaceVariables(value, all);
    if (replaced === null) all.delete(name);
    else all.set(name, replaced);
  }
  return all;
}

function ownColour(written: string | undefined, variables: ReadonlyMap<string, string>, inherited: string): string {
  const value = written === undefined ? null : replaceVariables(written, variables);
  return value === null || /^(?:inherit|unset|currentcolor)$/i.test(value) ? inherited : lowerColours(value, inherited);
}

/** Writes a CSS transform as an attribute, which both renderers read. */
function writeTransform(element: Element, values: Map<string, string>, { root, screen }: Context): void {
  const origin = values.get('transform-origin') ?? element.getAttribute('transform-origin');
  const transform = values.get('transform') ?? (origin === null ? null : element.getAttribute('transform'));
  if (transform === null) return;
  // The root is a box of CSS, which turns around its centre.
  const attribute = transformAttribute(transform, origin ?? (element === root ? 'center' : '0 0'), screen);
  if (attribute === null) return;
  element.removeAttribute('transform-origin');
  if (element !== root) {
    element.setAttribute('transform', attribute);
    return;
  }
  element.removeAttribute('transform');
  const group = root.ownerDocument?.createElementNS(root.namespaceURI, root.prefix ? `${root.prefix}:g` : 'g');
  if (!group) return;
  group.setAttribute('transform', attribute);
  for (const child of Array.from(root.childNodes)) if (isElement(child)) group.appendChild(child);
  root.appendChild(group);
}

function writeStyle(element: Element, values: ReadonlyMap<string, string>): void {
  const kept = [...values].filter(([property]) => !REPLACED.test(property));
  if (kept.length > 0) element.setAttribute('style', kept.map((declaration) => declaration.join(':')).join(';'));
  else element.removeAttribute('style');
}
