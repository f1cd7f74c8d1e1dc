import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { posixRelative } from '../../../src/base/paths.ts';
import {
  findImageAt,
  relativePath,
  resolveImage,
  type Language,
  type PathContext,
} from '../../../src/references/index.ts';
import { encodePath, syntaxAt } from '../../../src/references/pathSyntax.ts';
import { pathsAt } from '../../../src/references/pathsInText.ts';

const extensions = new Set(['png', 'svg', 'jpg']);

describe('Paths of images in texts', () => {
  let folder: string;
  let root: string;
  let context: PathContext;

  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'assetlens päths '));
    root = path.join(folder, 'work space');
    const files = [
      'docs/a.png',
      'docs/my icons/b (1).png',
      'docs/Übersicht/2 #x%20.png',
      "docs/it's.png",
      'docs/img/c@2x.png',
      'docs/R&D.png',
      'root.png',
      'public/served.png',
      'static/img/static.svg',
      'src/in-src.png',
      'packages/app/public/logo.png',
      'packages/app/web/icons/aliased.svg',
      'packages/app/src/views/page.ts',
    ];
    for (const file of [...files, '../outside.png', '../docs.png']) {
      await mkdir(path.dirname(path.join(root, file)), { recursive: true });
      await writeFile(path.join(root, file), 'x');
    }
    await mkdir(path.join(root, 'folder.png'));
    await writeFile(
      path.join(root, 'packages/app/tsconfig.json'),
      '{ // comments are allowed\n "compilerOptions": { "paths": { "#icons/*": ["./web/icons/*"] } } }',
    );
    context = { language: 'plain', documentFolder: path.join(root, 'docs'), roots: [root], extensions };
  });
  after(() => rm(folder, { recursive: true, force: true }));

  /** Returns the image whose path is at the bar, relative to the root, and the path as written. */
  const found = async (marked: string, where = context): Promise<[string, string] | undefined> => {
    const column = marked.indexOf('|');
    const line = marked.replace('|', '');
    const image = await findImageAt(line, column, where);
    if (!image) return undefined;
    assert.equal(line.slice(image.start, image.end), image.text);
    return [posixRelative(root, image.file), image.text];
  };

  const symbolAt = async (marked: string): Promise<string | undefined> => {
    const image = await findImageAt(marked.replace('|', ''), marked.indexOf('|'), context);
    return image && posixRelative(root, image.image);
  };

  it('may name a symbol of a sheet, with the escapes of the language', async () => {
    const sheet = 'static/img/static.svg';
    assert.equal(await symbolAt('<use href="/img/static.|svg#arrow-left"/>'), `${sheet}#arrow-left`);
    assert.equal(await symbolAt('<use xlink:href="/img/static.svg#arr|ow-left"/>'), `${sheet}#arrow-left`);
    assert.equal(await symbolAt(`const icon = '/img/static.|svg#a%20b';`), `${sheet}#a%20b`);
    assert.equal(await symbolAt('<use href="/img/static.|svg?v=2#R&amp;D"/>'), `${sheet}#R%26D`);
    assert.equal(await symbolAt('background: url(/img/static.|svg#größe)'), `${sheet}#größe`);
    assert.equal(await symbolAt('<use href="/img/static.|svg"/>'), sheet);
    assert.equal(await symbolAt('<img src="a.|png#x">'), 'docs/a.png', 'only a sheet has symbols');
  });

  const a = 'docs/a.png';
  const cases: readonly (readonly [name: string, line: string, file: string, text?: string])[] = [
    ['Markdown', 'See ![the a](a|.png) and more', a, 'a.png'],
    ['Markdown with a title', '![](a.pn|g "A title.png")', a, 'a.png'],
    ['Markdown with spaces', '![x](<my icons/|b (1).png>)', 'docs/my icons/b (1).png'],
    ['Markdown with balanced parentheses', '![x](my%20icons/|b%20(1).png)', 'docs/my icons/b (1).png'],
    ['Markdown with escaped parentheses', String.raw`![x](my%20icons/|b%20\(1\).png)`, 'docs/my icons/b (1).png'],
    ['a Markdown definition', '[logo]: ./a|.png "Logo"', a],
    ['a Markdown link around an image', '[![x](a|.png)](https://example.org)', a],
    ['HTML', '<img src="a|.png" alt="">', a],
    ['HTML without quotes', '<img src=a|.png alt=x>', a],
    ['HTML in capital letters', "<IMG SRC='./a|.png'>", a],
    ['srcset, first', '<img srcset="a|.png 1x, img/c@2x.png 2x">', a],
    ['srcset, second', '<img srcset="a.png 1x, img/|c@2x.png 2x">', 'docs/img/c@2x.png'],
    ['a poster', '<video poster="a|.png">', a],
    ['CSS', 'background: url(a|.png) no-repeat;', a],
    ['CSS with quotes', "background: url( 'my icons/b (|1).png' )", 'docs/my icons/b (1).png'],
    ['CSS in a style attribute', `<i style="background:url('a|.png')">`, a],
    ['an import', "import logo from './a|.png';", a],
    ['an import with a query', "import logo from './a|.png?url&inline#x';", a],
    ['require', 'const x = require("./a|.png")', a],
    ['new URL', 'new URL("./a|.png", import.meta.url)', a],
    ['a template literal', 'const x = `./a|.png`;', a],
    ['JSON', '  "icon": "./a|.png",', a],
    ['JSON with escapes', String.raw`  "icon": "docs\/\u00dcbersicht\/2 #x|%20.png"`, 'docs/Übersicht/2 #x%20.png'],
    ['JSON with backslashes', String.raw`  "icon": "img\\c|@2x.png"`, 'docs/img/c@2x.png'],
    ['YAML', 'icon: ./a|.png # the icon', a],
    ['YAML with spaces', '  - icon: my icons/b (|1).png', 'docs/my icons/b (1).png'],
    ['TOML', 'icon = "a|.png"', a],
    ['properties', 'icon=a|.png', a],
    ['plain text', 'It is in img/c|@2x.png.', 'docs/img/c@2x.png'],
    ['plain text in parentheses', 'The icon (a|.png) is red.', a],
    ['a shell line', String.raw`cp my\ icons/b\ \(1\)|.png x`, 'docs/my icons/b (1).png'],
    ['Windows', String.raw`..\docs\img\c|@2x.png`, 'docs/img/c@2x.png'],
    ['an apostrophe in the name', `src="it|'s.png"`, "docs/it's.png"],
    ['an apostrophe in the text', "Don't look at a|.png, it isn't nice", a],
    ['percent-encoding', '![x](%C3%9Cbersicht/2%20%23x%2|520.png)', 'docs/Übersicht/2 #x%20.png'],
    ['HTML with a character reference', '<img src="R&amp;|D.png">', 'docs/R&D.png'],
    ['reStructuredText', String.raw`.. image:: my\ icons/b\ |(1).png`, 'docs/my icons/b (1).png'],
    ['AsciiDoc', 'image::my icons/b (|1).png[a cat]', 'docs/my icons/b (1).png', 'my icons/b (1).png'],
    ['inline AsciiDoc', 'See image:a|.png[] here', a, 'a.png'],
    ['a string with escaped quotes', String.raw`import x from './it\'s|.png'`, "docs/it's.png"],
    ['JSX', '<Image src={"./a|.png"} />', a],
    ['a name with # and %', '![x](<Übersicht/2 #x|%20.png>)', 'docs/Übersicht/2 #x%20.png'],
    ['the root', 'url(/root|.png)', 'root.png'],
    ['the root without a slash', 'docs/img/c|@2x.png', 'docs/img/c@2x.png'],
    ['what is served', 'src="/served|.png"', 'public/served.png'],
    ['the static folder', 'src="img/stat|ic.svg"', 'static/img/static.svg'],
    ['@/', "import x from '@/in-|src.png'", 'src/in-src.png'],
    ['~/', "import x from '~/docs/a|.png'", a],
    ['~@/ of style sheets', "background: url('~@/in-src|.png')", 'src/in-src.png'],
  ];
  for (const [name, line, file, text] of cases) {
    it(`are found in ${name}`, async () => {
      const image = await found(line);
      assert.equal(image?.[0], file);
      if (text !== undefined) assert.equal(image[1], text);
    });
  }

  it('can start at the package of the document, or at its aliases', async () => {
    const inPackage = { ...context, documentFolder: path.join(root, 'packages/app/src/views') };
    assert.equal((await found('src="/logo|.png"', inPackage))?.[0], 'packages/app/public/logo.png');
    assert.equal(
      (await found("import x from '#icons/aliased|.svg'", inPackage))?.[0],
      'packages/app/web/icons/aliased.svg',
    );
    assert.equal(await found("import x from '#icons/aliased|.svg'"), undefined);
  });

  it('are not found for files that are not images of the workspace', async () => {
    for (const line of [
      '![x](../../outside|.png)',
      '![x](/etc/../../outside|.png)',
      '![x](public/../../outside|.png)',
      `![x](${path.posix.join(folder, 'outside')}|.png)`,
      '![x](%2e%2e/%2e%2e/outside|.png)',
      'https://example.org/a|.png',
      'https://example.org/?image=docs/a|.png',
      '![x](https://example.org/(docs/a|.png))',
      '//example.org/a|.png',
      String.raw`\\server\share\a|.png`,
      'file:///etc/a|.png',
      'data:image/png;base64,a|.png',
      'a|.txt',
      'folder|.png',
      'nothing|.png',
      'a.png\0|.png',
      '%|E0%A4%A.png',
      '|',
      '"|"',
      '![](|)',
    ]) {
      assert.equal(await found(line), undefined, line);
    }
  });

  const target = "packages/app/public/ü (1) #%20 'x'.png";
  const replaced: readonly (readonly [language: Language, line: string, after: string])[] = [
    ['markdown', '![](a|.png "T")', '![](../packages/app/public/ü%20%281%29%20%23%2520%20%27x%27.png "T")'],
    ['markdown', '![](<a|.png>)', "![](<../packages/app/public/ü (1) %23%2520 'x'.png>)"],
    [
      'html',
      '<img src="./a|.png?v=1#x">',
      '<img src="../packages/app/public/ü%20%281%29%20%23%2520%20%27x%27.png?v=1#x">',
    ],
    ['css', 'url(../docs/a|.png)', 'url(../packages/app/public/ü%20%281%29%20%23%2520%20%27x%27.png)'],
    ['script', "import a from './a|.png?url';", "import a from '../packages/app/public/ü (1) #%20 \\'x\\'.png?url';"],
    ['jsx', '<img src="./a|.png" />', '<img src="../packages/app/public/ü%20%281%29%20%23%2520%20%27x%27.png" />'],
    ['jsx', 'const a = "./a|.png";', `const a = "../packages/app/public/ü (1) #%20 'x'.png";`],
    ['plain', '{ "icon": "a|.png" }', `{ "icon": "../packages/app/public/ü (1) #%20 'x'.png" }`],
    ['restructuredtext', '.. image:: a|.png', ".. image:: ../packages/app/public/ü\\ (1)\\ #%20\\ 'x'.png"],
    ['asciidoc', 'image::a|.png[x]', 'image::../packages/app/public/ü%20%281%29%20%23%2520%20%27x%27.png[x]'],
  ];
  for (const [language, marked, after] of replaced) {
    it(`can be replaced in place in ${language}: ${marked.replace('|', '')}`, async () => {
      await writeFile(path.join(root, target), 'x');
      const where = { ...context, language };
      const line = marked.replace('|', '');
      const image = (await findImageAt(line, marked.indexOf('|'), where)) ?? assert.fail('it is not found');
      const relative = relativePath({
        image: path.join(root, target),
        folder: root,
        document: path.join(root, 'docs/x'),
      });
      const written =
        line.slice(0, image.start) + encodePath(relative, image.syntax) + image.suffix + line.slice(image.end);
      assert.equal(written, after);
      const again = await findImageAt(written, image.start + 20, where);
      assert.equal(again && posixRelative(root, again.file), target);
    });
  }

  it('have an anchor: the folder that they start at and the prefix that stands for it', async () => {
    const inPackage = { ...context, documentFolder: path.join(root, 'packages/app/src/views') };
    const anchors: readonly (readonly [text: string, where: PathContext, folder: string, prefix: string])[] = [
      ['a.png', context, 'docs', ''],
      ['./a.png', context, 'docs', './'],
      ['../docs/a.png', context, 'docs', ''],
      ['docs/a.png', context, '', ''],
      ['/root.png', context, '', '/'],
      ['/served.png', context, 'public', '/'],
      ['@/in-src.png', context, 'src', '@/'],
      ['~@/in-src.png', context, 'src', '~@/'],
      ['~/docs/a.png', context, '', '~/'],
      ['/logo.png', inPackage, 'packages/app/public', '/'],
      ['#icons/aliased.svg', inPackage, 'packages/app/web/icons', '#icons/'],
    ];
    for (const [text, where, folder, prefix] of anchors) {
      const { file, anchor } = (await resolveImage(text, where)) ?? assert.fail(text);
      assert.deepEqual([posixRelative(root, anchor.folder), anchor.prefix], [folder, prefix], text);
      const rest = text.slice(prefix.length);
      assert.equal(path.join(anchor.folder, rest), file, text);
    }
  });

  it('can refer to files beside a document outside the workspace, but not above it', async () => {
    const outside = { ...context, documentFolder: folder, roots: [] };
    assert.equal((await found('outside|.png', outside))?.[0], '../outside.png');
    assert.equal(await found(`../${path.basename(folder)}/../x|.png`, outside), undefined);
  });

  it('are found by column in a line with several paths', async () => {
    const line = '![a](a.png) url(/root.png) "img/c@2x.png"';
    const at = async (text: string): Promise<string | undefined> =>
      (await findImageAt(line, line.indexOf(text) + 2, context))?.file;
    assert.equal(await at('a.png'), path.join(root, 'docs/a.png'));
    assert.equal(await at('/root'), path.join(root, 'root.png'));
    assert.equal(await at('img/c'), path.join(root, 'docs/img/c@2x.png'));
    assert.equal(await at(') url'), undefined);
  });

  it('are found in a line of millions of characters', async () => {
    const line = `${'x "y" ('.repeat(500_000)} "a.png" ${'z'.repeat(2_000_000)}`;
    const image = await findImageAt(line, line.indexOf('a.png') + 1, context);
    assert.equal(image?.file, path.join(root, 'docs/a.png'));
    assert.equal(line.slice(image.start, image.end), 'a.png');
  });

  it('are not resolved after the search is cancelled', async () => {
    await assert.rejects(resolveImage('a.png', context, AbortSignal.abort()), { name: 'AbortError' });
  });

  it('are found in random lines without an error', () => {
    const characters = Array.from('()[]<>"\'`\\#%?:= .-/aü\u{1f600}\t');
    for (let seed = 1, round = 0; round < 2000; round++) {
      let line = '';
      for (let i = 0; i < 40; i++) {
        seed = (seed * 1103515245 + 12345) % 2 ** 31;
        line += characters[(seed >> 8) % characters.length] ?? '';
      }
      for (const { text, start, end } of pathsAt(line, round % 40, 'plain')) {
        assert.equal(line.slice(start, end), text);
        assert.ok(start <= round % 40 && round % 40 <= end);
      }
    }
  });
});

describe('The syntax of a path', () => {
  it('depends on the language and on the text around it', () => {
    const cases: readonly (readonly [language: Language, marked: string, syntax: string])[] = [
      ['markdown', '![](|)', 'url'],
      ['markdown', "Don't write | where it isn't", 'url'],
      ['html', '<img src="|">', 'url'],
      ['css', "url('|')", 'url'],
      ['jsx', '<img src="|" />', 'url'],
      ['jsx', 'import a from "|";', 'double'],
      ['component', "import a from '|'", 'single'],
      ['component', '<img src="|">', 'url'],
      ['script', 'const a = `|`;', 'template'],
      ['script', '|', 'word'],
      ['plain', '{ "icon": "|" }', 'double'],
      ['restructuredtext', '.. image:: |', 'directive'],
    ];
    for (const [language, marked, syntax] of cases) {
      assert.equal(syntaxAt(marked.replace('|', ''), marked.indexOf('|'), language), syntax, marked);
    }
  });
});
