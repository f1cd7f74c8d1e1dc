import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jsonLines, run } from './runCli.ts';

const HEART =
  '<path fill="#e11d2e" d="M50 88C10 55 5 35 18 22C30 10 45 16 50 28C55 16 70 10 82 22C95 35 90 55 50 88Z"/>';
const STAR = '<path fill="#fb0" d="m50 8 12 28 30 3-22 21 6 30-26-15-26 15 6-30L8 39l30-3z"/>';
const ENVELOPE =
  '<rect x="8" y="22" width="84" height="56" fill="#fc6"/><path d="m8 22 42 34 42-34" fill="none" stroke="#a60" stroke-width="6"/>';
const symbol = (id: string, content: string): string => `<symbol id="${id}" viewBox="0 0 100 100">${content}</symbol>`;
const sheet = (...symbols: readonly string[]): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" style="display:none">${symbols.join('')}</svg>`;

describe('the command line on a sheet of symbols', function () {
  this.timeout(120_000);
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'assetlens sheets '));
    // The names do not describe the symbols.
    await writeFile(
      path.join(folder, 'icons.svg'),
      sheet(symbol('a', HEART), symbol('b c', STAR), symbol('../d', ENVELOPE)),
    );
    await writeFile(
      path.join(folder, 'envelope.svg'),
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">${ENVELOPE}</svg>`,
    );
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const pathsOf = (stdout: string): unknown[] => jsonLines(stdout).map(({ path: file }) => file);

  it('tags and finds each symbol as an image of its own', async () => {
    const tagged = await run(['tag', folder, '--json', '--threshold', '0', '--top', '1']);
    assert.equal(tagged.code, 0, tagged.stderr);
    assert.deepEqual(pathsOf(tagged.stdout), ['envelope.svg', 'icons.svg#..%2Fd', 'icons.svg#a', 'icons.svg#b%20c']);
    for (const [query, expected] of [
      ['heart', 'icons.svg#a'],
      ['star', 'icons.svg#b%20c'],
    ] as const) {
      const { stdout } = await run(['search', folder, query, '--json']);
      const [best] = jsonLines(stdout);
      assert.deepEqual([best?.['path'], best?.['likely']], [expected, true]);
    }
    const { stdout: csv } = await run(['search', folder, 'path:icons.svg', '--format', 'csv']);
    assert.deepEqual(
      csv
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split(',')[0]),
      ['icons.svg#..%2Fd', 'icons.svg#a', 'icons.svg#b%20c'],
    );
  });

  it('compares a symbol with other images, and finds its copies in other sheets', async () => {
    await writeFile(path.join(folder, 'copy.svg'), sheet(symbol('a', HEART)));
    const { stdout } = await run(['similar', folder, path.join(folder, 'icons.svg#..%2Fd'), '--json']);
    const results = jsonLines(stdout);
    assert.equal(results[0]?.['path'], 'envelope.svg', 'the same drawing in a file of its own');
    assert.ok(!results.some(({ path: file }) => file === 'icons.svg#..%2Fd'));
    const { stdout: hearts } = await run(['similar', folder, path.join(folder, 'icons.svg#a'), '--json']);
    assert.deepEqual([jsonLines(hearts)[0]?.['path'], jsonLines(hearts)[0]?.['score']], ['copy.svg#a', 1]);
    const typed = await run(['similar', folder, path.join(folder, 'icons.svg#b c'), '--json']);
    assert.equal(typed.code, 0, typed.stderr);
    const unknown = await run(['similar', folder, path.join(folder, 'icons.svg#nothing')]);
    assert.equal(unknown.code, 1);
    assert.match(unknown.stderr, /the file has no symbol "nothing"/);
  });

  it('shows where something is in a symbol, and never writes over the sheet', async () => {
    const output = path.join(folder, 'map.png');
    const image = path.join(folder, 'icons.svg#a');
    const { code, stderr, stdout } = await run(['heatmap', image, 'heart', '--json', '-o', output]);
    assert.equal(code, 0, stderr);
    assert.ok((await stat(output)).size > 1000);
    const [json] = jsonLines(stdout);
    assert.match(String(json?.['path']), /icons\.svg#a$/);
    const before = await readFile(path.join(folder, 'icons.svg'), 'utf8');
    const refused = await run(['heatmap', image, 'heart', '-o', path.join(folder, 'icons.svg')]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /would replace the image/);
    assert.equal(await readFile(path.join(folder, 'icons.svg'), 'utf8'), before);
  });

  it('embeds only the symbols that change', async () => {
    await run(['tag', folder, '--json']);
    await writeFile(
      path.join(folder, 'icons.svg'),
      sheet(symbol('a', HEART), symbol('new', ENVELOPE + HEART), symbol('b c', STAR)),
    );
    const { stdout, stderr } = await run(['tag', folder, '--json']);
    assert.deepEqual(pathsOf(stdout), ['envelope.svg', 'icons.svg#a', 'icons.svg#b%20c', 'icons.svg#new']);
    assert.match(stderr, /4 images, 1 embedded, 2 known by hash, 1 unchanged/);
    const verified = await run(['tag', folder, '--json', '--verify']);
    assert.match(verified.stderr, /4 unchanged/);
  });
});
