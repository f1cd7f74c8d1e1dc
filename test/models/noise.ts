import type { ImageSource } from '../../src/clip/index.ts';
import { sharp } from '../../src/clip/images/sharp.ts';
import { randomValues } from '../../tools/shared/random.ts';

/** An image of noise over waves, so that each has an embedding of its own. */
export async function noiseImage(width: number, height: number, seed: number): Promise<ImageSource> {
  const pixels = Uint8Array.from(
    randomValues(width * height * 3, 30, seed),
    (value, at) => 128 + value / 2 + 60 * Math.sin(at / (7 * seed + 2)),
  );
  const image = sharp(pixels, { raw: { width, height, channels: 3 } });
  return { kind: 'bytes', name: `${seed}.png`, bytes: await image.png().toBuffer() };
}
