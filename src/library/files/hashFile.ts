import { createHash } from 'node:crypto';
import { openRegularFile } from '../../base/regularFile.ts';

const CHUNK = 256 * 1024;

/**
 * Computes the SHA-256 of a file in hexadecimal. It reads chunks; hashing one takes this thread well under a
 * millisecond.
 * @throws RefusedFile where it is not a regular file; the error of the file system; the signal's reason if it aborts
 */
export async function hashFile(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const { handle, size } = await openRegularFile(file);
  try {
    // Most assets are far smaller than a chunk, and allocating a chunk for each costs more than reading it.
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, size + 1));
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}
