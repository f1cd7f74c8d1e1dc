import assert from 'node:assert/strict';
import sharp, { type Sharp } from 'sharp';
import { coloursOf, lookOf, type ImageLook } from '../../../../../src/clip/images/look/imageLook.ts';
import { mainColours } from '../../../../../src/clip/images/look/mainColours.ts';
import { cropCorrelation, normalisedLook, pictureCorrelation } from '../../../../../src/clip/images/look/sameLook.ts';
import type { Raster } from '../../../../../src/clip/images/raster.ts';

async function rasterOf(picture: Sharp): Promise<Raster> {
  const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels as 3 | 4 };
}
const drawing = (body: string, side = 96): Sharp =>
  sharp(Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">${body}</svg>`)).resize(side, side);
const disc = (colour: string): string => `<circle cx="50" cy="50" r="30" fill="${colour}"/>`;
const onWhite = `<rect width="100" height="100" fill="#fff"/>`;

describe('The main colors of an image', () => {
  it('are those of what it shows, and not of a plain or transparent background', async () => {
    for (const background of ['', onWhite]) {
      const [first, ...others] = mainColours(await rasterOf(drawing(background + disc('#e11d2e'))));
      assert.ok(first && first.share > 0.9, JSON.stringify([first, ...others]));
      assert.ok(Math.abs(first.l - 0.58) < 0.02 && Math.abs(first.a - 0.2) < 0.02 && Math.abs(first.b - 0.09) < 0.03);
    }
  });

  it('include the background if there is nothing else', async () => {
    const [only, ...others] = mainColours(await rasterOf(drawing(onWhite)));
    assert.ok(only && only.l > 0.99 && only.share > 0.99 && others.length === 0);
  });

  it('do not exist in a transparent image', async () => {
    assert.deepEqual(mainColours(await rasterOf(drawing(''))), []);
  });

  it('are stored with little loss', async () => {
    const look = lookOf(await rasterOf(drawing(`${disc('#1f4fd8')}<rect width="40" height="20" fill="#f5c518"/>`)));
    const [blue, yellow] = coloursOf(look.colours);
    assert.ok(blue && yellow && blue.b < -0.15 && yellow.b > 0.1 && blue.share > yellow.share);
  });
});

describe('The pixels of a look', () => {
  const shape = `${onWhite}${disc('#333')}<rect x="10" y="70" width="50" height="15" fill="#999"/><path d="M20 10h60v8h-60z" fill="#222"/>`;
  const normal = async (look: Promise<ImageLook>) =>
    normalisedLook((await look).pixels) ?? assert.fail('the look is empty');
  const lookAt = (picture: Sharp) => normal(rasterOf(picture).then(lookOf));

  it('are the same for other sizes and colors of a picture, and differ for another picture', async () => {
    const original = await lookAt(drawing(shape));
    assert.ok(pictureCorrelation(original, await lookAt(drawing(shape, 31))) > 0.98);
    assert.ok(pictureCorrelation(original, await lookAt(drawing(shape.replace('#333', '#353')))) > 0.98);
    const other = await lookAt(drawing(`${onWhite}<path d="M10 90L50 10L90 90z"/>`));
    assert.ok(pictureCorrelation(original, other) < 0.8);
  });

  it('show that a picture is a part of another', async () => {
    const original = await lookAt(drawing(shape, 200));
    const large = drawing(shape, 200);
    const part = await lookAt(
      sharp(await large.png().toBuffer()).extract({ left: 24, top: 0, width: 176, height: 176 }),
    );
    assert.ok(cropCorrelation(original, part) > 0.97);
    assert.ok(cropCorrelation(original, part) > pictureCorrelation(original, part) + 0.05);
  });

  it('of flat pictures are equal only if their brightness is', async () => {
    const flat = (colour: string) => lookAt(drawing(`<rect width="100" height="100" fill="${colour}"/>`));
    const grey = await flat('#777');
    assert.equal(pictureCorrelation(grey, await flat('#787878')), 1);
    assert.equal(pictureCorrelation(grey, await flat('#bbb')), 0);
  });
});
