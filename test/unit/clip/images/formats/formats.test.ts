import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { openImage } from '../../../../../src/clip/images/decoding/openImage.ts';
import {
  hasImageExtension,
  IMAGE_EXTENSIONS,
  IMAGE_FORMATS,
  isNamedByFormat,
  usualImageKind,
} from '../../../../../src/clip/images/formats/registry.ts';
import { decodeOptions, fixture, formatFixture, svg } from '../testImages.ts';

const formatsFolder = new URL('../../../../../src/clip/images/formats/', import.meta.url);

/** One or more files of each format, by the identifier of the format. */
const samples: Readonly<Record<string, readonly Buffer[]>> = {
  aseprite: [formatFixture('layers.aseprite'), formatFixture('indexed.ase')],
  avif: [fixture('base.avif'), formatFixture('animated.avif')],
  bmp: [fixture('4-bits.bmp'), fixture('32-bits-with-alpha.bmp')],
  dds: [formatFixture('bc1.dds'), formatFixture('bc3-extended.dds')],
  gif: [fixture('base.gif'), fixture('animated.gif')],
  hdr: [formatFixture('plain.hdr'), formatFixture('run-lengths.hdr')],
  icns: [formatFixture('png.icns'), formatFixture('run-lengths.icns')],
  ico: [fixture('png.ico'), fixture('bmp.ico')],
  jpeg: [fixture('inks.jpg'), fixture('progressive.jpg')],
  kra: [formatFixture('merged.kra')],
  ora: [formatFixture('merged.ora')],
  png: [fixture('holes.png'), fixture('interlaced.png')],
  pnm: [formatFixture('text.pbm'), formatFixture('colours.ppm'), formatFixture('alpha.pam')],
  psd: [formatFixture('psd-tools.psd'), formatFixture('large.psb')],
  qoi: [formatFixture('alpha.qoi')],
  svg: [svg(''), gzipSync(svg('')), Buffer.from(`\ufeff${svg('').toString()}`, 'utf16le')],
  tga: [formatFixture('colours.tga'), formatFixture('alpha-run-lengths.tga')],
  tiff: [fixture('pages.tif'), fixture('packbits.tif')],
  vectordrawable: [
    drawable(),
    Buffer.from(`<?xml version="1.0" encoding="utf-8"?>\n<!-- <svg> -->\n${drawable().toString()}`),
  ],
  webp: [fixture('alpha.webp'), fixture('animated.webp')],
};

function drawable(): Buffer {
  const namespace = 'xmlns:android="http://schemas.android.com/apk/res/android"';
  return Buffer.from(
    `<vector ${namespace} android:width="24dp" android:height="24dp" android:viewportWidth="24" ` +
      'android:viewportHeight="24"><path android:fillColor="#f00" android:pathData="M0,0h24v24z"/></vector>\n',
  );
}

describe('the image formats', () => {
  it('are all registered, each with its own identifier and name', () => {
    const files = globSync('*.ts', { cwd: fileURLToPath(formatsFolder) });
    const descriptors = files.filter((file) =>
      /^export const \w+: ImageFormat = \{$/m.test(readFileSync(new URL(file, formatsFolder), 'utf8')),
    );
    assert.ok(descriptors.length >= 9);
    assert.equal(IMAGE_FORMATS.length, descriptors.length);
    assert.equal(new Set(IMAGE_FORMATS.map(({ id }) => id)).size, descriptors.length);
    assert.equal(new Set(IMAGE_FORMATS.map(({ name }) => name)).size, descriptors.length);
  });

  it('have extensions in lower case, without a dot', () => {
    for (const extension of IMAGE_EXTENSIONS) assert.match(extension, /^[a-z\d]+$/);
  });

  it('all have a sample in this test', () => {
    for (const { id } of IMAGE_FORMATS) assert.ok(samples[id], `Add a file of the format ${id} to the samples.`);
    assert.equal(Object.keys(samples).length, IMAGE_FORMATS.length);
  });

  it('include a drawable of Android, which is drawn as SVG, and names colours that it does not know', async () => {
    const known = await openImage({ name: 'a.xml', bytes: drawable() }, 64, decodeOptions());
    assert.ok(known.kind === 'drawing');
    assert.deepEqual([known.width, known.height, known.document.gaps], [24, 24, []]);
    const resource = Buffer.from(drawable().toString().replace('#f00', '@color/brand'));
    const unknown = await openImage({ name: 'a.xml', bytes: resource }, 64, decodeOptions());
    assert.ok(unknown.kind === 'drawing');
    assert.deepEqual(unknown.document.gaps, ['resourceColours']);
    const cut = drawable().subarray(0, 200);
    await assert.rejects(
      openImage({ name: 'a.xml', bytes: cut }, 64, decodeOptions()),
      /^UserError: truncated|damaged/,
    );
  });

  for (const [id, files] of Object.entries(samples)) {
    it(`recognise a file of the format ${id} as this one alone, whatever its name`, () => {
      for (const file of files) {
        for (const extension of IMAGE_EXTENSIONS) {
          const matching = IMAGE_FORMATS.filter((format) => format.sniff(file, `image.${extension}`));
          assert.deepEqual(
            matching.map((format) => format.id),
            [id],
            extension,
          );
        }
      }
    });
  }

  it('recognise no bytes that are too few or only zeros', () => {
    for (const file of [Buffer.alloc(0), Buffer.alloc(1), Buffer.alloc(64), Buffer.from('BM'), Buffer.from('RIFF')]) {
      for (const format of IMAGE_FORMATS) assert.equal(format.sniff(file, 'image'), false, format.id);
    }
  });

  it('are opened by the descriptor that recognises the content', async () => {
    for (const [file, id] of [
      ['base.gif', 'gif'],
      ['inks.jpg', 'jpeg'],
      ['png.ico', 'ico'],
    ] as const) {
      const { format } = await openImage({ name: 'lying.bmp', bytes: fixture(file) }, 64, decodeOptions());
      assert.equal(format.id, id);
    }
  });
});

describe('the extension of an image', () => {
  it('may be in upper case, and follows a name', () => {
    for (const file of ['a.png', 'deep/in here/A.JPEG', 'x.y.Svg']) assert.ok(hasImageExtension(file), file);
    for (const file of ['png', '.png', 'a.png.txt', 'a.png/b', 'a.']) assert.ok(!hasImageExtension(file), file);
  });

  it('of a drawable of Android is that of other files, so its folder counts', () => {
    for (const file of ['app/src/main/res/drawable/ic_home.xml', 'res/drawable-night/a.XML', 'drawable/a.xml']) {
      assert.ok(hasImageExtension(file) && isNamedByFormat(file), file);
    }
    for (const file of [
      'res/layout/main.xml',
      'drawable/deeper/a.xml',
      'a.xml',
      'drawable/a.png',
      'mydrawable/a.xml',
    ]) {
      assert.ok(!isNamedByFormat(file), file);
    }
  });
});

describe('the usual kind of image', () => {
  it('is a photograph for JPEG and a drawing for all others, by identifier or name', () => {
    assert.deepEqual(['jpeg', 'JPEG'].map(usualImageKind), ['photo', 'photo']);
    assert.deepEqual(['png', 'WebP', 'svg', 'no format'].map(usualImageKind), Array(4).fill('drawing'));
  });
});
