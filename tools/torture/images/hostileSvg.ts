import { gzipSync } from 'node:zlib';
import type { Random } from '../random.ts';
import type { HostileFile } from './bombs.ts';

/** The places outside that a drawing refers to. */
export interface Outside {
  /** The address of a server that must not receive a request. */
  readonly listener: string;
  /** The absolute path of a text that must not be read. */
  readonly text: string;
  /** The absolute path of an image that must not be read. */
  readonly image: string;
}

type Drawing = (outside: Outside, random: Random) => string;

const SHAPE = '<path d="M0 0h40v40H0z" fill="#c33"/>';
const repeated = (count: number, part: (index: number) => string): string =>
  Array.from({ length: count }, (_, i) => part(i)).join('');
const svg = (content: string, attributes = 'width="64" height="64"'): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${content}${SHAPE}</svg>`;

/** Drawings that refer to something outside. Each reference is used in each way. */
const references: readonly [(target: string) => string, ...((target: string) => string)[]] = [
  (target) => svg(`<image href="${target}" width="60" height="60"/>`),
  (target) => svg(`<image xlink:href="${target}" width="60" height="60"/>`),
  (target) => svg(`<use href="${target}#a"/>`),
  (target) => svg(`<style>@import url("${target}"); path { fill: url(${target}#p) }</style>`),
  (target) =>
    svg(`<style>@font-face { font-family: x; src: url("${target}") }</style><text font-family="x" y="20">a</text>`),
  (target) => `<?xml-stylesheet href="${target}" type="text/css"?>${svg('')}`,
  (target) => `<!DOCTYPE svg [<!ENTITY x SYSTEM "${target}">]>${svg('<text y="20">&x;</text>')}`,
  (target) => `<!DOCTYPE svg [<!ENTITY % x SYSTEM "${target}"> %x;]>${svg('')}`,
  (target) => `<!DOCTYPE svg SYSTEM "${target}">${svg('')}`,
  (target) => svg(`<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="${target}" parse="text"/>`),
  (target) => svg(`<filter id="f"><feImage href="${target}"/></filter><rect width="60" height="60" filter="url(#f)"/>`),
  (target) =>
    svg(`<rect width="60" height="60" fill="url(${target}#g)" mask="url(${target}#m)" filter="url(${target}#f)"/>`),
  (target) =>
    svg(
      `<foreignObject width="60" height="60"><body xmlns="http://www.w3.org/1999/xhtml"><img src="${target}"/><iframe src="${target}"/></body></foreignObject>`,
    ),
  (target) => svg(`<script href="${target}"/><script>fetch("${target}")</script>`),
  (target) =>
    svg(
      `<image href="data:image/svg+xml;base64,${Buffer.from(svg(`<image href="${target}" width="9" height="9"/>`)).toString('base64')}" width="60" height="60"/>`,
    ),
  (target) =>
    svg(
      `<a href="${target}"><animate attributeName="href" to="${target}"/><set attributeName="href" to="${target}"/></a>`,
    ),
  (target) =>
    svg(`<tref xlink:href="${target}"/><cursor xlink:href="${target}"/><color-profile xlink:href="${target}"/>`),
  (target) => svg(`<image href="&#${target.charCodeAt(0)};${target.slice(1)}" width="60" height="60"/>`),
];

/** Drawings that expand or recur. */
const expanding: readonly [Drawing, ...Drawing[]] = [
  () => {
    const entities = repeated(9, (i) => `<!ENTITY e${i + 1} "${`&e${i};`.repeat(10)}">`);
    return `<!DOCTYPE svg [<!ENTITY e0 "ha">${entities}]>${svg('<text>&e9;</text>')}`;
  },
  (_, random) =>
    `<!DOCTYPE svg [<!ENTITY e "${'a'.repeat(random.between(50_000, 200_000))}">]>${svg(`<text>${'&e;'.repeat(2000)}</text>`)}`,
  () => `<!DOCTYPE svg [<!ENTITY a "&b;"><!ENTITY b "&a;">]>${svg('<text>&a;</text>')}`,
  () => svg('<g id="a"><use href="#a"/><use href="#b"/></g><g id="b"><use href="#a"/></g>'),
  (_, random) =>
    svg(
      `<defs><g id="g0">${SHAPE}</g>${repeated(random.between(3, 30), (i) => `<g id="g${i + 1}">${`<use href="#g${i}"/>`.repeat(12)}</g>`)}</defs><use href="#g3"/>`,
    ),
  (_, random) => svg('<g>'.repeat(random.between(100, 20_000)) + SHAPE),
  (_, random) =>
    svg(
      `<filter id="f" x="-1e9" y="-1e9" width="2e9" height="2e9"><feGaussianBlur stdDeviation="${random.pick([0.1, 500, 1e9] as const)}"/></filter><rect width="60" height="60" filter="url(#f)"/>`,
    ),
  (_, random) =>
    svg(
      `<filter id="f">${repeated(random.between(10, 400), () => '<feTurbulence baseFrequency="0.9" numOctaves="99"/><feMorphology radius="99"/>')}</filter><rect width="60" height="60" filter="url(#f)"/>`,
    ),
  () =>
    svg(
      '<pattern id="p" width="0.001" height="0.001" patternUnits="userSpaceOnUse"><path d="M0 0h1"/></pattern><rect width="1e6" height="1e6" fill="url(#p)"/>',
    ),
  () =>
    svg(
      '<pattern id="p" width="1" height="1"><rect width="9" height="9" fill="url(#p)"/></pattern><rect width="60" height="60" fill="url(#p)"/>',
    ),
  () =>
    svg('<mask id="m"><rect width="9" height="9" mask="url(#m)"/></mask><rect width="60" height="60" mask="url(#m)"/>'),
  () =>
    svg(
      '<clipPath id="c" clip-path="url(#d)"/><clipPath id="d" clip-path="url(#c)"/><rect width="60" height="60" clip-path="url(#c)"/>',
    ),
  () =>
    svg('<marker id="m"><path d="M0 0h1" marker-start="url(#m)"/></marker><path d="M0 0h9" marker-start="url(#m)"/>'),
  (_, random) =>
    svg(
      `<path stroke="red" stroke-dasharray="1e-9" d="M0 0${repeated(random.between(1, 20_000), (i) => `L${i % 60} ${(i * 7) % 60}`)}"/>`,
    ),
  (_, random) =>
    svg(
      '',
      `width="${random.pick(['1e300', '-1', 'NaN', '0', '1e-300', '100000', '9'.repeat(400)] as const)}" height="64"`,
    ),
  (_, random) =>
    svg(
      '',
      `viewBox="${random.pick(['0 0 0 0', '0 0 1e-300 1e300', 'NaN NaN NaN NaN', '0 0 -5 -5', '1e308 1e308 1e308 1e308'] as const)}"`,
    ),
  () =>
    svg(
      `<image width="60" height="60" href="data:image/svg+xml;base64,${Buffer.from(svg(SHAPE.repeat(1000))).toString('base64')}"/>`.repeat(
        30,
      ),
    ),
  (_, random) => svg(`<text ${repeated(random.between(1000, 30_000), (i) => `a${i}="1" `)}>a</text>`),
  (_, random) =>
    svg(
      `<style>${repeated(random.between(1000, 20_000), (i) => `.a${i} > .b ~ path:nth-child(${i}n) { fill: red }`)}</style>`,
    ),
  () => svg(`<g transform="${'rotate(1) '.repeat(100_000)}"/>`),
  () =>
    svg(
      '<rect width="60" height="60" style="fill:red;fill:url(javascript:alert(1))" onload="while(true);"/><script>while(true);</script>',
    ),
  () => `\ufeff<?xml version="1.0" encoding="UTF-7"?>${svg('')}`,
  () => `<svg xmlns="http://www.w3.org/2000/svg"${' '.repeat(1_000_000)}/>`,
  () => `<!--${'-'.repeat(1_000_000)}${svg('')}`,
];

/** A drawing that reads something outside, expands or recurs. */
export function hostileSvg(outside: Outside, random: Random): HostileFile {
  const isReference = random.chance(0.6);
  const text = isReference
    ? random.pick(references)(random.pick(targets(outside)))
    : random.pick(expanding)(outside, random);
  const isZipped = random.chance(0.1);
  return {
    extension: isZipped ? '.svgz' : '.svg',
    bytes: isZipped ? gzipSync(text) : Buffer.from(text),
    how: `SVG that ${isReference ? 'refers to something outside' : 'expands'}: ${text.slice(0, 60)}…`,
  };
}

function targets({ listener, text, image }: Outside): [string, ...string[]] {
  const up = '../'.repeat(16);
  return [
    ...([`${listener}/a.png`, `${listener}/a.svg`, `${listener.replace('http:', '')}/a.png`] as const),
    ...[image, text, `file://${image}`, `file://${text}`, `file:${image}`, `${up}${image.slice(1)}`],
    ...[`\\\\127.0.0.1\\share\\a.png`, '/dev/zero', '/dev/stdin', `expect://id`, `data:image/png;base64,AAAA`],
  ];
}
