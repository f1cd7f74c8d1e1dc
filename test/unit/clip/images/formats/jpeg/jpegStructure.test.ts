import assert from 'node:assert/strict';
import { readJpeg } from '../../../../../../src/clip/images/formats/jpeg/jpegStructure.ts';
import { sharp } from '../../../../../../src/clip/images/sharp.ts';

function segment(marker: number, content: readonly number[]): number[] {
  return [0xff, marker, 0, content.length + 2, ...content];
}

/** The markers of a baseline JPEG whose scans have these components. The first one has four times the samples. */
function jpegOf(scans: readonly (readonly number[])[]): Buffer {
  const frame = segment(0xc0, [8, 0, 16, 0, 16, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]);
  const parts = scans.map((ids) => [
    ...segment(0xda, [ids.length, ...ids.flatMap((id) => [id, 0]), 0, 63, 0]),
    ...[1, 2, 3, 0xff, 0, 0xff, 0xd0, 4],
  ]);
  return Buffer.from([0xff, 0xd8, ...frame, ...parts.flat(), 0xff, 0xd9]);
}

describe('The structure of a JPEG', () => {
  it('tells the coefficients of each pixel that are held until the last scan', async () => {
    const image = sharp({ create: { width: 16, height: 16, channels: 3, background: 'red' } });
    const held = async (options: object): Promise<number> =>
      readJpeg(await image.clone().jpeg(options).toBuffer()).heldCoefficients;
    assert.equal(await held({}), 0);
    assert.equal(await held({ progressive: true }), 1.5);
    assert.equal(await held({ progressive: true, chromaSubsampling: '4:4:4' }), 3);
    assert.equal(readJpeg(jpegOf([[1, 2, 3]])).heldCoefficients, 0);
    assert.equal(readJpeg(jpegOf([[1], [2, 3]])).heldCoefficients, 1.5, 'a baseline JPEG can have several scans, too');
  });

  it('tells whether scans are missing', () => {
    const whole = jpegOf([[1], [2], [3]]);
    assert.equal(readJpeg(whole).end, 'marked');
    assert.equal(readJpeg(whole.subarray(0, -2)).end, 'unmarked');
    assert.equal(readJpeg(jpegOf([[1], [2]]).subarray(0, -2)).end, 'missing');
    for (let end = 3; end < whole.length - 12; end++)
      assert.equal(readJpeg(whole.subarray(0, end)).end, 'missing', String(end));
  });
});
