import assert from 'node:assert/strict';
import path from 'node:path';
import {
  languageOf,
  relativePath,
  writeImage,
  writePath,
  type ImageLanguage,
  type Language,
} from '../../../src/references/index.ts';
import { IMAGE_LANGUAGES } from '../../../src/references/languages.ts';

/** Unusual file names that Linux allows. */
const HOSTILE = [
  'a b.png',
  'a (1).png',
  'x](javascript:alert(1)).png',
  '"><script>.png',
  "it's.png",
  'Größe/画像 🐈.png',
  '100%.png',
  '%20.png',
  'a#b?c=d&e.png',
  'back\\slash.png',
  'java:script.png',
  'line\nbreak\u2028.png',
  '*/ } body { x: url(evil.png',
  '`code`|{{x}}^<!--.png',
  '\u202egnp.exe.png',
];

describe('The path of an image in a document', () => {
  const flavours = [
    ['/', path.posix],
    ['\\', path.win32],
  ] as const;
  for (const [separator, flavour] of flavours) {
    const absolute = (relative: string): string =>
      (separator === '/' ? `/w/${relative}` : `C:\\w\\${relative}`).replaceAll('/', separator);
    const relative = (document: string | undefined, image: string, folder = ''): string =>
      relativePath(
        {
          image: absolute(image),
          folder: absolute(folder).replace(/[\\/]$/, ''),
          document: document === undefined ? undefined : absolute(document),
        },
        flavour,
      );

    it(`is relative to the document, with separators ${separator}`, () => {
      assert.equal(relative('README.md', 'img/x.png'), 'img/x.png');
      assert.equal(relative('docs/a.md', 'docs/x.png'), 'x.png');
      assert.equal(relative('docs/a.md', 'docs/img/x.png'), 'img/x.png');
      assert.equal(relative('docs/deep/a.md', 'img/x.png'), '../../img/x.png');
      assert.equal(relative('docs/a.md', 'web/Ü (1) #%20 "x".png'), '../web/Ü (1) #%20 "x".png');
      assert.equal(relative('my docs/a.md', 'my docs/b c.png'), 'b c.png');
    });

    it(`is relative to the workspace folder without a document in it, with separators ${separator}`, () => {
      assert.equal(relative(undefined, 'img/x.png'), 'img/x.png');
      assert.equal(relative('b/a.md', 'a/img/x.png', 'a'), 'img/x.png');
      assert.equal(relative('a2/a.md', 'a/img/x.png', 'a'), 'img/x.png');
      assert.equal(relative('../outside.md', 'img/x.png'), 'img/x.png');
    });
  }

  it('is relative to the workspace folder if the document is on another drive', () => {
    const place = { image: 'C:\\w\\img\\x.png', folder: 'C:\\w', document: 'D:\\w\\a.md' };
    assert.equal(relativePath(place, path.win32), 'img/x.png');
  });

  it('starts with a dot if it would otherwise be a package name or an alias', () => {
    assert.equal(writePath('img/x.png', 'script'), './img/x.png');
    assert.equal(writePath('img/x y.png', 'component'), './img/x%20y.png');
    assert.equal(writePath('../img/x.png', 'jsx'), '../img/x.png');
    assert.equal(writePath('@2x/x.png', 'markdown'), './@2x/x.png');
    assert.equal(writePath('~/x.png', 'css'), './~/x.png');
    assert.equal(writePath('img/x.png', 'markdown'), 'img/x.png');
  });

  it('is a URL where URLs are written, and keeps letters of any script', () => {
    const image = 'Übersicht 図/2 #x%20 (1).png';
    assert.equal(writePath(image, 'markdown'), 'Übersicht%20図/2%20%23x%2520%20%281%29.png');
    assert.equal(writePath(image, 'plain'), image);
    assert.equal(writePath('a\ud800.png', 'html'), 'a%EF%BF%BD.png'); // a lone surrogate is no character
  });

  it('is a string where strings are written', () => {
    assert.equal(writePath(`it's "x".png`, 'script', 'single'), `./it\\'s "x".png`);
    assert.equal(writePath(`it's "x".png`, 'plain', 'double'), `it's \\"x\\".png`);
    assert.equal(writePath('`${x}`\\.png', 'script', 'template'), './\\`\\${x}\\`\\\\.png');
  });

  it('has escaped white space in reStructuredText', () => {
    assert.equal(writePath('a (1) #%.png', 'restructuredtext'), 'a\\ (1)\\ #%.png');
  });

  it('as a URL refers to the file and does not break the surrounding syntax, for any name', () => {
    for (const name of HOSTILE) {
      const encoded = writePath(name, 'markdown');
      const url = new URL(encoded, 'file:///base/');
      assert.equal(url.protocol, 'file:', name);
      assert.equal(decodeURIComponent(url.pathname), `/base/${name}`, name);
      assert.equal(url.search + url.hash, '', name);
      assert.doesNotMatch(encoded, /[\s"'<>()[\]{}\\`|]/, name);
    }
  });
});

describe('A reference to an image', () => {
  const image = { path: 'icons/big cat.png', alt: 'cat, animal', size: { width: 32, height: 16 } };

  it('has the notation of its language', () => {
    const expected: Readonly<Record<ImageLanguage, string>> = {
      markdown: '![cat, animal](icons/big%20cat.png)',
      mdx: '![cat, animal](icons/big%20cat.png)',
      html: '<img src="icons/big%20cat.png" alt="cat, animal" width="32" height="16">',
      component: '<img src="./icons/big%20cat.png" alt="cat, animal" width="32" height="16">',
      jsx: '<img src="./icons/big%20cat.png" alt="cat, animal" width={32} height={16} />',
      css: 'url("icons/big%20cat.png")',
      restructuredtext: '.. image:: icons/big\\ cat.png\n   :alt: cat, animal',
      asciidoc: 'image::icons/big%20cat.png["cat, animal"]',
    };
    assert.deepEqual(
      Object.fromEntries(IMAGE_LANGUAGES.map((language) => [language, writeImage(image, language)])),
      expected,
    );
  });

  it('to a symbol of a sheet has its fragment, and is used as an element of SVG in HTML', () => {
    const symbol = { path: 'big icons.svg#a%20b', alt: 'cat, "animal"', size: { width: 24, height: 24 } };
    const expected: Readonly<Record<ImageLanguage, string>> = {
      markdown: '![cat, "animal"](big%20icons.svg#a%20b)',
      mdx: '![cat, "animal"](big%20icons.svg#a%20b)',
      html: '<svg role="img" aria-label="cat, &quot;animal&quot;" width="24" height="24"><use href="big%20icons.svg#a%20b"></use></svg>',
      component:
        '<svg role="img" aria-label="cat, &quot;animal&quot;" width="24" height="24"><use href="./big%20icons.svg#a%20b"></use></svg>',
      jsx: '<svg role="img" aria-label="cat, &quot;animal&quot;" width={24} height={24}><use href="./big%20icons.svg#a%20b" /></svg>',
      css: 'url("big%20icons.svg#a%20b")',
      restructuredtext: '.. image:: big\\ icons.svg#a%20b\n   :alt: cat, "animal"',
      asciidoc: 'image::big%20icons.svg#a%20b["cat, &#34;animal&#34;"]',
    };
    for (const language of IMAGE_LANGUAGES) assert.equal(writeImage(symbol, language), expected[language]);
    assert.equal(writePath("it's.svg#heart", 'script', 'single'), String.raw`./it\'s.svg#heart`);
  });

  it('has no size and no option without a value', () => {
    const bare = { path: 'a.png', alt: '' };
    assert.equal(writeImage(bare, 'html'), '<img src="a.png" alt="">');
    assert.equal(writeImage(bare, 'jsx'), '<img src="./a.png" alt="" />');
    assert.equal(writeImage(bare, 'restructuredtext'), '.. image:: a.png');
    assert.equal(writeImage(bare, 'asciidoc'), 'image::a.png[]');
  });

  it('keeps its notation intact for any name and alternative text', () => {
    const shapes: Readonly<Record<ImageLanguage, RegExp>> = {
      // Every bracket of the alternative text is escaped: the unescaped ones belong to the notation.
      markdown: /^!\[(?:[^\\[\]]|\\.)*\]\([^()]*\)$/u,
      mdx: /^!\[(?:[^\\[\]{}<]|\\.)*\]\([^()]*\)$/u,
      html: /^<img src="[^"<>{}]*" alt="[^"<>{}]*">$/,
      component: /^<img src="[^"<>{}]*" alt="[^"<>{}]*">$/,
      jsx: /^<img src="[^"<>{}]*" alt="[^"<>{}]*" \/>$/,
      css: /^url\("[^"\\\n]*"\)$/,
      restructuredtext: /^\.\. image:: (?:[^\s\\]|\\.)*\n {3}:alt: [^\n]+$/,
      asciidoc: /^image::[^\s[\]{}]+\[(?:[^"[\]{},=]*|"[^"[\]{}]*")\]$/,
    };
    for (const name of HOSTILE) {
      for (const language of IMAGE_LANGUAGES) {
        assert.match(writeImage({ path: name, alt: name }, language), shapes[language], `${language}: ${name}`);
      }
    }
  });

  it('has an alternative text of one line without markup and entities', () => {
    assert.equal(writeImage({ path: 'a.png', alt: 'R&amp;D [x]' }, 'markdown'), '![R\\&amp;D \\[x\\]](a.png)');
    assert.equal(
      writeImage({ path: 'a.png', alt: '"R&D" <b> {x}' }, 'html'),
      '<img src="a.png" alt="&quot;R&amp;D&quot; &lt;b&gt; &#123;x&#125;">',
    );
    assert.equal(writeImage({ path: 'a.png', alt: ' two\r\n\r\nlines ' }, 'markdown'), '![two lines](a.png)');
    assert.equal(writeImage({ path: 'a.png', alt: '[x] "y"' }, 'asciidoc'), 'image::a.png[&#91;x&#93; &#34;y&#34;]');
  });
});

describe('The language of a document', () => {
  it('comes from its identifier in the editor, or else from its extension', () => {
    const cases: readonly (readonly [file: string, id: string | undefined, language: Language])[] = [
      ['a.md', undefined, 'markdown'],
      ['a.txt', 'markdown', 'markdown'],
      ['a.md', 'plaintext', 'markdown'],
      ['/w/a.b/page.TSX', undefined, 'jsx'],
      ['a.svelte', undefined, 'component'],
      ['a.js', 'javascriptreact', 'jsx'],
      ['a.rst', undefined, 'restructuredtext'],
      ['Makefile', undefined, 'plain'],
      ['C:\\w.md\\x', undefined, 'plain'],
    ];
    for (const [file, id, language] of cases) assert.equal(languageOf(file, id), language, file);
  });
});
