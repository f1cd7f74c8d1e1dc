import { selectorSpecificity } from '@csstools/selector-specificity';
import postcss, { type AtRule, type Container, type Declaration, type Document, type Rule } from 'postcss';
import nesting from 'postcss-nesting';
import parseSelector from 'postcss-selector-parser';

export interface StyleDeclaration {
  readonly property: string;
  readonly value: string;
  readonly isImportant: boolean;
}

/** One selector with its declarations. */
export interface StyleRule {
  readonly selector: string;
  /** Specificity as one number: ids, classes and names, eight bits each. */
  readonly specificity: number;
  readonly declarations: readonly StyleDeclaration[];
}

/** The rules of all style sheets of a drawing that apply to it on a screen, in order. */
export interface StyleSheet {
  readonly rules: readonly StyleRule[];
  /** By name of the animation: the declarations at each point of it, in order of time. */
  readonly keyframes: ReadonlyMap<string, readonly (readonly StyleDeclaration[])[]>;
}

/** The window that media queries are evaluated for, in CSS pixels. */
export interface Screen {
  readonly width: number;
  readonly height: number;
}

/** Characters of all style sheets of a drawing. */
const LONGEST = 512 * 1024;
/** Levels of nested rules, and references to the parent in a selector: each level repeats the levels above it. */
const MOST_LEVELS = 5;
const MOST_REFERENCES = 3;

/** Parses CSS with nested rules. @returns null where it is damaged, too long or nested too deep */
export function parseStyleSheet(css: string, screen: Screen): StyleSheet | null {
  if (css.length > LONGEST) return null;
  try {
    const parsed = postcss.parse(css);
    if (expands(parsed)) return null;
    const { root } = postcss([nesting()]).process(parsed, { from: undefined });
    const rules: StyleRule[] = [];
    const keyframes = new Map<string, readonly (readonly StyleDeclaration[])[]>();
    collect(root, screen, rules, keyframes);
    return { rules, keyframes };
  } catch {
    return null;
  }
}

/** Whether nested rules lead to selectors that are many times longer. */
function expands(root: Container): boolean {
  let isDeep = false;
  root.walkRules((rule) => {
    let levels = 0;
    for (let parent: Container | Document | undefined = rule; parent; parent = parent.parent) levels++;
    isDeep ||= levels > MOST_LEVELS + 1 || rule.selector.split('&').length - 1 > MOST_REFERENCES;
  });
  return isDeep;
}

/** Parses the declarations of a style attribute. */
export function parseDeclarations(css: string): StyleDeclaration[] {
  try {
    return declarationsOf(postcss.parse(css));
  } catch {
    return [];
  }
}

function collect(
  container: Container,
  screen: Screen,
  rules: StyleRule[],
  keyframes: Map<string, readonly (readonly StyleDeclaration[])[]>,
): void {
  container.each((node) => {
    if (node.type === 'rule') rules.push(...rulesOf(node));
    else if (node.type !== 'atrule') return;
    else if (/^(?:-webkit-)?keyframes$/.test(node.name)) keyframes.set(node.params.trim(), framesOf(node));
    else if (node.nodes && applies(node, screen)) collect(node, screen, rules, keyframes);
  });
}

function rulesOf(rule: Rule): StyleRule[] {
  const declarations = declarationsOf(rule);
  const selectors: StyleRule[] = [];
  parseSelector()
    .astSync(rule.selector)
    .each((node) => {
      const { a, b, c } = selectorSpecificity(node);
      selectors.push({ selector: node.toString().trim(), specificity: (a << 16) | (b << 8) | c, declarations });
    });
  return selectors;
}

function declarationsOf(container: Container): StyleDeclaration[] {
  return (container.nodes ?? [])
    .filter((node): node is Declaration => node.type === 'decl')
    .map(({ prop, value, important }) => ({
      property: prop.startsWith('--') ? prop : prop.toLowerCase(),
      value: value.trim(),
      isImportant: important ?? false,
    }));
}

function framesOf(atRule: AtRule): StyleDeclaration[][] {
  const frames: { readonly at: number; readonly declarations: StyleDeclaration[] }[] = [];
  atRule.each((node) => {
    if (node.type !== 'rule') return;
    for (const name of node.selectors) {
      const at = name === 'from' ? 0 : name === 'to' ? 100 : parseFloat(name);
      frames.push({ at, declarations: declarationsOf(node) });
    }
  });
  return frames.sort((a, b) => a.at - b.at).map(({ declarations }) => declarations);
}

/** Whether the rules in an at-rule apply to a drawing on a light screen without interaction. */
function applies({ name, params }: AtRule, screen: Screen): boolean {
  switch (name) {
    case 'media':
      return params.split(',').some((query) => matchesMedia(query.trim().toLowerCase(), screen));
    case 'supports':
      return !/^\s*not\b/i.test(params);
    case 'layer':
      return true;
    default:
      return false;
  }
}

function matchesMedia(query: string, screen: Screen): boolean {
  const negated = /^not\s+(.*)$/.exec(query)?.[1];
  if (negated !== undefined) return !matchesMedia(negated, screen);
  return query
    .replace(/^only\s+/, '')
    .split(/\s+and\s+/)
    .every((part) => part === 'screen' || part === 'all' || part === '' || matchesFeature(part, screen));
}

function matchesFeature(feature: string, { width, height }: Screen): boolean {
  const [, name = '', value = ''] = /^\(\s*([\w-]+)\s*(?::\s*([^)]*?)\s*)?\)$/.exec(feature) ?? [];
  const pixels = parseFloat(value) * (value.endsWith('em') ? 16 : 1);
  switch (name) {
    case 'prefers-color-scheme':
      return value === 'light';
    case 'prefers-reduced-motion':
      return value === 'no-preference';
    case 'min-width':
      return width >= pixels;
    case 'max-width':
      return width <= pixels;
    case 'min-height':
      return height >= pixels;
    case 'max-height':
      return height <= pixels;
    case 'orientation':
      return value === (width > height ? 'landscape' : 'portrait');
    case 'color':
      return true;
    default:
      return false;
  }
}
