/** The colour of text and lines: a grey that is readable on white and on black. */
export const GREY = '#808080';

type Attributes = Readonly<Record<string, string | number>>;

/** An SVG element; `content` is markup. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === 'number' ? round(value) : value}"`,
  );
  return content === '' ? `<${name}${written.join('')}/>` : `<${name}${written.join('')}>${content}</${name}>`;
}

export function text(x: number, y: number, content: string, attributes: Attributes = {}): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return element('text', { x, y, 'dominant-baseline': 'central', ...attributes }, escaped);
}

export function line(x1: number, y1: number, x2: number, y2: number, attributes: Attributes = {}): string {
  return element('line', { x1, y1, x2, y2, stroke: GREY, ...attributes });
}

/** A faint line of a plot's grid. */
export function gridLine(x1: number, y1: number, x2: number, y2: number): string {
  return line(x1, y1, x2, y2, { 'stroke-opacity': 0.25 });
}

export function document(width: number, height: number, title: string, parts: readonly string[]): string {
  const attributes = {
    xmlns: 'http://www.w3.org/2000/svg',
    ...{ width, height, viewBox: `0 0 ${width} ${height}` },
    'font-family': 'system-ui, sans-serif',
    ...{ 'font-size': 12, fill: GREY, role: 'img' },
  };
  return `${element('svg', attributes, ['', element('title', {}, title), ...parts, ''].join('\n'))}\n`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
