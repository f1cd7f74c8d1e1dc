import sharp, { type Sharp } from 'sharp';
import { readIconSet, svgOf } from '../shared/iconSets.ts';
import { randomSource } from '../shared/random.ts';

/** A picture of the set of copies. Pictures with the same original are copies of each other. */
export interface CopyPicture {
  readonly original: string;
  readonly change: 'none' | 'resized' | 'recompressed' | 'recoloured' | 'cropped';
  readonly bytes: Uint8Array;
}

const SETS = ['openmoji', 'flat-color-icons', 'streamline-kameleon-color', 'bi'];
const SIDE = 256;

/** Draws every n-th icon of four sets on white, each with four changed copies. */
export async function iconCopies(perSet: number): Promise<CopyPicture[]> {
  const pictures: CopyPicture[] = [];
  for (const name of SETS) {
    const set = await readIconSet(name);
    const ids = Object.keys(set.icons).filter((id) => !/skin-tone|^flag-/.test(id));
    for (let i = 0; i < perSet; i++) {
      const id = ids[Math.floor((i * ids.length) / perSet)] ?? '';
      const base = await sharp(Buffer.from(svgOf(set, id)), { density: 300 })
        .resize(SIDE, SIDE, { fit: 'contain', background: '#ffffff' })
        .flatten({ background: '#ffffff' })
        .png()
        .toBuffer();
      pictures.push(...(await copiesOf(`${name}/${id}`, base)));
    }
  }
  return pictures;
}

async function copiesOf(original: string, base: Uint8Array): Promise<CopyPicture[]> {
  const kept = Math.round(SIDE * 0.88);
  const changes: Record<CopyPicture['change'], Sharp> = {
    none: sharp(base).png(),
    resized: sharp(base).resize(72, 72).png(),
    recompressed: sharp(base).jpeg({ quality: 40 }),
    recoloured: sharp(base).modulate({ hue: 120, saturation: 1.2 }).png(),
    cropped: sharp(base)
      .extract({ left: SIDE - kept, top: 0, width: kept, height: kept })
      .png(),
  };
  return Promise.all(
    Object.entries(changes).map(async ([change, picture]) => {
      return { original, change: change as CopyPicture['change'], bytes: await picture.toBuffer() };
    }),
  );
}

/** Draws screenshots of one application: the same frame, with other menus, texts and dialogs in each. */
export async function syntheticScreenshots(count: number): Promise<CopyPicture[]> {
  const random = randomSource(7);
  const between = (from: number, to: number): number => Math.round(from + random() * (to - from));
  const pictures: CopyPicture[] = [];
  for (let i = 0; i < count; i++) {
    const lines = Array.from({ length: between(8, 22) }, (_, line) => {
      return `<rect x='${between(2, 5) * 40}' y='${70 + line * 22}' width='${between(60, 500)}' height='8' fill='#555'/>`;
    });
    const entries = Array.from({ length: between(3, 12) }, (_, entry) => {
      return `<rect x='20' y='${70 + entry * 30}' width='${between(30, 110)}' height='10' fill='#888'/>`;
    });
    const [x, y] = [between(160, 520), between(60, 380)];
    const menu = `<rect x='${x}' y='${y}' width='${between(120, 260)}' height='${between(80, 200)}' fill='#fff' stroke='#999'/>`;
    const frame = `<rect width='800' height='600' fill='#f3f3f3'/><rect width='800' height='40' fill='#2b579a'/><rect y='40' width='140' height='560' fill='#e1e1e1'/>`;
    const svg = `<svg xmlns='http://www.w3.org/2000/svg' width='800' height='600'>${frame}${entries.join('')}${lines.join('')}${random() < 0.6 ? menu : ''}</svg>`;
    pictures.push({
      original: `screenshot ${i}`,
      change: 'none',
      bytes: await sharp(Buffer.from(svg)).png().toBuffer(),
    });
  }
  return pictures;
}
