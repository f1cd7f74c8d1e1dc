import { DOMParser, type Element } from '@xmldom/xmldom';
import { messageOf, UserError } from '../../../../base/userError.ts';
import { childElements } from '../svg/lower/xml.ts';
import { drawableColour, NEUTRAL, type DrawableColour } from './colours.ts';
import { gradientOf } from './gradient.ts';
import { ANDROID } from './root.ts';

/** A drawable as SVG. */
export interface DrawableSvg {
  readonly svg: string;
  /** Whether a colour is a resource or an attribute of a theme, which is drawn grey. */
  readonly hasUnknownColours: boolean;
}

/** Characters. Android advises against drawables of more than a few kB. */
const LONGEST = 2_000_000;
/** Groups inside each other. */
const DEEPEST = 100;

/**
 * Converts an Android VectorDrawable to SVG, as the reference of the class android.graphics.drawable.VectorDrawable
 * defines it. Trimmed paths are drawn whole.
 * @throws UserError where it is not well-formed or has no usable size
 */
export function svgOfDrawable(text: string): DrawableSvg {
  const root = parse(text);
  const width = lengthOf(root, 'width');
  const height = lengthOf(root, 'height');
  const viewport = [numberOf(root, 'viewportWidth') ?? width, numberOf(root, 'viewportHeight') ?? height];
  if (![width, height, ...viewport].every((side) => side > 0 && side <= 1e6)) {
    throw new UserError('VectorDrawable without a usable size');
  }
  const writer = new DrawableWriter(attributeOf(root, 'tint'));
  const content = writer.children(root, 0);
  const opacity = numberOf(root, 'alpha') ?? 1;
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${viewport.join(' ')}" ` +
    `preserveAspectRatio="none"><defs>${writer.definitions.join('')}</defs>` +
    `<g opacity="${opacity}">${content}</g></svg>`;
  return { svg, hasUnknownColours: writer.hasUnknownColours };
}

function parse(text: string): Element {
  if (text.length > LONGEST) throw new UserError('VectorDrawable with more than 2 MB');
  // Drawables have no document type. Entities of one could expand without limit.
  if (/<!DOCTYPE/i.test(text)) throw new UserError('VectorDrawable with a document type');
  try {
    const { documentElement } = new DOMParser({
      onError(level, message) {
        if (level !== 'warning') throw new Error(message);
      },
    }).parseFromString(text.replace(/^\ufeff/, ''), 'text/xml');
    if (documentElement) return documentElement;
  } catch (error) {
    throw new UserError('damaged VectorDrawable (XML error)', { cause: messageOf(error) });
  }
  throw new UserError('damaged VectorDrawable (no root element)');
}

class DrawableWriter {
  readonly definitions: string[] = [];
  hasUnknownColours = false;
  readonly #tint: DrawableColour | undefined;

  constructor(tint: string | undefined) {
    this.#tint = tint === undefined ? undefined : this.#colour(tint);
  }

  /** Writes the children of a group. A clip path applies to the children that follow it. */
  children(parent: Element, depth: number): string {
    if (depth > DEEPEST) throw new UserError(`VectorDrawable with more than ${DEEPEST} groups inside each other`);
    let svg = '';
    let clips = 0;
    for (const element of childElements(parent)) {
      const name = element.localName;
      if (name === 'group') {
        svg += `<g transform="${transformOf(element)}">${this.children(element, depth + 1)}</g>`;
      } else if (name === 'path') {
        svg += this.#path(element);
      } else if (name === 'clip-path') {
        svg += `<g clip-path="url(#${this.#clipPath(element)})">`;
        clips++;
      }
    }
    return svg + '</g>'.repeat(clips);
  }

