import type { SvgDocument } from './document.ts';

/** A drawing that is larger takes long in both renderers, and resvg reads it on the JavaScript thread. */
const LONGEST = 256 * 1024;
/** Elements that resvg draws as browsers do. Filters are not among them: some abort the process. */
const ELEMENTS = [
  ...['svg', 'g', 'a', 'defs', 'use', 'symbol', 'path', 'rect', 'circle', 'ellipse', 'line', 'polyline', 'polygon'],
  ...['linearGradient', 'radialGradient', 'stop', 'clipPath', 'mask', 'title', 'desc', 'metadata', 'style'],
];
/** The start of any other element of SVG. Elements with a prefix belong to editors, and have no effect. */
const OTHER_ELEMENT = new RegExp(String.raw`<(?!(?:${ELEMENTS.join('|')})[\s/>])(?!/|!--|[\w.-]+:|\?)`);
/** Attributes and CSS that resvg ignores, draws differently, or cannot be read from the text. */
const OTHER_FEATURE =
  /<!ENTITY|\bfilter\s*[=:]|vector-effect|\bmarker(?:-\w+)?\s*[=:]|mix-blend-mode|enable-background\s*:\s*accumulate|requiredFeatures|\bstyle\s*=\s*(?:"[^"&]*&|'[^'&]*&)/;
/** A style sheet of selectors by class, name and id alone, which resvg reads. */
const SIMPLE_STYLE = /^(?:[\w.#,\s*-]+\{[^{}@&!\\]*\})*\s*$/;
/** Properties that need a layer: resvg aborts the process if a layer is far outside the picture. */
const LAYER = /(?<![\w-])(?:opacity|mask|clip-path|isolation)\s*[=:]/;

/** Whether resvg draws this drawing as a browser does, by the elements and properties in it. */
export function isSimpleDrawing({ text, root }: SvgDocument): boolean {
  if (root.name !== 'svg' || text.length > LONGEST || OTHER_ELEMENT.test(text.slice(root.start))) return false;
  if (OTHER_FEATURE.test(text) || hasPrefixedSvg(text)) return false;
  return text.split('<mask').slice(1).every(isSimpleMask) && styles(text).every((css) => SIMPLE_STYLE.test(css));
}

/** Whether a part of the drawing needs a layer. */
export function hasLayers({ text }: SvgDocument): boolean {
  return LAYER.test(text);
}

/** Whether the text after "<mask" contains no layer and no reference to one until the mask ends. */
function isSimpleMask(text: string): boolean {
  const mask = text.slice(0, Math.max(0, text.indexOf('</mask')));
  return !LAYER.test(mask) && !mask.includes('<use');
}

function styles(text: string): string[] {
  return text
    .split(/<style\b[^<>]*>/)
    .slice(1)
    .map((part) => (part.split('</style')[0] ?? '').replace(/<!\[CDATA\[|\]\]>/g, ''));
}

/** Whether elements of SVG have a prefix. */
function hasPrefixedSvg(text: string): boolean {
  for (const [, prefix] of text.matchAll(/xmlns:([\w.-]+)\s*=\s*["']http:\/\/www\.w3\.org\/2000\/svg["']/g)) {
    if (text.includes(`<${prefix ?? ''}:`)) return true;
  }
  return false;
}
