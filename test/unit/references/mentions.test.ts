import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findImageAt, type PathContext } from '../../../src/references/imagePaths.ts';
import { mentionsIn, writtenName, type Mention } from '../../../src/references/mentions.ts';
import { textFiles } from '../../../src/references/textFiles.ts';

const extensions = new Set(['png', 'svg']);

describe('places that mean an image', () => {
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
    ]) {
      await mkdir(path.dirname(path.join(root, file)), { recursive: true });
      await writeFile(path.join(root, file), 'x');
    }
  });
  after(() => rm(root, { recursive: true, force: true }));

  /** The places in the text of a document that mean an image, both relative to the root. */
  const mentions = async (image: string, document: string, text: string): Promise<Mention[]> => {
    const file = path.join(root, image);
    const context: PathContext = { documentFolder: path.dirname(path.join(root, document)), roots: [root], extensions };
    const found: Mention[] = [];
    const name = writtenName(path.basename(file), false);
    assert.ok(name.part && Buffer.from(text).includes(name.part), 'this text would be passed over');
    const options = {
      isIt: (it: string) => it === file,
      imageAt: (line: string, column: number) => findImageAt(line, column, context),
      pause: () => Promise.resolve(),
    };
    for await (const mention of mentionsIn(text, name, options)) {
      const line = text.split(/\r?\n/)[mention.line] ?? assert.fail('there is no such line');
      const written = line.slice(mention.start, mention.end);
      assert.equal(mention.text.slice(mention.at, mention.at + written.length), written.slice(0, mention.text.length));
      found.push(mention);
    }
    return found;
  };
  const lines = async (image: string, document: string, text: string): Promise<number[]> =>
    (await mentions(image, document, text)).map(({ line }) => line);

  it('are found by line and column, with the line', async () => {
    const text = '# Icons\r\n\r\n  ![](icons/a.png) and <img src="./icons/a.png">\r\n';
    const found = await mentions('web/icons/a.png', 'web/page.md', text);
    assert.deepEqual(
      found.map(({ line, start, end }) => [line, start, end]),
      [
        [2, 6, 17],
        [2, 33, 46],
      ],
    );
    assert.equal(found[0]?.text, '![](icons/a.png) and <img src="./icons/a.png">');
    assert.equal(found[0].at, 4);
  });

  it('are those of this very file: not of one of the same name elsewhere, and not of a longer name', async () => {
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

  it('are found in every spelling of the name that a hover understands', async () => {
    const text = [
      '![](<Übersicht 図/1 (copy)_x.png>)',
      '![](%C3%9Cbersicht%20%E5%9B%B3/1%20(copy)_x.png)',
      '![](%c3%9cbersicht%20図/1%20%28copy%29_x.png)',
      '![](Übersicht%20図/1%20\\(copy\\)\\_x.png)',
      '"docs/\\u00dcbersicht \\u56f3/1 (copy)_x.png"',
      'cat Übersicht\\ 図/1\\ \\(copy\\)_x.png',
      'icon: "docs/Übersicht 図/1 (copy)_x.png?v=2#top"',
    ].join('\n');
    assert.deepEqual(await lines('docs/Übersicht 図/1 (copy)_x.png', 'docs/page.md', text), [0, 1, 2, 3, 4, 5, 6]);
    assert.deepEqual(await lines('public/served.svg', 'web/page.html', '<img src="/served.svg">'), [0]);
  });

  it('count once where a folder has the name, too', async () => {
    assert.deepEqual(await lines('docs/icons/icons.png', 'docs/a.md', '![](icons/icons.png)'), [0]);
  });

  it('show of a long line what is around them, and are not looked for without end', async () => {
    const long = `${'x'.repeat(5000)} url(icons/a.png) ${'y'.repeat(5000)}`;
    const [mention] = await mentions('web/icons/a.png', 'web/a.css', long);
    assert.ok(mention && mention.text.length < 250);
    assert.deepEqual([mention.line, mention.start], [0, 5005]);
    const many = 'nowhere/a.png '.repeat(20_000) + '\n![](icons/a.png)';
    assert.deepEqual(await lines('web/icons/a.png', 'web/a.md', many), []);
  });

  it('are found in either case where files are', () => {
    const name = writtenName('a.png', true);
    assert.ok('![](ICONS/A.PNG)'.match(name.pattern));
    assert.equal(name.part, null);
    assert.equal('![](ICONS/A.PNG)'.match(writtenName('a.png', false).pattern), null);
  });
});

describe('the texts of a folder', () => {
  const found = async (root: string, exclude: readonly string[], signal?: AbortSignal): Promise<string[]> => {
    const files: string[] = [];
    for await (const { file } of textFiles(root, exclude, signal)) files.push(path.relative(root, file));
    return files.sort();
  };

  it('are those that people write: no binary or huge files, and nothing that git ignores or a glob leaves out', async () => {
    const root = await mkdtemp(path.join(tmpdir(), 'assetlens texts '));
    try {
      const files: Readonly<Record<string, string>> = {
        '.gitignore': 'built/\n',
        'a.md': 'a',
        'in/b': 'b',
        'in/picture.svg': '<svg/>',
        'in/picture.png': 'text all the same',
        'built/c.js': 'c',
        'left/d.txt': 'd',
        'node_modules/e/index.js': 'e',
        'binary.txt': 'a\0b',
        'empty.txt': '',
        'huge.json': 'x'.repeat(3 * 2 ** 20),
      };
      for (const [name, content] of Object.entries(files)) {
        await mkdir(path.dirname(path.join(root, name)), { recursive: true });
        await writeFile(path.join(root, name), content);
      }
      await mkdir(path.join(root, '.git'));
      assert.deepEqual(await found(root, ['left/**']), [
        '.gitignore',
        'a.md',
        path.join('in', 'b'),
        path.join('in', 'picture.svg'),
      ]);
      await assert.rejects(found(root, [], AbortSignal.abort()), { name: 'AbortError' });
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });
});
