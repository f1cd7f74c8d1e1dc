import { UserError } from '../../base/userError.ts';
import type { Services } from '../../workspace/services.ts';
import { uriOfImage } from '../../workspace/folders/targets.ts';
import type { PageRequest, Picture } from '../protocol.ts';
import type { KnownImage } from './galleryData.ts';

/** Most encoded bytes of a tile, and of the picture in the detail pane. */
const MOST_BYTES = { thumbnail: 64 * 1024, picture: 2 * 1024 * 1024 } as const;

/** An image for the page, also of formats that a browser cannot show; from the cache of the inference process where it was made before. */
export async function pictureOf(
  { inference }: Services,
  image: KnownImage,
  { kind, side, background }: Extract<PageRequest, { kind: 'thumbnail' | 'picture' }>,
  signal: AbortSignal,
): Promise<Picture> {
  // By the hash of the index: a picture that was made before is shown without reading the file.
  const source = { kind: 'file', path: uriOfImage(image).fsPath, hash: image.image.hash } as const;
  try {
    const running = await inference();
    const box = { width: side, height: side, background, bytes: MOST_BYTES[kind] } as const;
    const made = await running.thumbnail(source, box, signal);
    // A plain array of bytes: the editor hands those over whole, and writes Node's Buffers out in words.
    return { bytes: new Uint8Array(made.bytes), reason: '', width: made.width, height: made.height };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { bytes: null, reason: error.message, width: 0, height: 0 };
  }
}
