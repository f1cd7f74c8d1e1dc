import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { fragmentOf, sheetContent } from '../../../../../../src/clip/images/formats/svg/sheet/sheet.ts';
import { DECODE_LIMITS } from '../../../../../../src/clip/images/limits.ts';
import type { SheetContent } from '../../../../../../src/clip/images/types.ts';
import { difference, input, preprocess, svg } from '../../testImages.ts';

const SQUARE = '<path fill="#e11d2e" d="M10 10h80v80H10z"/>';
const TRIANGLE = '<path fill="#1d4ee1" d="M0 100L50 0l50 100z"/>';
const VIEW = 'viewBox="0 0 100 100"';

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const contentOf = (bytes: Uint8Array): Promise<SheetContent | undefined> =>
  sheetContent(bytes, hashOf(bytes), DECODE_LIMITS);
const namesOf = async (bytes: Uint8Array): Promise<string[]> =>
  ((await contentOf(bytes))?.fragments ?? []).map(({ fragment }) => fragment);
const symbol = (id: string, content: string, attributes = VIEW): string =>
  `<symbol id="${id}" ${attributes}>${content}</symbol>`;

async function assertShows(sheet: Uint8Array, fragment: string, expected: string, name: string): Promise<void> {
  const image = Buffer.from(await fragmentOf(sheet, fragment, DECODE_LIMITS));
  const large = { ...input, size: 200 };
  const [{ pixels }, { pixels: wanted }] = await Promise.all([
    preprocess(image, large),
    preprocess(svg(expected, VIEW), large),
  ]);
  assert.ok(difference(pixels, wanted) < 1, `${name}: ${difference(pixels, wanted)}`);
}

