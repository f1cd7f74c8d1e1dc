import type { ImageInput } from '../base/manifest.ts';

/** How an image comes to lie in the encoder's square. */
export interface Fit {
  /** Pixels of the whole image after resizing. */
  readonly width: number;
  readonly height: number;
  /** Where the square begins within the resized image; below zero where it begins with a bar beside the image. */
  readonly left: number;
  readonly top: number;
}

/**
 * `shortest`: as torchvision's Resize and CenterCrop, which the paper's own code uses. `longest`: as open_clip's
 * ResizeMaxSize, which rounds the shorter side and sets the image in the middle. `squash`: both sides to the square's.
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

/** The square in the middle of an image that is resized already. */
export function centred(width: number, height: number, size: number): Fit {
  return { width, height, left: offset(width, size), top: offset(height, size) };
}

/** Crops begin at the rounded half, as in torchvision; bars at half of the space, the larger one behind. */
function offset(length: number, size: number): number {
  return length >= size ? roundHalfToEven((length - size) / 2) : -Math.floor((size - length) / 2);
}

/** Python's round(). */
function roundHalfToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
