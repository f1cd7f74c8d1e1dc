import { UserError } from '../../base/userError.ts';
import { pathOfUri } from '../../workspace/folders/pathOfUri.ts';
import { uriOfImage } from '../../workspace/folders/targets.ts';
import type { Services } from '../../workspace/services.ts';
import type { Picture, PictureBackground } from '../protocol.ts';
import type { KnownImage } from './galleryData.ts';

export interface PictureOptions {
  /** Most pixels a side. */
  readonly side: number;
  readonly background: PictureBackground;
  /** Most encoded bytes. */
  readonly bytes: number;
}

/**
 * A picture of an image for the page, also of formats that browsers do not support. The inference process caches it.
 */
export async function pictureOf(
  { inference }: Services,
  image: KnownImage,
  { side, background, bytes }: PictureOptions,
  signal: AbortSignal,
): Promise<Picture> {
  // With the hash of the index, a cached picture is returned without reading the file.
  const folder = image.folder.uri.fsPath;
  const source = { kind: 'file', path: pathOfUri(uriOfImage(image)), folder, hash: image.image.hash } as const;
  try {
    const box = { width: side, height: side, background, bytes };
    const picture = await (await inference()).thumbnail(source, box, signal);
    // The editor sends a plain array of bytes as it is, and a Buffer as JSON.
    return { bytes: new Uint8Array(picture.bytes), reason: '', width: picture.width, height: picture.height };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { bytes: null, reason: error.message, width: 0, height: 0 };
  }
}
