import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

const CHUNK = 256 * 1024;

/**
 * Computes the SHA-256 of a file in hexadecimal. It reads chunks; hashing one takes this thread well under a
 * millisecond.
 * @throws the error of the file system; an error if it is a pipe, a socket or a device; the signal's reason if it aborts
 */
export async function hashFile(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  // The file may have become a pipe since the scan: without O_NONBLOCK, opening it waits for ever.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    // Most assets are far smaller than a chunk, and allocating a chunk for each costs more than reading it.
    const state = await handle.stat();
    if (!state.isFile()) throw new Error('it is not a regular file');
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, state.size + 1));
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
