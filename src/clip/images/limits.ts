import { availableParallelism } from 'node:os';
import { sizesApart } from '../../base/format.ts';
import { UserError } from '../../base/userError.ts';

export interface DecodeLimits {
  /** Maximum pixels of an image. Drawings have no pixels until they are drawn. */
  readonly pixels: number;
  /** Maximum encoded bytes. */
  readonly bytes: number;
  /** Maximum bytes that encoded files and decoders may use at a time, in the whole process. */
  readonly memory: number;
  /** Maximum time to decode one image. */
  readonly milliseconds: number;
}

/**
 * A format that AssetLens decodes itself, as a whole image on the JavaScript thread, may have this part of the maximum
 * pixels.
 */
const RASTER_PART = 0.25;

export const DECODE_LIMITS: DecodeLimits = {
  pixels: 100_000_000,
  bytes: 64_000_000,
  memory: 250_000_000,
  milliseconds: 10_000,
};

/** Number of images that a process on this machine decodes at a time, if they are small. */
export function defaultDecodeThreads(): number {
  return Math.max(4, 2 * availableParallelism()) - 1;
}

/** @throws UserError where a file has more bytes than the limit */
export function checkBytes(bytes: number, limits: DecodeLimits): void {
  if (bytes <= limits.bytes) return;
  const [size, limit] = sizesApart(bytes, limits.bytes);
  throw new UserError(`${size} exceeds the limit of ${limit}`);
}

/** @throws UserError where an image has more pixels than the limit */
export function checkPixels(width: number, height: number, { pixels }: DecodeLimits): void {
  if (width * height > pixels) throw tooManyPixels(width, height, `${pixels / 1e6} million`);
}

/**
 * @param format name of the format
 * @throws UserError where an image of a format that AssetLens decodes itself has more pixels than the limit
 */
export function checkRasterPixels(width: number, height: number, format: string, limits: DecodeLimits): void {
  checkPixels(width, height, limits);
  const rasterPixels = limits.pixels * RASTER_PART;
  if (width * height > rasterPixels) throw tooManyPixels(width, height, `${rasterPixels / 1e6} million for ${format}`);
}

function tooManyPixels(width: number, height: number, limit: string): UserError {
  return new UserError(`${width} × ${height} pixels exceed the limit of ${limit}`);
}
