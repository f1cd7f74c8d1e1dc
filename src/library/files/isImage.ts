import { openRegularFile } from '../../base/regularFile.ts';
import { formatOf } from '../../clip/index.ts';

/** Bytes that contain the root element of a drawing, also behind a licence. */
const HEAD = 16 * 1024;

/**
 * Tells by its first bytes whether a file is an image of a known format. A file that cannot be read counts as an image,
 * so that the reason is reported when it is decoded.
 */
export async function isImage(file: string): Promise<boolean> {
  try {
    const { handle } = await openRegularFile(file);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD), 0, HEAD, 0);
      return formatOf(buffer.subarray(0, bytesRead), file) !== undefined;
    } finally {
      await handle.close();
    }
  } catch {
    return true;
  }
}
