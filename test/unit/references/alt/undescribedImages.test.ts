import assert from 'node:assert/strict';
import { marked, type Tokens } from 'marked';
import { undescribedImages, type Language } from '../../../../src/references/index.ts';

const everywhere = (text: string) => ({ start: 0, end: text.length });

/** Adds an alternative text to each image of a text. */
async function described(text: string, altText: string, language: Language = 'markdown'): Promise<string> {
  const images = await undescribedImages(text, language, everywhere(text));
  return images
    .map(({ edit }) => edit(altText))
    .sort((a, b) => b.start - a.start)
    .reduce((result, { start, end, text: by }) => result.slice(0, start) + by + result.slice(end), text);
}

async function paths(text: string, language: Language = 'markdown'): Promise<string[]> {
  return (await undescribedImages(text, language, everywhere(text))).map(({ path }) => path);
}

describe('An image without alternative text', () => {
  const cases: Readonly<Partial<Record<Language, readonly (readonly [before: string, after: string])[]>>> = {
    markdown: [
      ['See ![](a.png) here', 'See ![cat, pet](a.png) here'],
      ['![ ](a.png)', '![cat, pet](a.png)'],
      ['![](<my a.png> "A title")', '![cat, pet](<my a.png> "A title")'],
      ['![](a(1).png)', '![cat, pet](a(1).png)'],
      ['[![](a.png)](https://example.org)', '[![cat, pet](a.png)](https://example.org)'],
      ['![](a.png) ![](b.png)', '![cat, pet](a.png) ![cat, pet](b.png)'],
      ['![][logo]\r\n\r\n[Logo]: a.png "T"', '![cat, pet][logo]\r\n\r\n[Logo]: a.png "T"'],
      ['> - x\n>\n>   ![](a.png)', '> - x\n>\n>   ![cat, pet](a.png)'],
      ['<p><img src="a.png"></p>', '<p><img src="a.png" alt="cat, pet"></p>'],
    ],
    html: [
      ['<img src="a.png">', '<img src="a.png" alt="cat, pet">'],
      ['<img src="a.png"/>', '<img src="a.png" alt="cat, pet"/>'],
      ['<img src=a.png>', '<img src=a.png alt="cat, pet">'],
      ['<img alt="" src="a.png">', '<img alt="cat, pet" src="a.png">'],
      ["<IMG ALT='' SRC='a.png' >", `<IMG alt="cat, pet" SRC='a.png' >`],
      ['<img alt src="a.png">', '<img alt="cat, pet" src="a.png">'],
      ['<img\n  class="x > y"\n  src="a.png"\n>', '<img\n  class="x > y"\n  src="a.png" alt="cat, pet"\n>'],
      ['<img data-alt="x" data-src="b" src="a.png">', '<img data-alt="x" data-src="b" src="a.png" alt="cat, pet">'],
      ['<!-- old --><img src="a.png">', '<!-- old --><img src="a.png" alt="cat, pet">'],
    ],
    mdx: [
      ['# T\n\n![](a.png)', '# T\n\n![cat, pet](a.png)'],
      ['<Box>\n    <Image src="a.png" />\n</Box>', '<Box>\n    <Image src="a.png" alt="cat, pet" />\n</Box>'],
    ],
    jsx: [
      ['<img src="a.png" />', '<img src="a.png" alt="cat, pet" />'],
      ["<img src={'a.png'} width={64} />", `<img src={'a.png'} alt="cat, pet" width={64} />`],
      [
        '<Image onLoad={() => a > b} src={`a.png`} alt={""} />',
        '<Image onLoad={() => a > b} src={`a.png`} alt="cat, pet" />',
      ],
      ['<Image src={require("./a.png")} />', '<Image src={require("./a.png")} alt="cat, pet" />'],
      ['<List item={<img src="a.png" />}>', '<List item={<img src="a.png" alt="cat, pet" />}>'],
      ['<Avatar style={{ a: "}" }} src="a.png" />', '<Avatar style={{ a: "}" }} src="a.png" alt="cat, pet" />'],
      ['<Next.Image src="a.png" />', '<Next.Image src="a.png" alt="cat, pet" />'],
    ],
    component: [
      [
        '<template><img src="a.png" @click="a > b"></template>',
        '<template><img src="a.png" alt="cat, pet" @click="a > b"></template>',
      ],
      [`<img :src="'./a.png'" v-if="x">`, `<img :src="'./a.png'" alt="cat, pet" v-if="x">`],
      [
        '{#if x}<img src="a.png" on:click={() => go()}>{/if}',
        '{#if x}<img src="a.png" alt="cat, pet" on:click={() => go()}>{/if}',
      ],
      ['{a.map((x) => <Picture src="a.png" />)}', '{a.map((x) => <Picture src="a.png" alt="cat, pet" />)}'],
      ['<enhanced:img src="a.png" />', '<enhanced:img src="a.png" alt="cat, pet" />'],
    ],
    restructuredtext: [
      ['.. image:: a.png', '.. image:: a.png\n   :alt: cat, pet'],
      ['.. image:: a.png\n\nText', '.. image:: a.png\n   :alt: cat, pet\n\nText'],
      [
        '.. figure:: a.png\n    :width: 9\n\n    Caption',
        '.. figure:: a.png\n    :alt: cat, pet\n    :width: 9\n\n    Caption',
      ],
      ['.. image:: a.png\r\n   :alt:\r\n   :width: 9\r\n', '.. image:: a.png\r\n   :alt: cat, pet\r\n   :width: 9\r\n'],
      ['.. |logo| image:: a.png', '.. |logo| image:: a.png\n   :alt: cat, pet'],
      ['- .. image:: a.png', '- .. image:: a.png\n     :alt: cat, pet'],
    ],
    asciidoc: [
      ['image::a.png[]', 'image::a.png["cat, pet"]'],
      ['Click image:a.png[] now', 'Click image:a.png["cat, pet"] now'],
      ['image::a.png[,64]', 'image::a.png["cat, pet",64]'],
      ['image::a.png[width=64]', 'image::a.png["cat, pet",width=64]'],
    ],
  };
  for (const [language, pairs] of Object.entries(cases) as [Language, (typeof cases)['html']][]) {
    for (const [before, after] of pairs ?? []) {
      it(`gets one in ${language}: ${JSON.stringify(before)}`, async () => {
        assert.equal(await described(before, 'cat, pet', language), after);
        assert.equal(
          await described(after, 'dog', language),
          after,
          'an image with an alternative text stays as it is',
        );
      });
    }
  }

  const others: Readonly<Partial<Record<Language, readonly string[]>>> = {
    markdown: [
      '![a cat](a.png)',
      '\\![](a.png)',
      '[](a.png)',
      '![][ref]',
      '![a cat][ref]\n\n[ref]: a.png',
      '`![](a.png)` ```<img src="a.png">```',
      '```\n![](a.png)\n<img src="a.png">\n```',
      '    ![](a.png)',
      '<Image src="a.png" />',
    ],
    html: [
      '<img src="a.png" alt="a cat">',
      '<img alt="x">',
      '<imgs src="a.png">',
      '<image src="a.png">',
      '<img src="a.png',
      '![](a.png)',
      '<!-- <img src="a.png"> -->',
    ],
    mdx: ['```jsx\n<Image src="a.png" />\n```', '![](a.png'],
    jsx: [
      '<img src="a.png" alt={title} />',
      '<img src="a.png" {...props} />',
      '<img src={pictures[3]} />',
      '<Video src="a.png" />',
      'const f = <T,>(a: T) => a < b && c > d;',
      '<div>{/* <img src="a.png" /> */}</div>',
      '<img src={ />',
    ],
    component: ['<img src="a.png" :alt="title">', '<img src="a.png" v-bind="props">', '<img {src} />', '<img src={x}>'],
    restructuredtext: [
      '.. image:: a.png\n   :width: 9\n   :alt: a cat',
      '.. code:: image',
      'image:: a.png',
      '.. image::',
    ],
    asciidoc: ['image::a.png[a cat]', 'image::a.png[alt=a cat]', 'image::a.png[width=9,alt="a"]', '\\image::a.png[]'],
    css: ['a { background: url(a.png) }'],
    plain: ['![](a.png) <img src="a.png">'],
  };
  for (const [language, texts] of Object.entries(others) as [Language, readonly string[]][]) {
    for (const text of texts) {
      it(`does not exist in ${language}: ${JSON.stringify(text)}`, async () => {
        assert.deepEqual(await undescribedImages(text, language, everywhere(text)), []);
      });
    }
  }

  it('can be imported: its path is the path of the import', async () => {
    for (const [imported, source] of [
      ["import hero from './hero.png';", 'hero'],
      ["import hero, { width } from './hero.png'", 'hero.src'],
      ['import * as hero from "./hero.png"', 'hero'],
      ["const hero = require('./hero.png');", 'hero'],
      ["import other from './x.png';\nimport hero from './hero.png';", 'hero.default'],
    ] as const) {
      const text = `${imported}\nexport const Page = () => <Image src={${source}} />;`;
      assert.deepEqual(await paths(text, 'jsx'), ['./hero.png'], text);
    }
    assert.deepEqual(await paths('import heroes from "./x.png";\n<img src={hero} />', 'jsx'), []);
    assert.deepEqual(
      await paths('<script setup>\nimport hero from "./hero.png"\n</script>\n<img :src="hero">', 'component'),
      ['./hero.png'],
    );
  });

  it('is returned if it touches the range', async () => {
    const text = '![](a.png)\n\n<img\n  src="b.png">\n\n![](c.png)';
    const at = async (part: string): Promise<string[]> => {
      const offset = text.indexOf(part);
      return (await undescribedImages(text, 'markdown', { start: offset, end: offset })).map(({ path }) => path);
    };
    assert.deepEqual(await at('a.png'), ['a.png']);
    assert.deepEqual(await at('src'), ['b.png']);
    assert.deepEqual(await at('c.png'), ['c.png']);
    assert.deepEqual(await at('\n\n<img'), ['a.png'], 'the cursor is right after it');
  });

  it('is searched in random texts without an error', async () => {
    const parts = [
      ...Array.from('<>{}"\'`=/![]()\n :.,-'),
      'img ',
      'src',
      'alt',
      '<Image src={',
      '.. image:: ',
      'image::',
      '/*',
      '*/',
      '<!--',
    ];
    const languages: Language[] = ['markdown', 'mdx', 'html', 'component', 'jsx', 'restructuredtext', 'asciidoc'];
    let seed = 1;
    for (let round = 0; round < 1000; round++) {
      let text = '';
      for (let i = 0; i < 40; i++) {
        seed = (seed * 1103515245 + 12345) % 2 ** 31;
        text += parts[(seed >> 8) % parts.length] ?? '';
      }
      for (const language of languages) {
        for (const { start, end, edit } of await undescribedImages(text, language, everywhere(text))) {
          const change = edit('x');
          assert.ok(0 <= start && start < end && end <= text.length, text);
          assert.ok(start <= change.start && change.start <= change.end && change.end <= end, text);
        }
      }
    }
  });

  const hostile = [
    '](evil.png) ![x',
    '[a](command:x)',
    '`code`',
    '<b>x</b>',
    '"><script>',
    "'\" onerror='x",
    '\\',
    '*a* _b_ ~~c~~',
    '&lt;b&gt; &amp;',
    '![',
    'a]b[c',
    '{evil()}',
  ];
  for (const label of hostile) {
    it(`shows the label ${JSON.stringify(label)} unchanged`, async () => {
      const images: { href: string; text: string }[] = [];
      marked.walkTokens(marked.lexer(await described('Before ![](a.png) after', label)), (token) => {
        assert.ok(!['html', 'link', 'codespan', 'del'].includes(token.type), token.type);
        if (token.type === 'image')
          images.push({ href: (token as Tokens.Image).href, text: (token as Tokens.Image).text });
      });
      assert.equal(images.length, 1);
      assert.equal(images[0]?.href, 'a.png');

      for (const language of ['html', 'component', 'jsx'] as const) {
        const html = await described('<p><img src="a.png" /></p>', label, language);
        assert.match(html, /^<p><img src="a\.png" alt="[^"<>{}]*" \/><\/p>$/);
      }
      assert.match(await described('image::a.png[]', label, 'asciidoc'), /^image::a\.png\[[^[\]{}]*\]$/);
    });
  }
});
