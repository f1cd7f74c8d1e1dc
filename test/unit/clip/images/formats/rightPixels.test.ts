import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { UserError } from '../../../../../src/base/userError.ts';
import { openImage } from '../../../../../src/clip/images/decoding/openImage.ts';
import { readPixels } from '../../../../../src/clip/images/decoding/readPixels.ts';
import { readDetails } from '../../../../../src/clip/images/details.ts';
import type { Raster } from '../../../../../src/clip/images/raster.ts';
import type { ImageDetails } from '../../../../../src/clip/images/types.ts';
import { decodeOptions } from '../testImages.ts';

const folder = new URL('../../../../parity/fixtures/formats/', import.meta.url);

interface Expected {
  readonly width: number;
  readonly height: number;
  /** Maximum difference of a channel. */
  readonly tolerance: number;
  /** Base64 of [height, width, 4]. */
  readonly rgba: string;
}

const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Record<string, Expected>;

function file(name: string): Buffer {
  return readFileSync(new URL(name, folder));
}

async function decode(name: string, bytes: Uint8Array = file(name)): Promise<Raster> {
  const image = await openImage({ name, bytes }, 4096, decodeOptions());
  assert.ok(image.kind !== 'drawing');
  const { width, height } = image;
  const view = { width, height, region: { left: 0, top: 0, width, height }, shrinkOnLoad: false };
  return readPixels(image, view, decodeOptions());
}

function detailsOf(name: string): Promise<ImageDetails> {
  return readDetails({ name, bytes: file(name) }, decodeOptions());
}

/** The largest difference of a channel from the right pixels. Colours of transparent pixels do not count. */
function difference({ data, channels }: Raster, rgba: Buffer): number {
  let largest = 0;
  for (let i = 0; i < rgba.length / 4; i++) {
    const alpha = channels === 4 ? (data[4 * i + 3] ?? 0) : 255;
    largest = Math.max(largest, Math.abs(alpha - (rgba[4 * i + 3] ?? 0)));
    if (alpha < 8) continue;
    for (let c = 0; c < 3; c++) {
      largest = Math.max(largest, Math.abs((data[channels * i + c] ?? 0) - (rgba[4 * i + c] ?? 0)));
    }
  }
  return largest;
}

describe('the pixels of a file', () => {
  for (const [name, { width, height, tolerance, rgba }] of Object.entries(expected)) {
    it(`are right: ${name}`, async () => {
      const raster = await decode(name);
      assert.deepEqual([raster.width, raster.height], [width, height]);
      const difference_ = difference(raster, Buffer.from(rgba, 'base64'));
      assert.ok(difference_ <= tolerance, `differ by ${difference_}`);
    });
  }
});

describe('a TIFF with a compression that cannot be read', () => {
  it('is reported with its name, and is never black', async () => {
    await assert.rejects(decode('lzma.tif'), /^UserError: TIFF with an unsupported compression \(LZMA\)$/);
  });

  it('is reported as damaged or truncated where its zstd is', async () => {
    const whole = file('zstd.tif');
    const damaged = Buffer.from(whole);
    const start = damaged.indexOf(Buffer.from([0x28, 0xb5, 0x2f, 0xfd]));
    damaged.fill(0x55, start + 4, start + 20);
    await assert.rejects(decode('zstd.tif', damaged), /^UserError: damaged TIFF \(zstd\)$/);
    await assert.rejects(decode('zstd.tif', whole.subarray(0, whole.length - 40)), /^UserError: truncated TIFF$/);
  });
});

describe('an animation whose first frame is blank', () => {
  for (const name of ['blank-first.gif', 'blank-first.webp', 'blank-first.apng']) {
    it(`shows the frame that shows most, and the details name it: ${name}`, async () => {
      const { frames, shownFrame, width, height } = await detailsOf(name);
      assert.deepEqual([frames, shownFrame, width, height], [6, 6, 24, 16]);
    });
  }

  it('of AVIF shows its first frame', async () => {
    const { format, frames, shownFrame } = await detailsOf('animated.avif');
    assert.deepEqual([format, frames, shownFrame], ['AVIF', 3, 1]);
  });
});

