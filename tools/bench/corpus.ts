import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { randomSource } from '../shared/random.ts';
import { assembleSample } from '../shared/sampleWorkspace.ts';

const VGA = { width: 640, height: 480 };
const FULL_HD = { width: 1920, height: 1080 };
const ICON_SIZES = [64, 128, 256, 512];

export interface Corpus {
  /** JPEG files of 640×480 and 1920×1080 pixels, two to one. */
  readonly photos: readonly string[];
  /** SVG icons, as in the folder of an icon theme. */
  readonly icons: readonly string[];
  /** All images: two of three are SVG and PNG icons, of which the PNG files have 64 to 512 pixels per side. */
  readonly mixed: readonly string[];
  /** The folder with all images. */
  readonly folder: string;
}

export interface CorpusSize {
  /** The name of its folder. */
  readonly name: string;
  readonly photos: number;
  readonly pngIcons: number;
}

/** Writes the images of the benchmark, the same ones each time: photo-like noise, and icons of open sets. */
export async function writeCorpus(folder: string, counts: CorpusSize): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  const { names } = await assembleSample(path.join(folder, 'icons'));
  const drawings = [...names.keys()].filter((name) => name.endsWith('.svg'));
  await mkdir(path.join(folder, 'png'));
  await mkdir(path.join(folder, 'photos'));

  for (let i = 0; i < counts.pngIcons; i++) {
    const drawing = path.join(folder, 'icons', drawings[Math.floor((i * drawings.length) / counts.pngIcons)] ?? '');
    const size = ICON_SIZES[i % ICON_SIZES.length] ?? 64;
    const file = path.join(folder, 'png', `${String(i).padStart(4, '0')}.png`);
    await sharp(drawing, { density: (72 * size) / 16 })
      .resize(size, size)
      .png()
      .toFile(file);
  }
  for (let i = 0; i < counts.photos; i++) {
    const file = path.join(folder, 'photos', `${String(i).padStart(4, '0')}.jpg`);
    await writeFile(file, await photo(i, i % 3 === 2 ? FULL_HD : VGA));
  }
}

/** Octaves of smooth random colours, each finer and fainter: an image that compresses and decodes like a photograph. */
async function photo(seed: number, size: { readonly width: number; readonly height: number }): Promise<Buffer> {
  const random = randomSource(seed);
  const octaves = [4, 16, 64, 256];
  let image: Sharp | undefined;
  for (const [index, cells] of octaves.entries()) {
    const height = Math.round((cells * size.height) / size.width);
    const raw = Buffer.from(Uint8Array.from({ length: cells * height * 3 }, () => random() * 256));
    const layer = sharp(raw, { raw: { width: cells, height, channels: 3 } }).resize(size.width, size.height, {
      fit: 'fill',
      kernel: 'cubic',
    });
    if (!image) {
      image = layer;
      continue;
    }
    const input = await layer
      .ensureAlpha(0.5 / index)
      .png({ compressionLevel: 0 })
      .toBuffer();
    image = sharp(await image.composite([{ input }]).png({ compressionLevel: 0 }).toBuffer());
  }
  if (!image) throw new Error('There are no octaves.');
  return image.removeAlpha().jpeg({ quality: 85 }).toBuffer();
}

/** Two lists merged into one, evenly mixed. */
function interlaced(a: readonly string[], b: readonly string[]): string[] {
  const positioned = (list: readonly string[]) => list.map((file, i) => ({ file, position: (i + 0.5) / list.length }));
  return [...positioned(a), ...positioned(b)].sort((x, y) => x.position - y.position).map(({ file }) => file);
}

/** Opens the corpus in `folder`. @returns undefined where there is none of this size */
export async function openCorpus(folder: string, counts: CorpusSize): Promise<Corpus | undefined> {
  const list = async (name: string) => {
    const entries = await readdir(path.join(folder, name), { recursive: true }).catch(() => []);
    return entries
      .filter((entry) => /\.\w+$/.test(entry))
      .sort()
      .map((entry) => path.join(folder, name, entry));
  };
  const [photos, sample, pngIcons] = [await list('photos'), await list('icons'), await list('png')];
  if (photos.length !== counts.photos || pngIcons.length !== counts.pngIcons) return undefined;
  const icons = sample.filter((file) => file.endsWith('.svg'));
  return { photos, icons, mixed: interlaced(interlaced(sample, pngIcons), photos), folder };
}
