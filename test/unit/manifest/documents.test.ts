/** Checks that the files, headings, scripts, options, settings and packages in the documents exist. */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { marked, type Token, type Tokens } from 'marked';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const documents = globSync(['*.md', 'docs/**/*.md', 'tools/*.md', 'models/*/*.md'], { cwd: root })
  .map((file) => file.replaceAll('\\', '/'))
  .sort();

/** The tokens of a document, nested ones included. */
function tokensOf(file: string): Token[] {
  const tokens: Token[] = [];
  marked.walkTokens(marked.lexer(read(file)), (token) => {
    tokens.push(token);
  });
  return tokens;
}

/** The anchors of the headings of a document, as GitHub creates them. */
function anchorsOf(file: string): Set<string> {
  const headings = tokensOf(file).filter((token): token is Tokens.Heading => token.type === 'heading');
  return new Set(
    headings.map(({ text }) =>
      text
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** The targets of links and images without a scheme. */
function relativeTargets(file: string): string[] {
  const links = tokensOf(file).filter(
    (token): token is Tokens.Link | Tokens.Image => token.type === 'link' || token.type === 'image',
  );
  return links.map(({ href }) => href).filter((href) => !/^[a-z]+:/i.test(href));
}

describe('Documents', () => {
  it('are found by these tests', () => {
    for (const file of ['README.md', 'ARCHITECTURE.md', 'docs/models.md', 'docs/design/heatmaps.md']) {
      assert.ok(documents.includes(file), file);
      assert.ok(relativeTargets(file).length > 0, file);
    }
  });

  for (const file of documents) {
    it(`${file} links to files and headings that exist`, () => {
      for (const target of relativeTargets(file)) {
        const [relative = '', anchor] = decodeURIComponent(target).split('#');
        const linked = relative === '' ? file : path.posix.join(path.posix.dirname(file), relative);
        assert.ok(existsSync(path.join(root, linked)), `${target}: there is no ${linked}`);
        if (anchor !== undefined) assert.ok(anchorsOf(linked).has(anchor), `${target}: there is no such heading`);
      }
    });
  }

  it('name npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
    const named = documents.flatMap((file) =>
      [...read(file).matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, script = '']) => ({ file, script })),
    );
    assert.ok(named.length > 0);
    assert.deepEqual(
      named.filter(({ script }) => !(script in scripts)),
      [],
    );
  });

  it('name options of the command line that exist', () => {
    const source = globSync('src/cli/**/*.ts', { cwd: root })
      .concat('src/cli.ts')
      .map((file) => read(file))
      .join('\n');
    const files = ['command-line', 'heatmaps', 'models', 'index-files', 'devices', 'labels'];
    const named = files.flatMap((file) =>
      [...read(`docs/${file}.md`).matchAll(/`(--[a-z-]+)/g)].map(([, name]) => name),
    );
    assert.ok(named.length > 0);
    assert.deepEqual(
      [...new Set(named)].filter(
        (name = '') => name !== '--help' && !source.includes(`${name} `) && !source.includes(`${name}'`),
      ),
      [],
    );
  });

  it('name commands of the editor that exist', () => {
    const titles = Object.entries(JSON.parse(read('package.nls.json')) as Readonly<Record<string, string>>)
      .filter(([key]) => key.startsWith('command.'))
      .map(([, title]) => title);
    const named = documents.flatMap((file) =>
      [...read(file).matchAll(/\*\*AssetLens: (.+?)\*\*/g)].map(([, title]) => title),
    );
    assert.ok(named.length > 0);
    assert.deepEqual(
      named.filter((title = '') => !titles.includes(title)),
      [],
    );
  });

  it('explain every dependency, and no other package', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Readonly<
      Record<'dependencies' | 'devDependencies', Readonly<Record<string, string>>>
    >;
    const [table = ''] = read('docs/dependencies.md').split('installed on demand');
    const explained = [...table.matchAll(/^\| (.+?) \|/gm)].flatMap(([, names = '']) => names.split(', '));
    const packages = Object.keys({ ...dependencies, ...devDependencies });
    assert.deepEqual(explained.filter((name) => name !== 'package' && !name.startsWith('---')).sort(), packages.sort());
  });

  it('name tests that exist', () => {
    const rows = [...read('docs/security.md').matchAll(/\| \[\w+\]\(\.\.\/(test\/\S+\.ts)\): (.+?) \|$/gm)];
    const lines = [...read('docs/security.md').matchAll(/^\| (?!---|what holds)/gm)];
    assert.ok(rows.length > 0);
    assert.equal(rows.length, lines.length, 'each line names a test');
    const missing = rows.filter(
      ([, file = '', title = '']) => !existsSync(path.join(root, file)) || !read(file).includes(title),
    );
    assert.deepEqual(
      missing.map(([, file, title]) => `${file ?? ''}: ${title ?? ''}`),
      [],
    );
  });

  it('have a short README and a short overview of the architecture', () => {
    const lines = (file: string): number => read(file).trimEnd().split('\n').length;
    assert.ok(lines('README.md') <= 90, 'the rest belongs in docs/');
    assert.ok(lines('ARCHITECTURE.md') <= 90, 'the rest belongs in docs/design/');
  });
});
