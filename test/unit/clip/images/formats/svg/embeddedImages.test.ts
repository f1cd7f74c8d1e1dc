import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { randomFillSync } from 'node:crypto';
import { readDetails } from '../../../../../../src/clip/images/details.ts';
import { withSource } from '../../../../../../src/clip/images/imageSource.ts';
import { preprocessImage } from '../../../../../../src/clip/images/preprocess.ts';
import { sharp } from '../../../../../../src/clip/images/sharp.ts';
import { decodeOptions, fixture, input, redPixels, svg, unnamed } from '../../testImages.ts';

const red = (): ReturnType<typeof sharp> =>
  sharp({ create: { width: 16, height: 16, channels: 3, background: { r: 255, g: 0, b: 0 } } });

/** A drawing that is filled by an image. */
function showing(href: string): Buffer {
  return svg(`<image width="10" height="10" href="${href}"/>`);
}

describe('an image in a drawing', () => {
  it('is drawn in every format that AssetLens reads', async () => {
    const files: Readonly<Record<string, Buffer>> = {
      png: await red().png().toBuffer(),
      jpeg: await red().jpeg().toBuffer(),
      webp: await red().webp().toBuffer(),
      gif: await red().gif().toBuffer(),
      avif: await red().avif({ quality: 90 }).toBuffer(),
      tiff: await red().tiff().toBuffer(),
    };
    for (const [type, bytes] of Object.entries(files)) {
      const uri = `data:image/${type};base64,${bytes.toString('base64')}`;
      assert.equal(await redPixels(showing(uri)), 32 * 32, type);
    }
    const bmp = `data:image/bmp;base64,${fixture('24-bits.bmp').toString('base64')}`;
    assert.deepEqual((await readDetails(unnamed(showing(bmp)), decodeOptions())).gaps, []);
  });

  it('keeps its transparency', async () => {
    const half = await sharp({
      create: { width: 16, height: 16, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } },
    })
      .composite([{ input: await red().resize(8, 16, { fit: 'fill' }).png().toBuffer(), gravity: 'west' }])
      .webp({ lossless: true })
      .toBuffer();
    const count = await redPixels(showing(`data:image/webp;base64,${half.toString('base64')}`));
    assert.ok(Math.abs(count - 16 * 32) <= 32, String(count));
  });

  it('may have more than ten million characters', async () => {
    const noise = randomFillSync(Buffer.alloc(2000 * 2000 * 3));
    for (let at = 0; at < noise.length; at += 3) {
      noise[at] = 255;
      noise[at + 1] = (noise[at + 1] ?? 0) & 15;
      noise[at + 2] = (noise[at + 2] ?? 0) & 15;
    }
    const png = await sharp(noise, { raw: { width: 2000, height: 2000, channels: 3 } })
      .png({ compressionLevel: 0 })
      .toBuffer();
    assert.ok(png.length * (4 / 3) > 10_000_000);
    assert.equal(await redPixels(showing(`data:image/png;base64,${png.toString('base64')}`)), 32 * 32);
  });

  it('that is damaged is left out and named in the details', async () => {
    const damaged = `data:image/webp;base64,${Buffer.from('RIFF0000WEBPVP8 damaged').toString('base64')}`;
    assert.equal(await redPixels(showing(damaged)), 0);
    assert.deepEqual((await readDetails(unnamed(showing(damaged)), decodeOptions())).gaps, ['images']);
  });
});

describe('a file that a drawing links to', () => {
  let folder: string;
  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'assetlens-links-'));
    const png = await red().png().toBuffer();
    mkdirSync(path.join(folder, 'workspace/drawings'), { recursive: true });
    mkdirSync(path.join(folder, 'workspace/my images'));
    writeFileSync(path.join(folder, 'outside.png'), png);
    writeFileSync(path.join(folder, 'workspace/drawings/near.png'), png);
    writeFileSync(path.join(folder, 'workspace/drawings/secret.txt'), png);
    writeFileSync(path.join(folder, 'workspace/my images/ä & b.webp'), await red().webp().toBuffer());
    writeFileSync(path.join(folder, 'workspace/drawings/red.svg'), svg('<path d="M0 0h10v10H0z" fill="red"/>'));
    symlinkSync(path.join(folder, 'outside.png'), path.join(folder, 'workspace/drawings/link.png'));
    symlinkSync(folder, path.join(folder, 'workspace/up'));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  /** The number of red pixels of 1024, and the gaps in the details. */
  const shows = async (href: string, workspace: string | undefined): Promise<readonly [number, number]> => {
    const file = path.join(folder, 'workspace/drawings/drawing.svg');
    writeFileSync(file, showing(href));
    const root = workspace === undefined ? undefined : path.join(folder, workspace);
    const options = decodeOptions();
    return withSource({ kind: 'file', path: file, folder: root }, options, async (source) => {
      const { pixels } = await preprocessImage(source, input, options);
      const count = pixels.filter((value, at) => at % 3 === 1 && value < 50).length;
      return [count, (await readDetails(source, options)).gaps.length] as const;
    });
  };

  it('is drawn if it is an image in the same workspace folder', async () => {
    for (const href of [
      'near.png',
      './near.png?v=2#x',
      '../drawings/near.png',
      '../my%20images/%C3%A4%20&amp;%20b.webp',
      '../my images/ä &amp; b.webp',
      'red.svg',
    ]) {
      assert.deepEqual(await shows(href, 'workspace'), [32 * 32, 0], href);
    }
  });

  it('is never read from outside the folder, and the details say so', async () => {
    for (const href of [
      '../../outside.png',
      '..%2F..%2Foutside.png',
      'link.png',
      '../up/outside.png',
      `${folder}/outside.png`,
      `file://${folder}/workspace/drawings/near.png`,
      `//localhost${folder}/outside.png`,
      '..\\..\\outside.png',
      'https://example.com/near.png',
      'secret.txt',
      'missing.png',
      '.',
      '%00.png',
      '%E0%A4%A.png',
    ]) {
      assert.deepEqual(await shows(href, 'workspace'), [0, 1], href);
    }
    assert.deepEqual(await shows('near.png', undefined), [0, 1]);
    assert.deepEqual(await shows('../my images/ä &amp; b.webp', 'workspace/drawings'), [0, 1]);
  });
});
