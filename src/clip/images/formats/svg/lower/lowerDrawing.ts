import type { DrawingGap } from '../../../types.ts';
import { freezeAnimations } from './animations.ts';
import { inlineStyles } from './styles.ts';
import { layOutSheet } from './sheets.ts';
import { parseStyleSheet, type Screen } from './styleSheet.ts';
import { resolveSwitches } from './switches.ts';
import { elementsOf, isSvg, levelsOf, parseSvg, writeSvg, type Document } from './xml.ts';

export interface LoweredDrawing {
  readonly text: string;
  /** Kinds of content that cannot be drawn. */
  readonly gaps: readonly DrawingGap[];
}

const NO_EFFECT = ['script', 'style'];
/** Levels of elements that the renderers draw. */
const MOST_LEVELS = 1000;

/**
 * Replaces what the renderers lack by what they have: variables, nested rules, media queries and newer colours by plain
 * style attributes; transforms around an origin by matrices; animations by the frame that shows most; conditions by
 * the branch that a browser chooses; a sheet of symbols by a grid of them.
 * @param text a drawing in Unicode
 * @param screen the size of the drawing, for media queries and percentages
 * @returns null where the drawing is not well-formed XML or too deep, so that a renderer reports the error
 */
export function lowerDrawing(text: string, screen: Screen): LoweredDrawing | null {
  const document = parseSvg(text);
  if (!document || levelsOf(elementsOf(document)) > MOST_LEVELS) return null;
  const gaps: DrawingGap[] = [];
  layOutSheet(document);
  if (resolveSwitches(document)) gaps.push('html');
  freezeAnimations(document);
  const css = stylesOf(document);
  const sheet = parseStyleSheet(css, screen);
  if (/@import/i.test(css)) gaps.push('importedStyles');
  if (!sheet || !inlineStyles(document, sheet, screen)) gaps.push('styles');
  if (elementsOf(document).some((element) => isSvg(element, 'script'))) gaps.push('scripts');
  for (const element of elementsOf(document)) {
    if (sheet && NO_EFFECT.some((name) => isSvg(element, name))) element.parentNode?.removeChild(element);
  }
  return { text: writeSvg(document), gaps };
}

function stylesOf(document: Document): string {
  return elementsOf(document)
    .filter((element) => isSvg(element, 'style') && /^(?:text\/css)?$/.test(element.getAttribute('type') ?? ''))
    .map((element) => element.textContent ?? '')
    .join('\n');
}