  #path(element: Element): string {
    const attributes = [
      `d="${pathData(element)}"`,
      ...this.#paint(element, 'fill'),
      ...this.#paint(element, 'stroke'),
      `fill-rule="${fillRule(element)}"`,
      `stroke-width="${numberOf(element, 'strokeWidth') ?? 0}"`,
      `stroke-linecap="${oneOf(element, 'strokeLineCap', ['butt', 'round', 'square'])}"`,
      `stroke-linejoin="${oneOf(element, 'strokeLineJoin', ['miter', 'round', 'bevel'])}"`,
      `stroke-miterlimit="${numberOf(element, 'strokeMiterLimit') ?? 4}"`,
    ];
    return `<path ${attributes.join(' ')}/>`;
  }

  /** A colour, or a gradient in an element aapt:attr. */
  #paint(element: Element, kind: 'fill' | 'stroke'): string[] {
    const alpha = numberOf(element, `${kind}Alpha`) ?? 1;
    const name = `${kind}Color`;
    const inner = childElements(element).find(
      (child) => child.localName === 'attr' && child.getAttribute('name') === `android:${name}`,
    );
    const gradient = inner && childElements(inner).find(({ localName }) => localName === 'gradient');
    if (gradient && !this.#tint) {
      const id = `${kind}${this.definitions.length}`;
      this.definitions.push(gradientOf(gradient, id, (value) => this.#colour(value)));
      return [`${kind}="url(#${id})"`, `${kind}-opacity="${alpha}"`];
    }
    const written = attributeOf(element, name);
    if (written === undefined && !gradient) return [`${kind}="none"`];
    const own = written === undefined ? NEUTRAL : this.#colour(written);
    // A tint replaces the colours, and keeps their opacity.
    const { colour } = this.#tint ?? own;
    return [`${kind}="${colour}"`, `${kind}-opacity="${alpha * own.opacity * (this.#tint?.opacity ?? 1)}"`];
  }

  #colour(value: string): DrawableColour {
    const colour = drawableColour(value);
    if (!colour) this.hasUnknownColours = true;
    return colour ?? NEUTRAL;
  }

  /** @returns the identifier of its definition */
  #clipPath(element: Element): string {
    const id = `clip${this.definitions.length}`;
    const path = `<path d="${pathData(element)}" clip-rule="${fillRule(element)}"/>`;
    this.definitions.push(`<clipPath id="${id}">${path}</clipPath>`);
    return id;
  }
}

function transformOf(group: Element): string {
  const value = (name: string, otherwise: number): number => numberOf(group, name) ?? otherwise;
  const [pivotX, pivotY] = [value('pivotX', 0), value('pivotY', 0)];
  return [
    `translate(${value('translateX', 0) + pivotX} ${value('translateY', 0) + pivotY})`,
    `rotate(${value('rotation', 0)})`,
    `scale(${value('scaleX', 1)} ${value('scaleY', 1)})`,
    `translate(${-pivotX} ${-pivotY})`,
  ].join(' ');
}

/** The commands of a path, which are those of SVG. */
function pathData(element: Element): string {
  return (attributeOf(element, 'pathData') ?? '').replaceAll(/[^\d\s.,+\-a-z]/gi, '');
}

function fillRule(element: Element): string {
  return attributeOf(element, 'fillType')?.toLowerCase() === 'evenodd' ? 'evenodd' : 'nonzero';
}

function oneOf<T extends string>(element: Element, name: string, values: readonly [T, ...T[]]): T {
  const written = attributeOf(element, name);
  return values.find((value) => value === written) ?? values[0];
}

/** A length such as "24dp" as a number of pixels of a screen without scaling; NaN if it is a resource. */
function lengthOf(element: Element, name: string): number {
  const match = /^([\d.]+)(?:dp|dip|px|sp)?$/.exec(attributeOf(element, name)?.trim() ?? '');
  return Number(match?.[1] ?? NaN);
}

function numberOf(element: Element, name: string): number | undefined {
  const value = Number.parseFloat(attributeOf(element, name) ?? '');
  return Number.isFinite(value) ? value : undefined;
}

function attributeOf(element: Element, name: string): string | undefined {
  return element.getAttributeNS(ANDROID, name) ?? undefined;
}
