import { UserError } from '../../base/userError.ts';

export interface DecodeLimits {
  /** Most pixels of an image; a drawing has none until it is drawn. */
  readonly pixels: number;
  /** Most pixels of a Windows bitmap (BMP, or within an ICO): it is decoded as a whole, and on the thread of JavaScript. */
  readonly bitmapPixels: number;
  /** Most encoded bytes. */
  readonly bytes: number;
  /** Longest that sharp works at an image. */
  readonly milliseconds: number;
}

export const DECODE_LIMITS: DecodeLimits = {
  pixels: 100_000_000,
  bitmapPixels: 25_000_000,
  bytes: 64 * 2 ** 20,
  milliseconds: 10_000,
};

/** @throws UserError where a file has more bytes than are read */
export function checkBytes(bytes: number, limits: DecodeLimits): void {
  if (bytes > limits.bytes) throw new UserError(`${megabytes(bytes)} is over the limit of ${megabytes(limits.bytes)}`);
}

/** @throws UserError where an image has more pixels than are decoded */
export function checkPixels(width: number, height: number, { pixels }: DecodeLimits): void {
  if (width * height > pixels) throw tooManyPixels(width, height, `${pixels / 1e6} million`);
}

/** @throws UserError where a bitmap has more pixels than are decoded */
export function checkBitmapPixels(width: number, height: number, limits: DecodeLimits): void {
  checkPixels(width, height, limits);
  const { bitmapPixels } = limits;
  if (width * height > bitmapPixels) throw tooManyPixels(width, height, `${bitmapPixels / 1e6} million for bitmaps`);
}

function tooManyPixels(width: number, height: number, limit: string): UserError {
  return new UserError(`${width} × ${height} pixels is over the limit of ${limit}`);
}

function megabytes(bytes: number): string {
  return `${Math.round((bytes / 2 ** 20) * 10) / 10} MB`;
}
