import { openRegularFile } from '../../base/regularFile.ts';
import { UserError } from '../../base/userError.ts';
import type { StoredTensor } from './safetensors.ts';

/**
 * The bytes of a tensor in a separate buffer, so that they are aligned for every element type.
 * @throws UserError where the file changed since its header was read
 */
export async function readBytes({ name, file, offset, byteLength }: StoredTensor): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(byteLength);
  const { handle } = await openRegularFile(file);
  try {
    for (let filled = 0; filled < byteLength;) {
      const { bytesRead } = await handle.read(bytes, filled, byteLength - filled, offset + filled);
      if (bytesRead === 0)
        throw new UserError(
          `${file} was truncated while tensor "${name}" was read. Another program may have changed the file. Try again.`,
        );
      filled += bytesRead;
    }
  } finally {
    await handle.close();
  }
  return bytes.buffer;
}
