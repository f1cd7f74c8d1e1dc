import { HumanError } from '../../humanError.ts';
import type { Services } from '../../workspace/services.ts';
import { uriOfImage } from '../../workspace/targets.ts';
import type { Picture } from '../protocol.ts';
import type { KnownImage } from './galleryData.ts';

/** Encoded bytes of a tile and of the picture in the detail pane. */
const TILE_BYTES = 64 * 1024;
const PICTURE_BYTES = 2 * 1024 * 1024;

/** A tile's picture, from the cache of the inference process where it was made before. */
export function tilePicture(
  services: Services,
  image: KnownImage,
  side: number,
  signal: AbortSignal,
): Promise<Picture> {
  return picture(services, image, side, TILE_BYTES, signal);
}

/** A large picture, also of formats that a browser cannot show. */
export function pictureOf(services: Services, image: KnownImage, side: number, signal: AbortSignal): Promise<Picture> {
  return picture(services, image, side, PICTURE_BYTES, signal);
}

async function picture(
  { inference }: Services,
  image: KnownImage,
  side: number,
  mostBytes: number,
  signal: AbortSignal,
): Promise<Picture> {
  // By the hash of the index: a picture that was made before is shown without reading the file.
  const source = { kind: 'file', path: uriOfImage(image).fsPath, hash: image.one.image.hash } as const;
  try {
    const running = await inference();
    const box = { width: side, height: side, ground: 'any', bytes: mostBytes } as const;
    const made = await running.thumbnail(source, box, signal);
    // A plain array of bytes: the editor hands those over whole, and writes Node's Buffers out in words.
    return { bytes: new Uint8Array(made.bytes), reason: '', width: made.width, height: made.height };
  } catch (error) {
    if (!(error instanceof HumanError)) throw error;
    return { bytes: null, reason: error.message, width: 0, height: 0 };
  }
}
