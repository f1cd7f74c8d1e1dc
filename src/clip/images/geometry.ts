import type { ImageInput } from '../base/manifest.ts';

/** The position of an image in the square of the encoder. */
export interface Fit {
  /** Pixels of the whole image after resizing. */
  readonly width: number;
  readonly height: number;
  /** Offset of the square within the resized image; negative where a bar precedes the image. */
  readonly left: number;
  readonly top: number;
}

/**
 * Computes the position of an image in the square. `shortest`: as Resize and CenterCrop of torchvision, which the code
 * of the paper uses. `longest`: as ResizeMaxSize of open_clip, which rounds the shorter side and centres the image.
 * `squash`: both sides become as long as the square.
 */
export function fitImage(width: number, height: number, { size, resize }: Pick<ImageInput, 'size' | 'resize'>): Fit {
  if (resize === 'squash') return { width: size, height: size, left: 0, top: 0 };
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  const resized =
    resize === 'shortest'
      ? { short: size, long: Math.floor((size * long) / short) }
      : { short: Math.max(1, roundHalfToEven((size / long) * short)), long: size };
  const fitted =
    width <= height ? { width: resized.short, height: resized.long } : { width: resized.long, height: resized.short };
  return centred(fitted.width, fitted.height, size);
}

/** The position of a resized image that is centred in the square. */
export function centred(width: number, height: number, size: number): Fit {
  return { width, height, left: offset(width, size), top: offset(height, size) };
}

/** A crop begins at the rounded half, as in torchvision. Of two bars, the larger one follows the image. */
function offset(length: number, size: number): number {
  return length >= size ? roundHalfToEven((length - size) / 2) : -Math.floor((size - length) / 2);
}

/** Rounds as Python's round() does. */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
