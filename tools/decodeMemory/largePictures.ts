import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { sharp, type Sharp } from '../../src/clip/images/sharp.ts';

type Picture = (copy: number) => Sharp | string | Promise<Sharp | string>;

/** Pictures that need much memory to decode, by name. The sides are near the limits of pixels and memory. */
const PICTURES: Readonly<Record<string, Picture>> = {
  'rows.png': (copy) => square(10_000, copy).png(),
  '16 bits.png': (copy) => square(10_000, copy).ensureAlpha().toColourspace('rgb16').png(),
  'interlaced.png': (copy) => square(8000, copy).png({ progressive: true }),
  'interlaced 16 bits.png': (copy) => square(4500, copy).toColourspace('rgb16').png({ progressive: true }),
  'baseline.jpg': (copy) => square(10_000, copy).jpeg(),
  'progressive.jpg': (copy) => square(8500, copy).jpeg({ progressive: true }),
  'progressive 444.jpg': (copy) => square(6000, copy).jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
  'lossy.webp': (copy) => square(10_000, copy).webp({ effort: 0 }),
  'lossy alpha.webp': (copy) => square(10_000, copy).ensureAlpha(0.5).webp({ effort: 0 }),
  'lossless.webp': (copy) => square(7500, copy).webp({ lossless: true, effort: 0 }),
  'animated.webp': async (copy) => (await animation(2500, copy)).webp({ effort: 0 }),
  'strips.tif': (copy) => square(10_000, copy).tiff({ compression: 'deflate' }),
  'tiles.tif': (copy) => square(10_000, copy).tiff({ compression: 'deflate', tile: true }),
  '420.avif': (copy) => square(3800, copy).avif({ effort: 0, chromaSubsampling: '4:2:0' }),
  '444.avif': (copy) => square(3500, copy).avif({ effort: 0, chromaSubsampling: '4:4:4' }),
  'still.gif': (copy) => square(7000, copy).gif({ effort: 1, colours: 8 }),
  'animated.gif': async (copy) => (await animation(2500, copy)).gif({ effort: 1, colours: 8 }),
  'huge.svg': (copy) => svg(30_000, `<circle r="9999" fill="${colour(copy)}"/>`),
  'many elements.svg': (copy) => svg(500, `<rect width="9" height="9" fill="${colour(copy)}"/>`.repeat(50_000)),
  'embedded.svg': async (copy) => {
    const png = await square(4500, copy).png().toBuffer();
    return svg(500, `<image width="500" height="500" href="data:image/png;base64,${png.toString('base64')}"/>`);
  },
};
const COPIES = 3;
const FRAMES = 8;

/** Writes each picture several times, in different colours. */
export async function writeLargePictures(folder: string): Promise<void> {
  for (const [name, picture] of Object.entries(PICTURES)) {
    for (let copy = 0; copy < COPIES; copy++) {
      const made = await picture(copy);
      await writeFile(path.join(folder, `${copy} ${name}`), typeof made === 'string' ? made : await made.toBuffer());
    }
    process.stderr.write(`wrote ${name}\n`);
  }
}

/** A picture of coloured squares with this many pixels a side. */
function square(side: number, copy: number): Sharp {
  return tiles(8, 8, copy).resize(side, side, { kernel: 'nearest' });
}

/** An animation of a few frames. */
async function animation(side: number, copy: number): Promise<Sharp> {
  const [width, height] = [side, side * FRAMES];
  const raw = tiles(8, 8 * FRAMES, copy)
    .resize(width, height, { kernel: 'nearest', fit: 'fill' })
    .raw();
  return sharp(await raw.toBuffer(), { raw: { width, height, channels: 3, pageHeight: side } });
}

function tiles(width: number, height: number, copy: number): Sharp {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => (i * 37 + copy * 61 + (i >> 4) * 11) % 256);
  return sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
}

function svg(side: number, content: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}">${content}</svg>`;
}

function colour(copy: number): string {
  return `hsl(${copy * 90} 80% 40%)`;
}
