import type { Element } from '@xmldom/xmldom';
import { childElements } from '../svg/lower/xml.ts';
import type { DrawableColour } from './colours.ts';
import { ANDROID } from './root.ts';

const SPREAD: Readonly<Record<string, string>> = { clamp: 'pad', repeat: 'repeat', mirror: 'reflect' };

/**
 * Converts a gradient of a drawable to SVG. A sweep gradient, which SVG lacks, becomes a radial one.
 * @param colourOf reads a colour
 */
export function gradientOf(element: Element, id: string, colourOf: (value: string) => DrawableColour): string {
  const written = (name: string): string | null => element.getAttributeNS(ANDROID, name);
  const number = (name: string): number => Number.parseFloat(written(name) ?? '') || 0;
  const spread = SPREAD[written('tileMode') ?? ''] ?? 'pad';
  const shared = `id="${id}" gradientUnits="userSpaceOnUse" spreadMethod="${spread}"`;
  const stops = stopsOf(element, colourOf);
  if ((written('type') ?? 'linear') === 'linear') {
    const ends = `x1="${number('startX')}" y1="${number('startY')}" x2="${number('endX')}" y2="${number('endY')}"`;
    return `<linearGradient ${shared} ${ends}>${stops}</linearGradient>`;
  }
  const circle = `cx="${number('centerX')}" cy="${number('centerY')}" r="${number('gradientRadius') || 1}"`;
  return `<radialGradient ${shared} ${circle}>${stops}</radialGradient>`;
}

/** The items of a gradient, or its start, centre and end. */
function stopsOf(element: Element, colourOf: (value: string) => DrawableColour): string {
  const items = childElements(element).filter(({ localName }) => localName === 'item');
  const stops: (readonly [offset: number, colour: string | null])[] =
    items.length > 0
      ? items.map((item) => [
          Number.parseFloat(item.getAttributeNS(ANDROID, 'offset') ?? '') || 0,
          item.getAttributeNS(ANDROID, 'color'),
        ])
      : [
          [0, element.getAttributeNS(ANDROID, 'startColor')],
          [0.5, element.getAttributeNS(ANDROID, 'centerColor')],
          [1, element.getAttributeNS(ANDROID, 'endColor')],
        ];
  return stops
    .map(([offset, value]) => {
      if (value === null) return '';
      const { colour, opacity } = colourOf(value);
      return `<stop offset="${offset}" stop-color="${colour}" stop-opacity="${opacity}"/>`;
    })
    .join('');
}