describe('a JPEG without its end marker', () => {
  it('is truncated if more than the last row of blocks is missing', async () => {
    const name = 'baseline-without-end.jpg';
    const whole = file(name);
    for (const bytes of [500, 700]) {
      await assert.rejects(decode(name, whole.subarray(0, whole.length - bytes)), /^UserError: truncated JPEG$/);
    }
  });
});

describe('a PSD', () => {
  it('without a merged picture is reported with what to do', async () => {
    await assert.rejects(decode('no-merged-picture.psd'), /^UserError: PSD without a merged picture; .*Maximize/);
  });

  it('is reported as truncated wherever it ends', async () => {
    for (const name of ['psd-tools.psd', 'raw-16-bits.psd', 'large.psb', 'transparent.psd']) {
      const whole = file(name);
      for (const part of [0.05, 0.3, 0.6, 0.99]) {
        await assert.rejects(
          decode(name, whole.subarray(0, Math.floor(whole.length * part))),
          /^UserError: truncated PSD$/,
          `${name} ${part}`,
        );
      }
    }
  });
});

describe('a file that AssetLens decodes itself', () => {
  for (const [name, format] of [
    ['colours.tga', 'TGA'],
    ['alpha-run-lengths.tga', 'TGA'],
    ['palette.tga', 'TGA'],
    ['alpha.qoi', 'QOI'],
    ['colours.ppm', 'PNM'],
    ['text.pbm', 'PNM'],
    ['text.ppm', 'PNM'],
    ['bits.pbm', 'PNM'],
    ['16-bits.ppm', 'PNM'],
    ['run-lengths.icns', 'ICNS'],
    ['png.icns', 'ICNS'],
    ['bc1.dds', 'DDS'],
    ['32-bits.dds', 'DDS'],
    ['layers.aseprite', 'Aseprite'],
    ['plain.hdr', 'Radiance HDR'],
    ['run-lengths.hdr', 'Radiance HDR'],
  ] as const) {
    it(`is reported as truncated: ${name}`, async () => {
      const whole = file(name);
      // Cut within the pixels: TGA has a footer of 26 bytes.
      for (const part of [0.5, 0.8]) {
        await assert.rejects(
          decode(name, whole.subarray(0, Math.floor((whole.length - 26) * part))),
          { name: 'UserError', message: `truncated ${format}` },
          `${part}`,
        );
      }
    });
  }

  it('gives an error for the user, whatever is in it', async () => {
    let seed = 1;
    const random = (below: number): number => (seed = (seed * 48_271) % 0x7fffffff) % below;
    for (const name of Object.keys(expected).filter((name) =>
      /\.(?:tif|apng|gif|webp|avif|jpg|tga|dds|ase|aseprite|qoi|p.m|icns|hdr|ps[db]|kra|ora)$/.test(name),
    )) {
      for (let round = 0; round < 20; round++) {
        const bytes = Buffer.from(file(name));
        for (let change = 0; change < 4; change++) bytes[random(Math.min(bytes.length, 200))] = random(256);
        await decode(name, bytes).catch((error: unknown) => {
          assert.ok(error instanceof UserError, `${name}: ${String(error)}`);
        });
      }
    }
  });

  it('in a variant that is not supported is reported with the reason', async () => {
    await assert.rejects(decode('bc7.dds'), /^UserError: DDS with an unsupported pixel format \(BC7\)$/);
    await assert.rejects(decode('jpeg-2000.icns'), /^UserError: ICNS whose pictures are in JPEG 2000$/);
    await assert.rejects(decode('no-merged-image.kra'), /^UserError: Krita without a merged image$/);
    const cut = file('merged.ora');
    await assert.rejects(decode('merged.ora', cut.subarray(0, 200)), /^UserError: truncated or damaged OpenRaster$/);
  });
});
