import { framesToCompare, frameThatShowsMost } from '../frames.ts';
import { composeAseprite, mostCelBytes } from './aseprite/compose.ts';
import { asepriteSize, isAseprite, readAseprite, type AsepriteFile } from './aseprite/asepriteFile.ts';
import type { Raster } from '../raster.ts';
import type { ImageFormat } from './imageFormat.ts';

/** Pixels of the compared frames together. */
const PIXELS = 4_000_000;
/** Bytes to unpack a cel of the compared frames. */
const CEL_BYTES = 32_000_000;

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
    const decode = (): Raster => composeAseprite(sprite, frame);
    return { kind: 'raster', width, height, details, wholeBytes: mostCelBytes(sprite, [frame]), decode };
  },
  // The reader detects it itself.
  isTruncated: () => false,
};

function chooseFrame(sprite: AsepriteFile): number {
  const compared = framesToCompare(sprite.frames.length);
  if (compared.length < 2 || compared.length * sprite.width * sprite.height > PIXELS) return 0;
  if (mostCelBytes(sprite, compared) > CEL_BYTES) return 0;
  return compared[frameThatShowsMost(compared.map((frame) => composeAseprite(sprite, frame).data))] ?? 0;
}