describe('the images of a sheet', () => {
  it('are its symbols, shapes, glyphs, targets or views', async () => {
    const both = symbol('a', SQUARE) + symbol('b', TRIANGLE);
    const nested = (id: string, content: string): string => `<svg id="${id}" ${VIEW}>${content}</svg>`;
    const placed = (x: number, content: string): string =>
      `<svg x="${x}" width="50" height="50" ${VIEW}>${content}</svg>`;
    const sheets: Readonly<Record<string, Buffer>> = {
      symbols: svg(both, ''),
      hidden: svg(both, 'width="0" height="0" style="display:none"'),
      'symbols in definitions': svg(`<defs>${both}</defs>`, ''),
      shapes: svg(`<defs><g id="a">${SQUARE}</g><g id="b">${TRIANGLE}</g></defs>`, VIEW),
      'shapes with sizes of their own': svg(`<defs>${nested('a', SQUARE)}${nested('b', TRIANGLE)}</defs>`, ''),
      glyphs: svg(
        `<defs><font id="i" horiz-adv-x="100"><font-face units-per-em="100" ascent="100"/>
           <glyph glyph-name="a" unicode="&#xe000;" d="M10 10h80v80H10z"/>
           <glyph glyph-name="b" unicode="&#xe001;" d="M0 0L50 100l50-100z"/></font></defs>`,
        'fill="#e11d2e"',
      ),
      targets: svg(
        `<style>:root>svg{display:none}:root>svg:target{display:block}</style>${nested('a', SQUARE)}${nested('b', TRIANGLE)}`,
        '',
      ),
      views: svg(
        `${placed(0, SQUARE)}${placed(50, TRIANGLE)}<view id="a" viewBox="0 0 50 50"/><view id="b" viewBox="50 0 50 50"/>`,
        'viewBox="0 0 100 50"',
      ),
      compressed: gzipSync(svg(both, '')),
      'UTF-16': Buffer.from(`\ufeff<?xml version="1.0" encoding="UTF-16"?>${svg(both, '').toString()}`, 'utf16le'),
    };
    for (const [name, bytes] of Object.entries(sheets)) {
      const content = await contentOf(bytes);
      assert.deepEqual(await namesOf(bytes), ['a', 'b'], name);
      assert.equal(content?.isDrawing, name === 'views', name);
      await assertShows(bytes, 'a', SQUARE, name);
      await assertShows(bytes, 'b', name === 'glyphs' ? TRIANGLE.replace('#1d4ee1', '#e11d2e') : TRIANGLE, name);
    }
  });

  it('have the definitions and styles that they need', async () => {
    const sheet = svg(
      `<style>.red { fill: #e11d2e }</style>
       <defs><linearGradient id="g"><stop stop-color="#1d4ee1"/></linearGradient><path id="t" d="M0 100L50 0l50 100z"/></defs>
       ${symbol('a', '<path class="red" d="M10 10h80v80H10z"/>')}
       ${symbol('b', '<use href="#t" fill="url(#g)"/>')}
       ${symbol('c', '<path d="M10 10h80v80H10z"/>')}`,
      'xmlns:xlink="http://www.w3.org/1999/xlink" style="display: none; fill: #e11d2e"',
    );
    await assertShows(sheet, 'a', SQUARE, 'a class');
    await assertShows(sheet, 'b', TRIANGLE, 'a gradient and a shape');
    await assertShows(sheet, 'c', SQUARE, 'the colour of the root');
  });

  it('without a size are shown as far as their content reaches', async () => {
    const sheet = svg(symbol('a', '<path fill="#e11d2e" d="M300 200h80v80h-80z"/>', ''), '');
    const { width, height } = await preprocess(Buffer.from(await fragmentOf(sheet, 'a', DECODE_LIMITS)));
    assert.deepEqual([width, height], [80, 80]);
  });

  it('keep their hash while only other images of the sheet change', async () => {
    const before = await contentOf(svg(symbol('a', SQUARE) + symbol('b', TRIANGLE), ''));
    const after = await contentOf(svg(symbol('b', SQUARE) + symbol('a', SQUARE) + symbol('c', SQUARE), ''));
    const hashes = (content: SheetContent | undefined): Map<string, string> =>
      new Map(content?.fragments.map(({ fragment, hash }) => [fragment, hash]));
    assert.equal(hashes(before).get('a'), hashes(after).get('a'));
    assert.notEqual(hashes(before).get('b'), hashes(after).get('b'));
  });

  it('have fragments that are safe in paths, URLs and markup', async () => {
    const ids = [
      'arrow-left',
      'größe',
      'a b',
      '../../up',
      'x&quot;&gt;&lt;script&gt;',
      'bidi&#x202e;',
      'mdi:home',
      '#a',
      '50%',
    ];
    const sheet = svg(ids.map((id) => symbol(id, SQUARE)).join(''), '');
    const names = await namesOf(sheet);
    assert.deepEqual(names, [
      ...['arrow-left', 'größe', 'a%20b', '..%2F..%2Fup', 'x%22%3E%3Cscript%3E', 'bidi%E2%80%AE', 'mdi:home'],
      ...['%23a', '50%25'],
    ]);
    for (const name of names) await assertShows(sheet, name, SQUARE, name);
  });

  it('are not the letters of a font for texts, elements without identifiers or parts of a drawing', async () => {
    const letters = Array.from('abcdefghijklmnopqrstuvwxyz', (it) => `<glyph unicode="${it}" d="M0 0h9v9z"/>`).join('');
    assert.equal(await contentOf(svg(`<defs><font>${letters}</font></defs>`, '')), undefined);
    assert.equal(await contentOf(svg(`<symbol ${VIEW}>${SQUARE}</symbol>`, '')), undefined);
    assert.equal(await contentOf(svg(`${symbol('a', SQUARE)}<use href="#a"/>`, VIEW)), undefined);
    assert.equal(await contentOf(svg(`<g id="a">${SQUARE}</g>`, VIEW)), undefined);
    assert.equal(await contentOf(svg(symbol('a', SQUARE), '').subarray(0, -20)), undefined);
    await assert.rejects(fragmentOf(svg(symbol('a', SQUARE), ''), 'b', DECODE_LIMITS), /the file has no symbol "b"/);
  });

  it('are limited in number and in size', async () => {
    const many = svg(Array.from({ length: 2010 }, (_, i) => symbol(`i${i}`, SQUARE)).join(''), '');
    const content = await contentOf(many);
    assert.deepEqual([content?.fragments.length, content?.left], [2000, 10]);
    // Each image repeats a definition of 200 kB.
    const shared = `<defs><path id="p" d="M0 0${'h1'.repeat(100_000)}"/></defs>`;
    const users = Array.from({ length: 1000 }, (_, i) => symbol(`i${i}`, '<use href="#p"/>')).join('');
    const limited = await contentOf(svg(shared + users, ''));
    assert.ok(limited && limited.fragments.length < 200 && limited.left > 800);
  });

  it('are read in time from a sheet that strangers wrote', async () => {
    const hostile = [
      '<symbol id="a">'.repeat(20_000),
      `<defs>${'<g id="a">'.repeat(900)}${'</g>'.repeat(900)}</defs>`,
      Array.from({ length: 900 }, (_, i) => `<symbol id="i${i}"><use href="#i${i + 1}"/></symbol>`).join(''),
      `<style>${':target'.repeat(10_000)}</style><g id="a"/>`,
      `<view id="a" viewBox="0 0 1 1${' '.repeat(50_000)}x"/>`,
    ];
    const start = performance.now();
    for (const content of hostile) await contentOf(svg(content, ''));
    assert.ok(performance.now() - start < 10_000);
  });
});
