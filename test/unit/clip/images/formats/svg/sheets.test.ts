import assert from 'node:assert/strict';
import { difference, input, preprocess, svg } from '../../testImages.ts';

const SQUARE = 'M0 0h100v100H0z';
const TRIANGLE = 'M0 100L50 0l50 100z';
/** A grid of one row, with a margin of a tenth of a cell. */
const SQUARE_ALONE = svg('<path fill="#e11d2e" d="M10 10h80v80H10z"/>', 'viewBox="0 0 100 100"');

/** The edges of the icons are between pixels. */
const LARGE = { ...input, size: 200 };

async function assertSame(bytes: Buffer, expected: Buffer, name: string): Promise<void> {
  const [{ pixels }, { pixels: wanted }] = await Promise.all([preprocess(bytes, LARGE), preprocess(expected, LARGE)]);
  assert.ok(difference(pixels, wanted) < 1, `${name}: ${difference(pixels, wanted)}`);
}

describe('a sheet of icons', () => {
  it('shows the icons that it defines', async () => {
    const symbol = `<symbol id="a" viewBox="0 0 100 100"><path fill="#e11d2e" d="${SQUARE}"/></symbol>`;
    const sheets: Readonly<Record<string, Buffer>> = {
      symbols: svg(symbol, ''),
      'without a size': svg(symbol, 'width="0" height="0"'),
      hidden: svg(symbol, 'style="display:none"'),
      'in definitions': svg(`<defs>${symbol}</defs>`, ''),
      'without an identifier': svg(symbol.replace('id="a"', ''), ''),
      'with an origin': svg(
        symbol.replace('0 0 100 100', '-50 -50 100 100').replace(SQUARE, 'M-50-50h100v100H-50z'),
        '',
      ),
      shapes: svg(`<defs><g id="a"><path fill="#e11d2e" d="${SQUARE}"/></g></defs>`, 'viewBox="0 0 100 100"'),
    };
    for (const [name, bytes] of Object.entries(sheets)) await assertSame(bytes, SQUARE_ALONE, name);
  });

  it('shows several icons in a grid', async () => {
    const symbols = [SQUARE, TRIANGLE, SQUARE]
      .map((d, i) => `<symbol id="s${i}" viewBox="0 0 100 100"><path d="${d}"/></symbol>`)
      .join('');
    const grid =
      '<path d="M10 10h80v80H10zM10 110h80v80H10z"/><path transform="translate(110 10) scale(.8)" d="M0 100L50 0l50 100z"/>';
    await assertSame(svg(symbols, ''), svg(grid, 'viewBox="0 0 200 200"'), 'grid');
  });

  it('shows the glyphs of an SVG font', async () => {
    const font =
      '<defs><font id="i" horiz-adv-x="500"><font-face units-per-em="500" ascent="400" descent="-100"/><glyph unicode="a" d="M0 400h500v-250h-500z"/></font></defs>';
    await assertSame(svg(font, ''), svg('<path d="M10 10h80v40H10z"/>', 'viewBox="0 0 100 100"'), 'glyph');
  });

  it('is not what a drawing is that shows its own definitions', async () => {
    const own = `<symbol id="a" viewBox="0 0 100 100"><path fill="#e11d2e" d="${SQUARE}"/></symbol><use href="#a" x="10" y="10" width="80" height="80"/>`;
    await assertSame(svg(own, 'viewBox="0 0 100 100"'), SQUARE_ALONE, 'use');
    const empty = svg('<defs><linearGradient id="a"/></defs>', 'viewBox="0 0 9 9"');
    assert.ok((await preprocess(empty)).pixels.every((value) => value === 255));
  });
});
