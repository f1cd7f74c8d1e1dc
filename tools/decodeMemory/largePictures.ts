import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sharp, type Sharp } from '../../src/clip/images/sharp.ts';

type Picture = () => Sharp | string | Promise<Sharp | string>;

/** Pictures that need much memory to decode, by name. The sides are near the limits of pixels and memory. */
const PICTURES: Readonly<Record<string, Picture>> = {
  'rows.png': () => square(10_000).png({ compressionLevel: 1 }),
  '16 bits.png': () => square(10_000).ensureAlpha().toColourspace('rgb16').png({ compressionLevel: 1 }),
  'interlaced.png': () => square(8000).png({ progressive: true, compressionLevel: 1 }),
  'interlaced 16 bits.png': () => square(4500).toColourspace('rgb16').png({ progressive: true, compressionLevel: 1 }),
  'baseline.jpg': () => square(10_000).jpeg(),
  'progressive.jpg': () => square(8500).jpeg({ progressive: true }),
  'progressive 444.jpg': () => square(6000).jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
  'lossy.webp': () => square(10_000).webp({ effort: 0 }),
  'lossy alpha.webp': () => square(10_000).ensureAlpha(0.5).webp({ effort: 0 }),
  'lossless.webp': () => square(7500).webp({ lossless: true, effort: 0 }),
  'animated.webp': async () => (await animation(2500)).webp({ effort: 0 }),
  'strips.tif': () => square(10_000).tiff({ compression: 'deflate' }),
  'tiles.tif': () => square(10_000).tiff({ compression: 'deflate', tile: true }),
  '420.avif': () => square(3800).avif({ effort: 0, chromaSubsampling: '4:2:0' }),
  '444.avif': () => square(3500).avif({ effort: 0, chromaSubsampling: '4:4:4' }),
  'still.gif': () => square(7000).gif({ effort: 1, colours: 8 }),
  'animated.gif': async () => (await animation(2500)).gif({ effort: 1, colours: 8 }),
  'huge.svg': () => svg(30_000, `<circle r="9999" fill="${COLOUR}"/>`),
  'many elements.svg': () => svg(500, `<rect width="9" height="9" fill="${COLOUR}"/>`.repeat(50_000)),
  'embedded.svg': async () => {
    const png = await square(4500).png({ compressionLevel: 1 }).toBuffer();
    return svg(500, `<image width="500" height="500" href="data:image/png;base64,${png.toString('base64')}"/>`);
  },
};
const COLOUR = 'hsl(90 80% 40%)';
const COPIES = 3;
const FRAMES = 8;

/**
 * Writes each picture several times. The copies have equal pixels and different bytes, so that each picture is encoded
 * only once: decoders ignore bytes at the end.
 */
export async function writeLargePictures(folder: string): Promise<void> {
  for (const [name, picture] of Object.entries(PICTURES)) {
    const made = await picture();
    const file = typeof made === 'string' ? Buffer.from(made) : await made.toBuffer();
    for (let copy = 0; copy < COPIES; copy++) {
      await writeFile(path.join(folder, `${copy} ${name}`), Buffer.concat([file, Buffer.from('\n'.repeat(copy))]));
    }
    process.stderr.write(`wrote ${name}\n`);
  }
}

/** A picture of coloured squares with this many pixels a side. */
function square(side: number): Sharp {
  return tiles(8, 8).resize(side, side, { kernel: 'nearest' });
}

/** An animation of a few frames. */
async function animation(side: number): Promise<Sharp> {
  const [width, height] = [side, side * FRAMES];
  const raw = tiles(8, 8 * FRAMES)
    .resize(width, height, { kernel: 'nearest', fit: 'fill' })
    .raw();
  return sharp(await raw.toBuffer(), { raw: { width, height, channels: 3, pageHeight: side } });
}

function tiles(width: number, height: number): Sharp {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 37 + (i >> 4) * 11) % 256);
  return sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
}

function svg(side: number, content: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}">${content}</svg>`;
}
