import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { sharp } from '../../../../../src/clip/images/sharp.ts';
import { input, preprocess, RED_SQUARE, redPixels, svg } from '../testImages.ts';

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
