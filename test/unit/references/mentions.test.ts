import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findImageAt, languageOf, mentionsIn, namePattern, type PathContext } from '../../../src/references/index.ts';
import type { Mention } from '../../../src/references/mentions.ts';
import type { ImageInText } from '../../../src/references/resolveImage.ts';

const extensions = new Set(['png', 'svg']);

describe('References of a text to an image', () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'assetlens mentions '));
    for (const file of [
      'web/icons/a.png',
      'web/icons/data.png',
      'other/icons/a.png',
      'docs/Übersicht 図/1 (copy)_x.png',
      'docs/icons/icons.png',
      'public/served.svg',
      'web/icons/set.svg',
    ]) {
      await mkdir(path.dirname(path.join(root, file)), { recursive: true });
      await writeFile(path.join(root, file), 'x');
    }
  });
  after(() => rm(root, { recursive: true, force: true }));

  /** Returns the references of a text to an image. The paths of image and document are relative to the root. */
  const mentions = async (image: string, document: string, text: string): Promise<Mention[]> => {
    const file = path.join(root, image);
    const context: PathContext = {
      language: languageOf(document),
      documentFolder: path.dirname(path.join(root, document)),
      roots: [root],
      extensions,
    };
    const mentions: Mention[] = [];
    const name = namePattern(path.basename(file).replace(/#.*/, ''), false);
    assert.ok(name.part && Buffer.from(text).includes(name.part), 'the search would skip this text');
    const options = {
      isImage: (it: ImageInText) => (file.includes('#') ? it.image : it.file) === file,
      imageAt: (line: string, column: number) => findImageAt(line, column, context),
      pause: () => Promise.resolve(),
    };
    for await (const mention of mentionsIn(text, name, options)) {
      const line = text.split(/\r?\n/)[mention.line] ?? assert.fail('there is no such line');
      const { path: found, excerpt } = mention;
      const written = line.slice(found.start, found.end);
      assert.equal(written, found.text);
      assert.equal(excerpt.text.slice(excerpt.at, excerpt.at + written.length), written.slice(0, excerpt.text.length));
      mentions.push(mention);
    }
    return mentions;
  };
  const lines = async (image: string, document: string, text: string): Promise<number[]> =>
    (await mentions(image, document, text)).map(({ line }) => line);

  it('have a line, columns and an excerpt', async () => {
    const text = '# Icons\r\n\r\n  ![](icons/a.png) and <img src="./icons/a.png">\r\n';
    const found = await mentions('web/icons/a.png', 'web/page.md', text);
    assert.deepEqual(
      found.map(({ line, path: { start, end } }) => [line, start, end]),
      [
        [2, 6, 17],
        [2, 33, 46],
      ],
    );
    assert.equal(found[0]?.excerpt.text, '![](icons/a.png) and <img src="./icons/a.png">');
    assert.equal(found[0].excerpt.at, 4);
  });

  it('do not include other files of the same name, or longer names', async () => {
    const text = [
      '![](icons/a.png)',
      '![](../other/icons/a.png)',
      '![](icons/data.png)',
      'icons/a.png.bak and icons/a.pngx',
      'https://example.com/icons/a.png',
      '![](nowhere/a.png)',
      'url(/web/icons/a.png)',
    ].join('\n');
    assert.deepEqual(await lines('web/icons/a.png', 'web/page.md', text), [0, 6]);
    assert.deepEqual(await lines('other/icons/a.png', 'web/page.md', text), [1]);
    assert.deepEqual(await lines('web/icons/a.png', 'other/page.md', text), [6]);
  });

  it('are found in every notation of the name that a hover reads', async () => {
    const text = [
      '![](<Übersicht 図/1 (copy)_x.png>)',
      '![](%C3%9Cbersicht%20%E5%9B%B3/1%20(copy)_x.png)',
      '![](%c3%9cbersicht%20図/1%20%28copy%29_x.png)',
      '![](Übersicht%20図/1%20\\(copy\\)\\_x.png)',
      '"docs/\\u00dcbersicht \\u56f3/1 (copy)_x.png"',
      'cat Übersicht\\ 図/1\\ \\(copy\\)_x.png',
      'icon: "docs/Übersicht 図/1 (copy)_x.png?v=2#top"',
      '<img src="Übersicht&#32;図/1&#32;&#40;copy&#41;_x.png">',
    ].join('\n');
    assert.deepEqual(await lines('docs/Übersicht 図/1 (copy)_x.png', 'docs/page.md', text), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.deepEqual(await lines('public/served.svg', 'web/page.html', '<img src="/served.svg">'), [0]);
  });

  it('count once if a folder has the name of the file', async () => {
    assert.deepEqual(await lines('docs/icons/icons.png', 'docs/a.md', '![](icons/icons.png)'), [0]);
  });

  it('to a symbol do not count for other symbols of the sheet', async () => {
    const text = '<use href="icons/set.svg#a"/>\n<use href="icons/set.svg#b"/>\n<img src="icons/set.svg">\n';
    assert.deepEqual(await lines('web/icons/set.svg#b', 'web/a.html', text), [1]);
    assert.deepEqual(await lines('web/icons/set.svg', 'web/a.html', text), [0, 1, 2]);
  });

  it('in a long line have a short excerpt; their number is limited', async () => {
    const long = `${'x'.repeat(5000)} url(icons/a.png) ${'y'.repeat(5000)}`;
    const [mention] = await mentions('web/icons/a.png', 'web/a.css', long);
    assert.ok(mention && mention.excerpt.text.length < 250);
    assert.deepEqual([mention.line, mention.path.start], [0, 5005]);
    const many = 'nowhere/a.png '.repeat(20_000) + '\n![](icons/a.png)';
    assert.deepEqual(await lines('web/icons/a.png', 'web/a.md', many), []);
  });

  it('ignore case if the file system does', () => {
    const name = namePattern('a.png', true);
    assert.ok('![](ICONS/A.PNG)'.match(name.pattern));
    assert.equal(name.part, null);
    assert.equal('![](ICONS/A.PNG)'.match(namePattern('a.png', false).pattern), null);
  });
});
