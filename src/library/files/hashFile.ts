import { createHash } from 'node:crypto';
import { openRegularFile, readOpenedFile } from '../../base/regularFile.ts';

const CHUNK = 256 * 1024;

export interface HashedContent {
  /** SHA-256 in hexadecimal. */
  readonly hash: string;
  /** The bytes of a small file. */
  readonly bytes?: Uint8Array;
}

/**
 * Computes the SHA-256 of a file. It reads chunks; hashing one takes this thread well under a millisecond.
 * @param small most bytes of a file whose bytes are returned, too
 * @throws RefusedFile where it is not a regular file; the error of the file system; the signal's reason if it aborts
 */
export async function hashFile(file: string, small: number, signal?: AbortSignal): Promise<HashedContent> {
  const opened = await openRegularFile(file);
  const { handle, size } = opened;
  try {
    signal?.throwIfAborted();
    const hash = createHash('sha256');
    if (size <= small) {
      const bytes = await readOpenedFile(opened);
      const digest = hash.update(bytes).digest('hex');
      return bytes.length <= small ? { hash: digest, bytes } : { hash: digest }; // it grew
    }
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return { hash: hash.digest('hex') };
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}
