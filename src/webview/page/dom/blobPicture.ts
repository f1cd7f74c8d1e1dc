import type { Picture } from '../../protocol.ts';

/** A picture that an <img> can show, or the reason why there is none. */
export type BlobPicture =
  | { readonly url: string; readonly width: number; readonly height: number }
  | { readonly url: null; readonly reason: string };

/** Creates a blob URL for a picture of the panel. Call `releasePicture` when it is no longer shown. */
export function blobPicture({ bytes, reason, width, height }: Picture): BlobPicture {
  if (!bytes) return { url: null, reason };
  return { url: URL.createObjectURL(pictureBlob(bytes)), width, height };
}

export function releasePicture(picture: BlobPicture | undefined): void {
  if (picture?.url) URL.revokeObjectURL(picture.url);
}

export function pictureBlob(bytes: Uint8Array): Blob {
  // A copy, because a blob cannot be made of shared memory.
  return new Blob([new Uint8Array(bytes)], { type: 'image/webp' });
}
