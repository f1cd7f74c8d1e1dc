import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { drawDocument } from '../../../../../src/clip/images/decoding/drawing.ts';
import { svgDocument } from '../../../../../src/clip/images/formats/svg/document.ts';
import { isSimpleDrawing } from '../../../../../src/clip/images/formats/svg/simple.ts';
import { sharp } from '../../../../../src/clip/images/sharp.ts';
import { decodeOptions, difference, input, preprocess, RED_SQUARE, redPixels, svg } from '../testImages.ts';

describe('a drawing', () => {
  it('is recognised behind comments, declarations and entities, with a prefix, and in other encodings', async () => {
    const root = svg(RED_SQUARE).toString();
    const prefixed = root
      .replaceAll('<path', '<s:path')
      .replace('<svg xmlns=', '<s:svg xmlns:s=')
      .replace('</svg', '</s:svg');
    const documents: Readonly<Record<string, Uint8Array>> = {
      plain: Buffer.from(root),
      'byte order mark': Buffer.from(`\ufeff${root}`),
      declaration: Buffer.from(`<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n${root}`),
      'long licence': Buffer.from(`<?xml version="1.0"?>\n<!-- ${'licence '.repeat(10_000)} -->\n${root}`),
      entities: Buffer.from(
        `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd" [\n<!ENTITY ns "http://www.w3.org/2000/svg">\n]>${root.replace('http://www.w3.org/2000/svg', '&ns;')}`,
      ),
      prefixed: Buffer.from(prefixed),
      'prefixed, declared': Buffer.from(`<?xml version="1.0"?>${prefixed}`),
      'Latin-1': Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?><!-- é -->${root}`, 'latin1'),
      'UTF-16': Buffer.from(`\ufeff<?xml version="1.0" encoding="UTF-16"?>${root}`, 'utf16le'),
      compressed: gzipSync(root),
    };
    for (const [name, bytes] of Object.entries(documents)) {
      assert.equal(await redPixels(bytes), 32 * 32, name);
      const { width, height, format } = await preprocess(bytes);
      assert.deepEqual({ width, height, format }, { width: 10, height: 10, format: 'svg' }, name);
    }
    await assert.rejects(
      preprocess(Buffer.from('<?xml version="1.0" encoding="klingon"?><svg/>')),
      /^UserError: SVG in an unsupported encoding \(klingon\)$/,
    );
  });

  const sizeOf = async (attributes: string): Promise<readonly [number, number]> => {
    const { width, height } = await preprocess(svg(RED_SQUARE, attributes));
    return [width, height];
  };

  it('has the size at which a browser shows it', async () => {
    assert.deepEqual(await sizeOf('width="24" height="16"'), [24, 16]);
    assert.deepEqual(await sizeOf('width="23.6" height="17.2"'), [24, 17]);
    assert.deepEqual(await sizeOf('viewBox="0 0 48 32"'), [48, 32]);
    assert.deepEqual(await sizeOf('width="100%" height="100%" viewBox="0 0 48 32"'), [48, 32]);
    assert.deepEqual(await sizeOf('width="72pt" height="1in"'), [96, 96]);
    assert.deepEqual(await sizeOf('width="210mm" height="297mm" viewBox="0 0 210 297"'), [794, 1123]);
    assert.deepEqual(await sizeOf('width="20000" height="10000"'), [20000, 10000]);
  });

  it('without a size of its own is shown as far as its content reaches', async () => {
    const heart = (transform: string): string =>
      `<path transform="${transform}" fill="#e11d2e" d="M50 88C10 55 5 35 18 22C30 10 45 16 50 28C55 16 70 10 82 22C95 35 90 55 50 88Z"/>`;
    const whole = svg(heart(''), 'viewBox="11.6 15.46 76.8 72.54"');
    const { pixels: expected } = await preprocess(whole);
    const variants: Readonly<Record<string, Buffer>> = {
      'no size': svg(heart('scale(5)'), ''),
      'percentages and no viewBox': svg(heart('scale(12)'), 'width="100%" height="100%"'),
      'width alone': svg(heart('scale(3)'), 'width="64"'),
      'negative coordinates': svg(heart('translate(-400 -900)'), ''),
      'far away': svg(heart('translate(60000 -20000) scale(20)'), ''),
      'very small': svg(heart('scale(0.02)'), ''),
      'drawn by librsvg': svg(`<g filter="none">${heart('scale(5)')}</g>`, ''),
    };
    for (const [name, bytes] of Object.entries(variants)) {
      const { pixels } = await preprocess(bytes);
      assert.ok(difference(pixels, expected) < 4, `${name}: ${difference(pixels, expected)}`);
    }
    const { width, height } = await preprocess(svg('<path d="M-20 10h40v30h-40z"/>', ''));
    assert.deepEqual([width, height], [40, 30]);
  });

  it('may have a viewBox smaller than one pixel', async () => {
    const unit = svg('<path d="M0 0h.25v.5h-.25z" fill="red"/>', 'viewBox="0 0 .5 .5"');
    assert.equal(await redPixels(unit), 32 * 16);
    const tall = svg('<path d="M0 0h.1v.4h-.1z" fill="red"/>', 'viewBox="0 0 .1 .4"');
    assert.equal(await redPixels(tall), 32 * 8);
  });

  it('has the size of its style attribute, and one side follows the viewBox', async () => {
    assert.deepEqual(await sizeOf('width="24" height="16" style="width:48px; height: 32px"'), [48, 32]);
    assert.deepEqual(await sizeOf('width="24" viewBox="0 0 48 32"'), [24, 16]);
    assert.deepEqual(await sizeOf('height="16" viewBox="0 0 48 32"'), [24, 16]);
  });

  it('keeps the proportions of its content', async () => {
    const square = (aspect: string): Buffer =>
      svg('<path d="M0 0h10v10h-10z" fill="red"/>', `width="40" height="20" viewBox="0 0 10 10" ${aspect}`);
    assert.equal(await redPixels(square('')), 16 * 16);
    assert.equal(await redPixels(square('preserveAspectRatio="none"')), 32 * 16);
    assert.equal(await redPixels(square('preserveAspectRatio="xMidYMid slice"')), 32 * 16);
    const { pixels } = await preprocess(square(''), { ...input, resize: 'squash' });
    assert.equal(pixels.filter((value, at) => at % 3 === 1 && value < 50).length, 32 * 16);
  });

  it('is drawn at the size of the encoder instead of being enlarged', async () => {
    // A checkerboard of half units would turn grey if it was drawn at 8 pixels first.
    const cells = Array.from(
      { length: 128 },
      (_, i) => `M${(i % 8) + ((i >> 3) % 2) / 2} ${(i >> 3) / 2}h.5v.5h-.5z`,
    ).join('');
    const { pixels } = await preprocess(svg(`<path d="${cells}"/>`, 'width="8" height="8"'));
    assert.ok(pixels.every((value) => value === 0 || value === 255));
    assert.equal(pixels.filter((value) => value === 0).length, pixels.length / 2);
  });

  it('fills the longest side exactly, even if its size is not a whole number', async () => {
    for (const side of ['16', '20', '21.33', '17.6', '5.7mm', '1000.4']) {
      const { pixels } = await preprocess(
        svg('<rect width="100%" height="100%" fill="red"/>', `width="${side}" height="${side}"`),
        input,
      );
      const white = pixels.filter((value, at) => at % 3 === 1 && value > 250).length;
      assert.equal(white, 0, side);
    }
  });

  it('does not read the files that it refers to', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'assetlens-svg-'));
    try {
      writeFileSync(
        path.join(folder, 'red.png'),
        await sharp({ create: { width: 9, height: 9, channels: 3, background: 'red' } })
          .png()
          .toBuffer(),
      );
      writeFileSync(path.join(folder, 'red.svg'), svg(RED_SQUARE));
      for (const where of ['', `${folder}/`, `file://${folder}/`]) {
        const image = svg(`<image href="${where}red.png" width="10" height="10"/>`);
        const use = svg(`<use href="${where}red.svg#a"/><image href="${where}red.svg" width="10" height="10"/>`);
        const include = svg(`<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="${where}red.svg"/>`);
        for (const bytes of [image, use, include]) assert.equal(await redPixels(bytes), 0);
        const entity = `<!DOCTYPE svg [<!ENTITY x SYSTEM "${where}red.svg">]>`;
        await assert.rejects(preprocess(Buffer.concat([Buffer.from(entity), svg('&x;')])), /SVG with an XML error/);
      }
      // The same drawing that is read by its path shows the other file, so the assertions above can fail.
      const file = path.join(folder, 'drawing.svg');
      writeFileSync(file, svg('<image href="red.png" width="10" height="10"/>'));
      const byPath = await sharp(file).raw().toBuffer();
      assert.equal(byPath[0], 255);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('may be long and thin up to a limit', async () => {
    const { pixels } = await preprocess(svg('<rect width="1" height="300" fill="red"/>', 'width="1" height="300"'));
    assert.equal(pixels.length, 32 * 32 * 3);
    const shortest = preprocess(svg(RED_SQUARE, 'width="1" height="5000"'), { ...input, resize: 'shortest' });
    await assert.rejects(shortest, /^UserError: SVG that is too long and thin to draw$/);
  });
});

describe('the renderer of a drawing', () => {
  const SHAPES: Readonly<Record<string, string>> = {
    opacity: '<rect width="10" height="10" fill="#08f"/><circle cx="5" cy="5" r="4" opacity=".5" fill="#fff"/>',
    gradient:
      '<defs><linearGradient id="a"><stop stop-color="#f00"/><stop offset="1" stop-color="#00f"/></linearGradient></defs><path d="M0 0h10v10H0z" fill="url(#a)"/>',
    mask: '<mask id="m"><circle cx="5" cy="5" r="4" fill="#fff"/></mask><path mask="url(#m)" d="M0 0h10v10H0z" fill="red"/>',
    clip: '<clipPath id="c"><path d="M2 2h6v6H2z"/></clipPath><g clip-path="url(#c)"><path d="M0 0h10v10H0z" fill="green"/></g>',
    use: '<symbol id="s" viewBox="0 0 4 4"><path d="M0 0h4v4z"/></symbol><use href="#s" width="8" height="8" fill="teal"/>',
    style: '<style>.a{fill:#fa0}.b{stroke:#000;stroke-width:2}</style><circle class="a b" cx="5" cy="5" r="3"/>',
    stroke: '<path d="M1 5h8" stroke="currentColor" stroke-width="2" stroke-dasharray="2 1" stroke-linecap="round"/>',
  };

  it('is resvg for the elements that it draws as librsvg does', async () => {
    for (const [name, content] of Object.entries(SHAPES)) {
      assert.ok(isSimpleDrawing(svgDocument(svg(content))), name);
      const { pixels } = await preprocess(svg(content));
      // A comment with an entity makes librsvg draw it.
      const other = Buffer.concat([Buffer.from('<!DOCTYPE svg [<!ENTITY a "b">]>'), svg(content)]);
      assert.ok(!isSimpleDrawing(svgDocument(other)), name);
      assert.ok(difference(pixels, (await preprocess(other)).pixels) < 4, name);
    }
  });

  it('is librsvg for everything else', async () => {
    for (const content of [
      '<text>a</text>',
      '<image href="a.png"/>',
      '<filter id="f"/><path filter="url(#f)"/>',
      '<path vector-effect="non-scaling-stroke"/>',
      '<path style="filter:blur(2px)"/>',
      '<path style="filte&#114;:blur(2px)"/>',
      '<style>g > path{fill:red}</style><path/>',
      '<mask id="m"><path opacity=".5"/></mask><path mask="url(#m)"/>',
      '<s:text xmlns:s="http://www.w3.org/2000/svg">a</s:text>',
      '<switch><path/></switch>',
      `<desc>${' '.repeat(300_000)}</desc>`,
    ]) {
      assert.ok(!isSimpleDrawing(svgDocument(svg(content))), content.slice(0, 100));
    }
    // resvg ends its process for a layer that is far outside the picture.
    const far = '<path opacity=".5" d="M100 100h5v5z"/>';
    assert.equal(await redPixels(svg(`${far}${RED_SQUARE}`)), 32 * 32);
    assert.equal(await redPixels(svg(`<g opacity=".5"><path d="M-99-99h5v5z"/></g>${RED_SQUARE}`)), 32 * 32);
  });

  it('draws half-transparent colours as they are', async () => {
    const raster = await drawDocument(
      svgDocument(svg('<path d="M0 0h10v10H0z" fill="#c84020" fill-opacity=".5"/>')),
      { width: 2, height: 2 },
      null,
      decodeOptions(),
    );
    const [red = 0, green = 0, blue = 0, alpha = 0] = raster.data;
    assert.ok(
      Math.abs(red - 200) < 2 && Math.abs(green - 64) < 2 && Math.abs(blue - 32) < 2,
      String([red, green, blue]),
    );
    assert.ok(Math.abs(alpha - 128) < 2);
  });
});
