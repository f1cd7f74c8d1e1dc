import { elementsOf, isElement, isSvg, type Document, type Element } from './xml.ts';
import type { StyleDeclaration, StyleSheet } from './styleSheet.ts';

const ANIMATION_ELEMENTS = ['animate', 'set', 'animateTransform', 'animateMotion', 'animateColor'];
/** Properties that can hide a shape, and their value where nothing sets them. */
const INITIAL: Readonly<Record<string, string>> = {
  opacity: '1',
  'fill-opacity': '1',
  'stroke-opacity': '1',
  'stroke-dashoffset': '0',
  visibility: 'visible',
  display: 'inline',
  transform: 'none',
};
/** Attributes that hide a shape where they are 0. */
const SIZES = ['r', 'rx', 'ry', 'width', 'height'];

/**
 * Shows what SMIL animations only show later: where the still picture hides a shape, its attribute gets the value of
 * the animation that shows most of it. Removes the animations.
 */
export function freezeAnimations(document: Document): void {
  const elements = elementsOf(document);
  const byId = new Map(elements.map((element) => [element.getAttribute('id') ?? '', element]));
  for (const animation of elements) {
    if (!ANIMATION_ELEMENTS.some((name) => isSvg(animation, name))) continue;
    const reference = animation.getAttribute('href') ?? animation.getAttribute('xlink:href');
    const target = reference === null ? animation.parentNode : byId.get(reference.replace(/^#/, ''));
    if (target && isElement(target)) freeze(target, animation);
    animation.parentNode?.removeChild(animation);
  }
}

function freeze(target: Element, animation: Element): void {
  const isScale = isSvg(animation, 'animateTransform') && animation.getAttribute('type') === 'scale';
  const property = isScale ? 'transform' : (animation.getAttribute('attributeName') ?? '');
  const shown = (value: string): string => (isScale ? `scale(${value})` : value);
  const base = target.getAttribute(property) ?? INITIAL[property];
  if (base === undefined || !hides(property, base, dashesOf(target))) return;
  const values = valuesOf(animation).map(shown);
  const best = mostVisible(property, values, dashesOf(target));
  if (best !== null) target.setAttribute(property, best);
}

/**
 * The declarations of a CSS animation that show a shape which its other declarations hide.
 * @param declared the value of each property of the element without animations
 */
export function animatedDeclarations(
  declared: ReadonlyMap<string, string>,
  { keyframes }: StyleSheet,
): ReadonlyMap<string, string> {
  const shown = new Map<string, string>();
  const names = (declared.get('animation-name') ?? declared.get('animation') ?? '').split(/[\s,]+/);
  for (const frames of names.map((name) => keyframes.get(name))) {
    if (!frames) continue;
    for (const property of new Set(frames.flat().map((declaration) => declaration.property))) {
      const base = declared.get(property) ?? INITIAL[property];
      const dashes = declared.get('stroke-dasharray') ?? 'none';
      if (base === undefined || !hides(property, base, dashes)) continue;
      const values = frames.flatMap((frame) => valuesIn(frame, property));
      const best = mostVisible(property, values, dashes);
      if (best !== null) shown.set(property, best);
    }
  }
  return shown;
}

function valuesIn(frame: readonly StyleDeclaration[], property: string): string[] {
  return frame.filter((declaration) => declaration.property === property).map(({ value }) => value);
}

function valuesOf(animation: Element): string[] {
  const list = animation.getAttribute('values')?.split(';') ?? [
    animation.getAttribute('from') ?? '',
    animation.getAttribute('to') ?? '',
  ];
  return list.map((value) => value.trim()).filter((value) => value !== '');
}

function dashesOf(element: Element): string {
  return element.getAttribute('stroke-dasharray') ?? parentDashes(element);
}

/** The dashes of the nearest group, because this property is inherited. */
function parentDashes({ parentNode }: Element): string {
  return parentNode && isElement(parentNode) ? dashesOf(parentNode) : 'none';
}

/** Whether a value hides a shape. */
function hides(property: string, value: string, dashes: string): boolean {
  switch (property) {
    case 'visibility':
      return value !== 'visible';
    case 'display':
      return value === 'none';
    case 'transform':
      return /scale(?:[xy]|3d)?\(\s*0(?:\.0*)?\s*[,)\s]/i.test(value);
    case 'stroke-dashoffset':
      return parseFloat(value) !== 0 && dashes !== 'none';
    default:
      return (property in INITIAL || SIZES.includes(property)) && parseFloat(value) === 0;
  }
}

/** The value that shows most; of equal ones the last. Null where all hide the shape. */
function mostVisible(property: string, values: readonly string[], dashes: string): string | null {
  const visible = values.filter((value) => !hides(property, value, dashes));
  const numbers = visible.map(Number);
  if (visible.length > 0 && numbers.every(Number.isFinite)) return String(Math.max(...numbers));
  return visible.at(-1) ?? null;
}
