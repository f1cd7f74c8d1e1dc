import { framesToCompare, frameThatShowsMost } from '../frames.ts';
import { composeAseprite } from './aseprite/compose.ts';
import { asepriteSize, isAseprite, readAseprite, type AsepriteFile } from './aseprite/asepriteFile.ts';
import type { ImageFormat } from './imageFormat.ts';

/** Pixels of the compared frames together. */
const PIXELS = 4_000_000;

export const aseprite: ImageFormat = {
  id: 'aseprite',
  name: 'Aseprite',
  extensions: ['aseprite', 'ase'],
  sniff: isAseprite,
  open(file) {
    const { width, height } = asepriteSize(file);
    const sprite = readAseprite(file);
    const frame = chooseFrame(sprite);
    const { bits, frames } = sprite;
    const details = { alpha: true, palette: bits === 8, bits: 8, frames: frames.length, shownFrame: frame + 1 };
    return { kind: 'raster', width, height, details, decode: () => composeAseprite(sprite, frame) };
  },
  // The reader detects it itself.
  isTruncated: () => false,
};

function chooseFrame(sprite: AsepriteFile): number {
  const compared = framesToCompare(sprite.frames.length);
  if (compared.length < 2 || compared.length * sprite.width * sprite.height > PIXELS) return 0;
  return compared[frameThatShowsMost(compared.map((frame) => composeAseprite(sprite, frame).data))] ?? 0;
}
