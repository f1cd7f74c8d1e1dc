import fc from 'fast-check';
import {
  altTextOf,
  findImageAt,
  mentionsIn,
  namePattern,
  undescribedImages,
  writeImage,
  type ImageLanguage,
  type Language,
} from '../../../src/references/index.ts';
import { withTags } from '../../../src/providers/exportTags/sidecarXmp.ts';
import { anyText, damaged, textOfTokens } from './inputs.ts';
import { target, WrongResult, type FuzzTarget } from './target.ts';

const LANGUAGES: readonly Language[] = [
  'markdown',
  'mdx',
  'html',
  'component',
  'jsx',
  'script',
  'css',
  'restructuredtext',
  'asciidoc',
  'plain',
];
const IMAGE_LANGUAGES: readonly ImageLanguage[] = [
  'markdown',
  'mdx',
  'html',
  'component',
  'jsx',
  'css',
  'restructuredtext',
  'asciidoc',
];
const MARKUP = [
  '![',
  '](',
  ')',
  '![](a.png)',
  '<img ',
  'src="',
  'src=',
  '"',
  "'",
  '`',
  '```',
  '\n',
  '\n\n',
  '    ',
  '<!--',
  '-->',
  '{',
  '}',
  '<',
  '>',
  '/>',
  'alt=""',
  'alt={',
  'url(',
  '.. image:: ',
  ':alt:',
  'image::',
  'image:',
  '[]',
  '[',
  ']',
  '\\',
  '&amp;',
  '&#x41;',
  '%20',
  '%',
  '\\u0041',
  '$' + '{',
  '../',
  './',
  '/',
  'a.png',
  'a b.svg',
  '#',
  '?',
  '(',
  '<a.png>',
  '[x]: ',
  '<script>',
  '</script>',
  '<picture>',
  '<image',
  ':bind',
  '@/',
];
const MARKUP_DOCUMENTS = [
  '# T\n\n![](a.png)\n\n<img src="b.svg">\n\n```\n![](c.png)\n```\n',
  '<template><img :src="a" alt=""><!-- <img src=x> --></template>',
  '.. image:: a.png\n   :alt: x\n\n.. figure:: b.png\n',
  'image::a.png[]\nimage:b.png[x]\n----\nimage::c.png[]\n----\n',
  'const a = <img src={`./a.png`} />; import b from "../b.png";',
];
const XMP = [
  '<',
  '>',
  '</',
  '/>',
  '"',
  "'",
  '&',
  '&amp;',
  '&x;',
  ']]>',
  '<![CDATA[',
  '<!--',
  '-->',
  '<?xml',
  '?>',
  '<!DOCTYPE x [<!ENTITY a "b">]>',
  'rdf:Bag',
  'rdf:li',
  'dc:subject',
  'xmlns:dc="x"',
  'rdf:about=""',
  'lr:hierarchicalSubject',
  '<rdf:Bag>',
  '</rdf:Bag>',
  '<rdf:li>',
  '\0',
  '\ufffe',
  '<rdf:Description>',
  'xmlns="',
  'rdf:parseType="Resource"',
];
const SIDECAR = withTags(null, { subjects: ['cat', 'dog'], hierarchical: ['Things|cat'] }) ?? '';
const FOREIGN = SIDECAR.replace(
  /<rdf:Description[^>]*>/,
  (start) =>
    `${start}<dc:title xmlns:dc="http://purl.org/dc/elements/1.1/"><rdf:Alt><rdf:li xml:lang="x-default">t</rdf:li></rdf:Alt></dc:title>`,
);

const text = fc.oneof(damaged(MARKUP_DOCUMENTS, MARKUP), textOfTokens(MARKUP, 30), anyText(200));
const fileName = fc.oneof(fc.constantFrom('a.png', 'a b.svg', '(x).png', 'ü 図.jpg', '$1.png', '[a].gif'), anyText(20));

const alternativeTexts = target({
  name: 'alternative-texts',
  inputs: fc.record({ text, language: fc.constantFrom(...LANGUAGES), start: fc.nat(300), length: fc.nat(500) }),
  async read({ text: content, language, start, length }) {
    const range = { start: Math.min(start, content.length), end: Math.min(start + length, content.length) };
    for (const image of await undescribedImages(content, language, range)) {
      if (image.start < 0 || image.end > content.length || image.start > image.end)
        throw new WrongResult('a place outside of the text');
    }
  },
});

const references = target({
  name: 'references',
  inputs: fc.record({ text, name: fileName, language: fc.constantFrom(...LANGUAGES) }),
  async read({ text: content, name, language }) {
    const context = {
      language,
      documentFolder: '/nowhere',
      roots: ['/nowhere'],
      extensions: new Set(['png', 'svg', 'jpg', 'gif']),
    };
    const resolve: Parameters<typeof findImageAt>[4] = (written) =>
      Promise.resolve({
        ...{ file: `/nowhere/${written}`, image: `/nowhere/${written}` },
        ...{ anchor: { folder: '/nowhere', prefix: '' }, suffix: '' },
      });
    if (name === '') return;
    const found = mentionsIn(content, namePattern(name, name.length % 2 === 0), {
      isImage: () => true,
      imageAt: (line, column) => findImageAt(line, column, context, undefined, resolve),
      pause: () => Promise.resolve(),
    });
    for await (const { path } of found)
      if (path.start > path.end) throw new WrongResult('a place that ends before it starts');
  },
});

const writtenImages = target({
  name: 'written-images',
  inputs: fc.record({
    path: fileName,
    labels: fc.array(anyText(20), { maxLength: 4 }),
    language: fc.constantFrom(...IMAGE_LANGUAGES),
  }),
  async read({ path, labels, language }) {
    const alt = altTextOf(labels, path);
    const written = writeImage({ path, alt }, language);
    if (alt.trim() === '') return;
    const images = await undescribedImages(written, language, { start: 0, end: written.length });
    if (images.length > 0) throw new WrongResult(`${JSON.stringify(written)} has no alternative text`);
  },
  // A lone surrogate is no Unicode text, and cannot be written as an address.
  allows: (error) => error instanceof URIError,
});

const sidecars = target({
  name: 'sidecars',
  inputs: fc.record({
    existing: fc.oneof(damaged([SIDECAR, FOREIGN], XMP), textOfTokens(XMP, 20), fc.constant(null)),
    subjects: fc.array(anyText(12), { maxLength: 3 }),
  }),
  read({ existing, subjects }) {
    const tags = { subjects, hierarchical: subjects.map((subject) => `Set|${subject}`) };
    const written = withTags(existing, tags);
    if (written !== null && withTags(written, tags) !== null)
      throw new WrongResult('a second export changes the sidecar again');
  },
});

export const textTargets: readonly FuzzTarget[] = [alternativeTexts, references, writtenImages, sidecars];
