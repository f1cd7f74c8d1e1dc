import type { DrawingSize } from '../../types.ts';
import { rootOffset } from './root.ts';

/** The start tag of the root element in the text of an SVG. */
export interface RootElement {
  /** Offsets of "<" and behind ">". */
  readonly start: number;
  readonly end: number;
  /** With its prefix, if it has one. */
  readonly name: string;
  /** By name with prefix; values as written, without quotes. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly isEmpty: boolean;
}

/** The proportions of a drawing and how its content fills them. */
export interface Viewport {
  /** Size in CSS pixels at which a browser shows it; null where only its content determines the size. */
  readonly size: { readonly width: number; readonly height: number } | null;
  /** The value of `viewBox`; null where it has none that is valid. */
  readonly viewBox: readonly [x: number, y: number, width: number, height: number] | null;
}

const ROOT_TAG = /<([^\s/>]+)((?:\s+[^\s=/>]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/y;
const ATTRIBUTE = /\s+([^\s=/>]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i;
/** CSS pixels of each unit of length that does not depend on a window. */
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  px: 1,
  pt: 4 / 3,
  pc: 16,
  mm: 96 / 25.4,
  cm: 96 / 2.54,
  q: 96 / 101.6,
  in: 96,
  em: 16,
  rem: 16,
  ex: 8,
};

/** Reads the start tag of the root element. @returns null where it is not well-formed */
export function readRoot(text: string): RootElement | null {
  const start = rootOffset(text);
  ROOT_TAG.lastIndex = start;
  const match = ROOT_TAG.exec(text);
  const [tag, name, attributes, slash] = match ?? [];
  if (tag === undefined || name === undefined || attributes === undefined) return null;
  const values = new Map<string, string>();
  for (const [, key, double, single] of attributes.matchAll(ATTRIBUTE)) {
    if (key !== undefined) values.set(key, double ?? single ?? '');
  }
  return { start, end: start + tag.length, name, attributes: values, isEmpty: slash === '/' };
}

/** The attributes that determine the size of a drawing, as written. */
export function writtenSize({ attributes }: RootElement): DrawingSize {
  const valueOf = (name: string): string | null => attributes.get(name)?.trim().slice(0, 100) ?? null;
  return { viewBox: valueOf('viewBox'), width: valueOf('width'), height: valueOf('height') };
}

/**
 * The size of a drawing by the rules of browsers for images (SVG 2, section 8.2). A width or height in percent counts
 * as `auto`, and one side alone follows the proportions of the viewBox.
 */
export function viewportOf({ attributes }: RootElement): Viewport {
  const style = styleOf(attributes.get('style') ?? '');
  const width = length(style.get('width') ?? attributes.get('width'));
  const height = length(style.get('height') ?? attributes.get('height'));
  const viewBox = readViewBox(attributes.get('viewBox'));
  if (width !== null && height !== null) return { size: { width, height }, viewBox };
  if (!viewBox) return { size: null, viewBox };
  const ratio = viewBox[2] / viewBox[3];
  if (width !== null) return { size: { width, height: width / ratio }, viewBox };
  if (height !== null) return { size: { width: height * ratio, height }, viewBox };
  return { size: { width: viewBox[2], height: viewBox[3] }, viewBox };
}

/** The start tag with other attributes; null removes one. Width and height in its style do not override them. */
export function rootTag(root: RootElement, changes: Readonly<Record<string, string | null>>): string {
  const attributes = new Map(root.attributes);
  const style = attributes.get('style');
  if (style !== undefined) {
    const kept = [...styleOf(style)].filter(([name]) => !/^(?:(?:min-|max-)?(?:width|height))$/.test(name));
    attributes.set('style', kept.map((declaration) => declaration.join(':')).join(';'));
  }
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) attributes.delete(name);
    else attributes.set(name, value);
  }
  const written = [...attributes].map(([name, value]) => {
    const quote = value.includes('"') ? "'" : '"';
    return ` ${name}=${quote}${value}${quote}`;
  });
  return `<${root.name}${written.join('')}${root.isEmpty ? '/' : ''}>`;
}

/** The declarations of a style attribute. */
function styleOf(style: string): Map<string, string> {
  const declarations = new Map<string, string>();
  for (const declaration of style.split(';')) {
    const colon = declaration.indexOf(':');
    if (colon > 0)
      declarations.set(declaration.slice(0, colon).trim().toLowerCase(), declaration.slice(colon + 1).trim());
  }
  return declarations;
}

/** A length in CSS pixels; null where it depends on a window, is negative or no length. */
function length(value: string | undefined): number | null {
  const [, number = '', unit = ''] = /^\s*([-+.\de]*?\d\.?)([a-z]*)\s*(?:!important)?$/i.exec(value ?? '') ?? [];
  const factor = UNITS[unit.toLowerCase()];
  return factor === undefined || !NUMBER.test(number) || Number(number) < 0 ? null : Number(number) * factor;
}

function readViewBox(value: string | undefined): Viewport['viewBox'] {
  const numbers = (value ?? '').trim().split(/\s*,\s*|\s+/);
  if (numbers.length !== 4 || !numbers.every((number) => NUMBER.test(number))) return null;
  const [x = 0, y = 0, width = 0, height = 0] = numbers.map(Number);
  return [x, y, width, height].every(Number.isFinite) && width > 0 && height > 0 ? [x, y, width, height] : null;
}
